// `RefCell` lends its value without a lock, so two threads could hold it at once.
use std::cell::RefCell;
use std::thread;

fn main() {
    let session = RefCell::new(0);
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| *session.borrow_mut() += 1);
        }
    });
    assert_eq!(session.into_inner(), 5);
}
