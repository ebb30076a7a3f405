// The threads of a scope can simply borrow, so no `Rc` is needed.
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

fn main() {
    let counter = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| counter.fetch_add(1, Relaxed));
        }
    });
    assert_eq!(counter.into_inner(), 5);
}
