//! A progress bar on the terminal, like Python's `tqdm`. Where stderr is not a terminal, there is no
//! bar, and nothing else changes.
//!
//! ```text
//! cargo add anyhow futures indicatif reqwest
//! cargo add tokio --features macros,rt-multi-thread
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
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
    let bar = ProgressBar::new(urls.len() as u64);
    // Each download owns its URL: then this works in a spawned task too.
    let downloads = stream::iter(urls).map(async |url| {
        let result = download_site(&url, &client).await;
        bar.inc(1);
        // The bar is hidden while a line is printed, and then drawn again. (`bar.println` would
        // lose the line where there is no bar.)
        bar.suspend(|| match &result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        });
        result
    });
    let results: Vec<_> = downloads.buffer_unordered(20).collect().await;
    bar.finish();
    let all_read = results.iter().all(Result::is_ok);
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
