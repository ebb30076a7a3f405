// A global needs no `mut` if threads can change its type safely.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

static COUNTER: AtomicUsize = AtomicUsize::new(0);

fn main() {
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| COUNTER.fetch_add(1, Relaxed));
        }
    });
    assert_eq!(COUNTER.load(Relaxed), 5);
}
