// E0499: only one thread at a time may borrow a variable to change it. Python takes the same
// program, and whether it loses updates is luck.
use std::thread;

fn main() {
    let mut counter = 0;
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| counter += 1);
        }
    });
    assert_eq!(counter, 5);
}
