//! The same with `thread::spawn`, whose threads may run on when `main` has returned: E0373, the
//! closure may outlive the variable that it borrows. So the borrow would have to last for ever, and
//! be in the way of the next round's (E0499) and of the `assert_eq!` (E0502).
//!
//! Python takes the same program, with the race. The rest it need not fear, because its closure
//! keeps the variable alive.
//!
//! `move`, which the compiler suggests, gives each thread a copy: that compiles, and counts to 0.

use std::thread;

fn main() {
    let mut counter = 0;
    let mut threads = Vec::new();
    for _ in 0..5 {
        threads.push(thread::spawn(|| {
            for _ in 0..100_000 {
                counter += 1;
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(counter, 500_000);
}
