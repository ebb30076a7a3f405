//! Each of five threads has a buffer and a list of its own: Python's `threading.local()`. They are
//! just variables that the thread makes when it starts, and it returns the list when it ends.
//!
//! Use this for what threads can't share (the compiler says that it "cannot be shared between threads
//! safely") or would wait for: a buffer, a database connection, a generator of random numbers. A
//! `Client` is not one of these. Where you don't start the threads yourself, as in rayon's pool,
//! `std::thread_local!` declares such a variable for each thread that there is.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::{env, sync::Mutex, thread, time::Duration};

fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example thread_local] -- URL...");
    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let queue = Mutex::new(urls.iter());
    let next_url = || queue.lock().unwrap().next();
    let work = || {
        let (mut page, mut results) = (Vec::new(), Vec::new());
        while let Some(url) = next_url() {
            results.push((url, download_site(url, &client, &mut page)));
        }
        results
    };
    let lists: Vec<_> = thread::scope(|pool| {
        let threads: Vec<_> = (0..5).map(|_| pool.spawn(work)).collect();
        let lists = threads.into_iter().map(|thread| thread.join().expect("no thread panics here"));
        lists.collect()
    });

    for (thread, list) in lists.iter().enumerate() {
        for (url, result) in list {
            match result {
                Ok(size) => println!("Read {size} bytes from {url} in thread {thread}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
        }
    }
    ensure!(lists.iter().flatten().all(|(_, result)| result.is_ok()), "not all could be read");
    Ok(())
}

/// Reads a page into the buffer, which is used again for the next one.
fn download_site(url: &str, client: &Client, page: &mut Vec<u8>) -> Result<usize> {
    page.clear();
    // The request's limit is for the whole page. The blocking client's would be for each read: right for
    // large files (see `save_pages`), but a site that sends a byte now and then could take hours.
    let mut response = client.get(url).timeout(Duration::from_secs(10)).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    response.copy_to(page)?;
    Ok(page.len())
}
