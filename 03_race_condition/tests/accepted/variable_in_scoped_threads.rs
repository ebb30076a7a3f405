//! A `Mutex` needs no `mut` to be changed, so five threads may borrow it.

use std::sync::Mutex;
use std::thread;

fn main() {
    let counter = Mutex::new(0);
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| {
                for _ in 0..100_000 {
                    *counter.lock().unwrap() += 1;
                }
            });
        }
    });
    assert_eq!(counter.into_inner().unwrap(), 500_000);
}
