//! An object that several hold and all may change, as objects in Python are: E0277, an
//! `Rc<Cell<u64>>` cannot be sent between threads.
//!
//! Python takes the same program (`cell.value += 1`, on one object in five threads), with the race.
//! Its reference counts are safe there, but in Rust `Rc` counts by load and store: with two threads
//! it could lose count of its holders and free the cell while one still uses it.

use std::cell::Cell;
use std::rc::Rc;
use std::thread;

fn main() {
    let counter = Rc::new(Cell::new(0_u64));
    let mut threads = Vec::new();
    for _ in 0..5 {
        let counter = Rc::clone(&counter);
        threads.push(thread::spawn(move || {
            for _ in 0..100_000 {
                counter.set(counter.get() + 1);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(counter.get(), 500_000);
}
