// E0373: a thread that is not scoped may run on when `main` has returned and the variable is gone.
// In Python, the closure keeps it alive. (With `move`, as the compiler suggests, the thread changes
// a copy of its own, and `counter` stays 0.)
use std::thread;

fn main() {
    let mut counter = 0;
    let thread = thread::spawn(|| counter += 1);
    thread.join().unwrap();
    assert_eq!(counter, 1);
}
