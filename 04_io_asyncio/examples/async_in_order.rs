//! Twenty downloads at once, and the results come back in the order of the list, like Python's
//! `gather`. A failed download is a result too, and keeps none of the others.
//!
//! If you don't need the order, `buffer_unordered` gives each result as soon as it is there. To do
//! something with each and keep no list, take `for_each_concurrent`. A slow first download holds up
//! neither of those. Here nineteen others go on meanwhile, and then wait to be handed out after it.
//!
//! ```text
//! cargo add anyhow
//! cargo add futures --no-default-features --features alloc
//! cargo add reqwest --no-default-features --features blocking,rustls-no-provider
//! cargo add rustls --no-default-features --features ring,std,tls12
//! cargo add tokio --features macros,rt-multi-thread,signal,sync,time
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
    // With reqwest's default features you need neither these two lines nor rustls.
    let ring = rustls::crypto::ring::default_provider();
    ring.install_default().ok();

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let downloads = stream::iter(&urls).map(|url| download_site(url, &client));
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
