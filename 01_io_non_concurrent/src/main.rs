//! One download after another: the program that the other steps make faster.
//!
//! ```text
//! cargo run --bin 01_io_non_concurrent
//!
//! ==  the program works         ..  it waits for the site
//!
//! main  ==.........==.........==.........==.........   and so on, 160 times
//! ```
//!
//! Why it rocks: it runs in the order in which it reads, and there is never more than one thing to
//! think of. Where this is fast enough, stay with it.
//!
//! Its problem: nearly all of the time is spent waiting, and nothing else is done in the meantime.

#![forbid(unsafe_code)]

mod sites;

use anyhow::Result;
use reqwest::blocking::Client;
use sites::Sites;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// The longest that one download may take, from the first try to connect to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<ExitCode> {
    let sites = Sites::from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    Ok(sites.summary(start.elapsed()))
}

/// Downloads the sites one by one; a site that fails is reported, and the next one is tried.
fn download_all_sites(sites: &Sites) -> Result<()> {
    // The article's Session: one client for all, because it keeps its connection open for the next
    // download. `no_proxy`: the practice site is on this machine. Leave it out if you reach your
    // own sites through a proxy.
    let client = Client::builder().no_proxy().build()?;
    for url in sites.urls() {
        sites.report(url, download_site(url, &client));
    }
    Ok(())
}

/// Downloads one site and returns the line that tells of it.
fn download_site(url: &str, client: &Client) -> Result<String> {
    // A status of 404 or 500 is an answer, not an error, until `error_for_status` makes it one.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send()?.error_for_status()?.bytes()?;
    Ok(format!("Read {} bytes from {url}", body.len()))
}
