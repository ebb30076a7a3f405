//! Five threads that all borrow one variable to change it: E0499, it is borrowed as mutable more
//! than once at a time.
//!
//! Python takes the same program (`nonlocal counter`). Python 3.9 loses updates in 9 runs of 10, and
//! 3.11 in none, because in such code it changes threads only at a call or when a loop goes round.
//! The race is there all the same: with `counter += int(1)`, 3.11 loses updates in 10 runs of 10.

use std::thread;

fn main() {
    let mut counter = 0;
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                for _ in 0..100_000 {
                    counter += 1;
                }
            });
        }
    });
    assert_eq!(counter, 500_000);
}
