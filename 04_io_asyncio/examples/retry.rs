//! A failed download is tried again, up to three times, after a pause that doubles each time and is
//! partly random (jitter), so that a thousand clients don't come back all at once. A 404 stays a 404
//! and is not tried again. To see it, take a port where nobody listens: `http://127.0.0.1:1` gives up
//! after 7 to 14 s, without a word until then.
//!
//! Use this for requests that may be repeated, such as GET. curl tries again by itself when a site
//! drops a kept-alive connection just as the next request comes ("connection closed before message
//! completed"). reqwest does so only if nothing of the request has been sent. It has a `retry` of its
//! own, but without a pause.
//!
//! ```text
//! cargo add anyhow backon futures reqwest
//! cargo add tokio --features macros,rt-multi-thread
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use backon::{ExponentialBuilder, Retryable};
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
    // Three more tries, after 1 to 2, 2 to 4 and 4 to 8 s.
    let pauses = ExponentialBuilder::default().with_jitter();
    // Each download owns its URL: then this works in a spawned task too.
    let downloads = stream::iter(urls).map(async |url| {
        let download = || download_site(&url, &client);
        let result = download.retry(pauses).when(is_transient).await;
        match &result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
        result
    });
    let results: Vec<_> = downloads.buffer_unordered(20).collect().await;
    let all_read = results.iter().all(Result::is_ok);
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

/// A lost connection, a time-out, or a site in trouble: another try may go well.
fn is_transient(error: &anyhow::Error) -> bool {
    let Some(error) = error.downcast_ref::<reqwest::Error>() else {
        return false;
    };
    match error.status() {
        Some(status) => matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504),
        None => !error.is_builder() && !error.is_redirect(),
    }
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
