//! Twenty downloads at once, and the results come back in the order of the list, like those of
//! Python's `gather(…, return_exceptions=True)` behind a `Semaphore(20)`. A failed download is a
//! result too, and does not stop the others.
//!
//! `buffer_unordered` starts a download whenever another is done, and the numbers put the results in
//! order at the end. (`buffered` needs no numbers, but it starts nothing new while the oldest of its
//! twenty goes on: one slow site holds up all. Use it for a list too long to keep.)

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::{env, time::Duration};

#[tokio::main]
async fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example async_in_order] -- URL...");

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let downloads = stream::iter(urls).enumerate().map(async |(number, url)| {
        let result = download_site(&url, &client).await;
        (number, url, result)
    });
    let mut results: Vec<_> = downloads.buffer_unordered(20).collect().await;
    results.sort_by_key(|(number, ..)| *number);

    for (_, url, result) in &results {
        match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    ensure!(results.iter().all(|(.., result)| result.is_ok()), "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
