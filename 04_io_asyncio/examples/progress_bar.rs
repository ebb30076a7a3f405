//! A progress bar on the terminal, like Python's `tqdm`. Where stderr is not a terminal, there is no
//! bar, and nothing else changes.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use reqwest::Client;
use std::{env, time::Duration};

#[tokio::main]
async fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example progress_bar] -- URL...");

    let bar = ProgressBar::new(urls.len() as u64);
    bar.tick(); // Draws it now, and not after the first download.
    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let downloads = stream::iter(urls).map(async |url| {
        let result = download_site(&url, &client).await;
        (url, result)
    });
    let mut downloads = downloads.buffer_unordered(20);
    let mut all_read = true;
    while let Some((url, result)) = downloads.next().await {
        bar.inc(1);
        all_read &= result.is_ok();
        // The bar is hidden while a line is printed, and then drawn again. (`bar.println` would
        // lose the line where there is no bar.)
        bar.suspend(|| match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        });
    }
    bar.finish();
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
