// E0133: using a variable that any thread can change at any time is `unsafe`. This is the article's
// program.
use std::thread;

static mut COUNTER: usize = 0;

fn main() {
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| COUNTER += 1);
        }
    });
    let counter = COUNTER;
    assert_eq!(counter, 5);
}
