// `Mutex` lends its value to one thread at a time.
use std::sync::Mutex;
use std::thread;

fn main() {
    let session = Mutex::new(0);
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| *session.lock().unwrap() += 1);
        }
    });
    assert_eq!(session.into_inner().unwrap(), 5);
}
