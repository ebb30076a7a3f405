//! A failed download is tried again, up to three times, after a pause that doubles each time and is
//! partly random (jitter), so that a thousand clients don't come back all at once. What can't help is
//! not tried again: a 404 stays a 404, and a certificate of another name stays one. To see it, take a
//! port where nobody listens, `http://127.0.0.1:1`: it prints nothing for 7 to 14 s, and then gives up.
//!
//! Use this for requests that may be repeated, such as GET. It does not look at the header
//! `Retry-After`. curl tries again by itself when a site drops a kept-alive connection just as the
//! next request comes ("connection closed before message completed"). reqwest does so only if nothing
//! of the request has been sent. It has a `retry` of its own, but without a pause.

#![forbid(unsafe_code)]

use anyhow::{Error, Result, ensure};
use backon::{ExponentialBuilder, Retryable};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::{error::Error as _, time::Duration};

#[tokio::main]
async fn main() -> Result<()> {
    let urls: Vec<String> = std::env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example retry] -- URL...");
    // The addresses of a host share the 5 s. Without this limit, one dead address uses up all the time.
    let client = Client::builder().connect_timeout(Duration::from_secs(5));
    let client = client.timeout(Duration::from_secs(10)).user_agent("my_project/0.1").build()?;
    // Three more tries, after 1 to 2, 2 to 4 and 4 to 8 s.
    let pauses = ExponentialBuilder::default().with_jitter();
    let downloads = stream::iter(urls).map(async |url| {
        let download = || download_site(&url, &client);
        let result = download.retry(pauses).when(may_pass).await;
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

/// A lost connection, a time-out, or a site in trouble: another try may go well.
fn may_pass(error: &Error) -> bool {
    // Any other error is that of a redirect that leads nowhere.
    let Some(error) = error.downcast_ref::<reqwest::Error>() else { return false };
    if let Some(status) = error.status() {
        return matches!(status.as_u16(), 408 | 429 | 500 | 502 | 503 | 504);
    }
    // What rustls says of a certificate that has expired, or bears another name. (Not `error` itself,
    // which contains the URL.)
    let cause = format!("{:?}", error.source());
    !(error.is_builder() || error.is_redirect() || cause.contains("InvalidCertificate"))
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).send().await?.error_for_status()?;
    // `error_for_status` lets a redirect pass that leads nowhere.
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
