// What may not be shared can be made once for each thread, as the article does with its Session.
use std::cell::RefCell;
use std::thread;

/// Counts its downloads, and is not made for more than one thread.
#[derive(Default)]
struct Session {
    downloads: u32,
}

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
}

fn download_site() -> u32 {
    SESSION.with_borrow_mut(|session| {
        session.downloads += 1;
        session.downloads
    })
}

fn main() {
    thread::scope(|pool| {
        for _ in 0..5 {
            // Each thread finds a Session of its own.
            pool.spawn(|| assert_eq!([download_site(), download_site()], [1, 2]));
        }
    });
}
