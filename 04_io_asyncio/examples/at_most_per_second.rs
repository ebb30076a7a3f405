//! At most five downloads begin in any second, also after slow answers or a pause (of a laptop that was
//! closed, say): Python's `asyncio.sleep` inside an `asyncio.Lock`.
//!
//! Before it begins, each download takes the lock and sleeps for a fifth of a second. The others wait
//! for the lock, so there is at least that time between two. (A `tokio::time::interval` would make up
//! for the ticks that it has missed, all at once.) A redirect is a request too, and is not counted.
//! With threads, use the `Mutex` and the `sleep` of `std`.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::{env, time::Duration};
use tokio::{sync::Mutex, time::sleep};

#[tokio::main]
async fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example at_most_per_second] -- URL...");

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let turn = Mutex::new(());
    let downloads = stream::iter(urls).map(async |url| {
        let my_turn = turn.lock().await;
        sleep(Duration::from_secs(1) / 5).await;
        drop(my_turn);
        let result = download_site(&url, &client).await;
        (url, result)
    });
    let mut downloads = downloads.buffer_unordered(20);
    let mut all_read = true;
    while let Some((url, result)) = downloads.next().await {
        all_read &= result.is_ok();
        match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
