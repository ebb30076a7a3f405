//! A failed download is tried again, up to three times, after a pause that doubles each time and is
//! a bit random (jitter), so that a thousand clients don't come back all at once. But only if that
//! can help: a 404 stays a 404.
//!
//! curl tries again by itself when a site drops a kept-alive connection just as the next request
//! comes ("connection closed before message completed"). reqwest does not. It has a `retry` of its
//! own, but without a pause.
//!
//! ```text
//! cargo add anyhow backon
//! cargo add futures --no-default-features --features alloc
//! cargo add reqwest --no-default-features --features blocking,rustls-no-provider
//! cargo add rustls --no-default-features --features ring,std,tls12
//! cargo add tokio --features macros,rt-multi-thread,signal,sync,time
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use backon::{ExponentialBuilder, Retryable};
use futures::{StreamExt, stream};
use reqwest::{Client, StatusCode};
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
    // Three more tries, after about 1, 2 and 4 s.
    let pauses = ExponentialBuilder::default().with_jitter();
    let downloads = stream::iter(&urls).map(async |url| {
        let download = || download_site(url, &client);
        let result = download.retry(pauses).when(can_help).await;
        match &result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
        result
    });
    let results: Vec<_> = downloads.buffered(20).collect().await;
    let all_read = results.iter().all(Result::is_ok);
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

/// After a time-out, a lost connection, or the answer that the site is overloaded.
fn can_help(error: &anyhow::Error) -> bool {
    error
        .downcast_ref()
        .is_some_and(|error: &reqwest::Error| match error.status() {
            Some(status) => status == StatusCode::SERVICE_UNAVAILABLE,
            None => !error.is_builder() && !error.is_redirect(),
        })
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
