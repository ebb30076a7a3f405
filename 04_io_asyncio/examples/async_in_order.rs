//! Twenty downloads at once, and the results come back in the order of the list, like those of
//! Python's `gather(…, return_exceptions=True)` behind a `Semaphore(20)`. A failed download is a
//! result too, and does not stop the others.
//!
//! If you don't need the order, `buffer_unordered` gives each result as soon as it is ready. To do
//! something with each and keep no list, use `for_each_concurrent`. With those two, a slow first
//! download holds up nothing. Here, nineteen others run meanwhile, but their results wait for the
//! first one.
//!
//! ```text
//! cargo add anyhow futures reqwest
//! cargo add tokio --features macros,rt-multi-thread
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::time::Duration;

#[tokio::main]
async fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    // The list is cloned so that each download owns its URL: then this works in a spawned task too.
    let downloads = stream::iter(urls.clone());
    let downloads = downloads.map(async |url| download_site(&url, &client).await);
    let results: Vec<_> = downloads.buffered(20).collect().await;

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

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
