//! A global variable, as in the article's own program: E0133, use of a mutable static is unsafe and
//! requires an `unsafe` block.
//!
//! Python takes the same program (`global counter`). Python 3.9 loses updates in 19 runs of 20; 3.11
//! and 3.13 in none of 20, by the way they happen to change threads and not by a promise.

use std::thread;

static mut COUNTER: u64 = 0;

fn main() {
    let mut threads = Vec::new();
    for _ in 0..5 {
        threads.push(thread::spawn(|| {
            for _ in 0..100_000 {
                COUNTER += 1;
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    let counter = COUNTER;
    assert_eq!(counter, 500_000);
}
