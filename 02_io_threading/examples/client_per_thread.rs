//! Each of five threads has a client and a counter of its own: Python's `threading.local()`. They are
//! just variables that the thread makes when it starts.
//!
//! A `Client` does not need this, since threads may share it (`threads_in_order`). Use it for what
//! they can't share: the compiler says that it "cannot be shared between threads safely".
//!
//! ```text
//! cargo add anyhow
//! cargo add reqwest --features blocking
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::{sync::Mutex, thread, time::Duration};

fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }

    let queue = Mutex::new(urls.iter());
    let next_url = || queue.lock().expect("no thread panics here").next();
    let work = || -> Result<usize> {
        let client = Client::builder().user_agent("my_project/0.1").build()?;
        let mut read = 0;
        while let Some(url) = next_url() {
            let result = download_site(url, &client);
            read += usize::from(result.is_ok());
            match result {
                Ok(size) => println!("Read {size} bytes from {url}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
        }
        Ok(read)
    };
    let read: Vec<usize> = thread::scope(|pool| {
        let threads = [(); 5].map(|()| pool.spawn(work));
        let counts = threads.map(|thread| thread.join().expect("no thread panics here"));
        counts.into_iter().collect::<Result<_>>()
    })?;
    println!("Sites read by each thread: {read:?}");
    let all_read = read.iter().sum::<usize>() == urls.len();
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send()?.error_for_status()?.bytes()?;
    Ok(body.len())
}
