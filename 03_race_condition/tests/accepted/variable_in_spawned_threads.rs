//! An `Arc` does what Python's closure does: the counter lives until the last thread is done.

use std::sync::{Arc, Mutex};
use std::thread;

fn main() {
    let counter = Arc::new(Mutex::new(0));
    let mut threads = Vec::new();
    for _ in 0..5 {
        let counter = Arc::clone(&counter);
        threads.push(thread::spawn(move || {
            for _ in 0..100_000 {
                *counter.lock().unwrap() += 1;
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(*counter.lock().unwrap(), 500_000);
}
