// An `Arc` keeps the counter alive until its last owner is done with it.
use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let counter = Arc::new(Mutex::new(0));
    let other = Arc::clone(&counter);
    let thread = thread::spawn(move || *other.lock().unwrap() += 1);
    thread.join().unwrap();
    assert_eq!(*counter.lock().unwrap(), 1);
}
