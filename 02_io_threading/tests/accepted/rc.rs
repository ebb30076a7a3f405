// `Arc` counts its owners with atomics.
use std::sync::Arc;
use std::thread;

fn main() {
    let session = Arc::new("a session");
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| assert_eq!(*session, "a session"));
        }
    });
}
