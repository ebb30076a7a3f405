//! A static needs no `mut` if its type can be changed by several threads.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;

static COUNTER: AtomicU64 = AtomicU64::new(0);

fn main() {
    let mut threads = Vec::new();
    for _ in 0..5 {
        threads.push(thread::spawn(|| {
            for _ in 0..100_000 {
                COUNTER.fetch_add(1, Relaxed);
            }
        }));
    }
    for thread in threads {
        thread.join().unwrap();
    }
    assert_eq!(COUNTER.load(Relaxed), 500_000);
}
