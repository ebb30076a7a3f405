// `Rc` counts its owners without a lock, so two threads could lose a count.
use std::rc::Rc;
use std::thread;

fn main() {
    let session = Rc::new("a session");
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| assert_eq!(*session, "a session"));
        }
    });
}
