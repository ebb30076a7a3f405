// E0277: an `Rc` counts its owners with plain loads and stores, so two threads could lose count and
// free the value while one still uses it. A `Cell` has the same race as `counter += 1` in Python.
use std::cell::Cell;
use std::rc::Rc;
use std::thread;

fn main() {
    let counter = Rc::new(Cell::new(0));
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| counter.set(counter.get() + 1));
        }
    });
    assert_eq!(counter.get(), 5);
}
