//! Five threads download, and the results come back in the order of the list, like those of
//! Python's `ThreadPoolExecutor(5).map`. A failed download is a result too, and does not stop the
//! others.
//!
//! Use this for up to a few hundred downloads at once. For more, or in async code, use
//! `async_in_order`. (A rayon pool with `num_threads(5)` is shorter, but it is made for work that
//! computes, and may leave a thread idle while there are still sites to download.)
//!
//! ```text
//! cargo add anyhow
//! cargo add reqwest --features blocking
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::{collections::BTreeMap, sync::Mutex, thread, time::Duration};

fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let queue = Mutex::new(urls.iter().enumerate());
    let next = || queue.lock().expect("no thread panics").next();
    let results = Mutex::new(BTreeMap::new());
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| {
                while let Some((number, url)) = next() {
                    let result = download_site(url, &client);
                    let mut results = results.lock().expect("no thread panics");
                    results.insert(number, result);
                }
            });
        }
    });
    let results: Vec<Result<usize>> = results.into_inner()?.into_values().collect();

    for (url, result) in urls.iter().zip(&results) {
        match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    let all_read = results.iter().all(Result::is_ok);
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send()?.error_for_status()?.bytes()?;
    Ok(body.len())
}
