//! Each of five threads has a session of its own, as with the article's `threading.local()`: a value
//! that it makes when it starts.
//!
//! A `Client` does not need this, since threads may share it (`threads_in_order`). Take it for what
//! they may not share, such as a `Cell`, which counts without a lock: the compiler says that it
//! "cannot be shared between threads safely".
//!
//! ```text
//! cargo add anyhow
//! cargo add reqwest --no-default-features --features blocking,rustls-no-provider
//! cargo add rustls --no-default-features --features ring,std,tls12
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::cell::Cell;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// What a thread keeps for itself: a client, and how many sites it has read.
type Session = (Client, Cell<usize>);

fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }
    // With reqwest's default features you need neither these two lines nor rustls.
    let ring = rustls::crypto::ring::default_provider();
    ring.install_default().ok();

    let queue = Mutex::new(urls.iter());
    let next_url = || queue.lock().expect("no thread panics here").next();
    let work = || {
        let session = Session::default();
        while let Some(url) = next_url() {
            match download_site(url, &session) {
                Ok(size) => println!("Read {size} bytes from {url}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
        }
        session.1.get()
    };
    let read = thread::scope(|pool| {
        let threads = [(); 5].map(|()| pool.spawn(work));
        threads.map(|thread| thread.join().expect("no thread panics here"))
    });
    println!("The threads have read {read:?} sites");
    ensure!(
        read.iter().sum::<usize>() == urls.len(),
        "not all could be read"
    );
    Ok(())
}

fn download_site(url: &str, (client, read): &Session) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send()?.error_for_status()?.bytes()?;
    read.set(read.get() + 1);
    Ok(body.len())
}
