//! `Arc` is the `Rc` for threads, and an atomic is their `Cell`. `get` and `set` become one step,
//! `fetch_add`: with a `load` and a `store` this would compile too, and lose updates.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

fn main() {
    let counter = Arc::new(AtomicU64::new(0));
    let mut threads = Vec::new();
    for _ in 0..5 {
        let counter = Arc::clone(&counter);
        threads.push(thread::spawn(move || {
            for _ in 0..100_000 {
                counter.fetch_add(1, Relaxed);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(counter.load(Relaxed), 500_000);
}
