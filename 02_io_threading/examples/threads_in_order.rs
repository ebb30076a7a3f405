//! Five threads download, and the results come back in the order of the list, like those of
//! Python's `ThreadPoolExecutor(5).map`. A failed download is a result too, and does not stop the
//! others. `download_site` may return any error type.
//!
//! Use this for up to a few hundred downloads at once. For more, or in async code, use
//! `async_in_order`. (A rayon pool with `num_threads(5)` is shorter, but it is made for work that
//! computes, and may leave a thread idle while there are still sites to download.)

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::{env, sync::Mutex, thread, time::Duration};

fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example threads_in_order] -- URL...");

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    // A place for each result. A thread takes a URL, and with it the place for its result.
    let mut results: Vec<_> = urls.iter().map(|_| None).collect();
    let queue = Mutex::new(urls.iter().zip(&mut results));
    let next = || queue.lock().unwrap().next();
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| {
                while let Some((url, result)) = next() {
                    *result = Some(download_site(url, &client));
                }
            });
        }
    });

    for (url, result) in urls.iter().zip(results.iter().flatten()) {
        match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    ensure!(results.iter().flatten().all(Result::is_ok), "not all sites could be read");
    Ok(())
}

fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes()?.len())
}
