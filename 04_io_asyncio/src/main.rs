//! A hundred downloads that take turns on one thread: whichever is not waiting runs.
//!
//! ```text
//! cargo run --bin 04_io_asyncio
//!
//! ==  the program works         ..  it waits for the site
//!
//! download 1    ==.................==......   and so on,
//! download 2      ==.................==....   until the list
//! download 3        ==.................==..   is empty
//! ...
//! download 100            ==..............=
//! ```
//!
//! Since step 01: each function that waits is `async`, and each wait in it is an `.await`, where the
//! thread turns to another download. There is no lock and no queue, because one thread runs them
//! all. (One exception: host names are looked up on other threads, because the system's call for
//! that blocks.)
//!
//! Why it rocks: a download that waits needs some memory and no thread. There can be thousands.
//!
//! Its problem: whatever waits must be async, and so must all that calls it. And a download that
//! computed for long would hold up all the others.

#![forbid(unsafe_code)]

mod sites;

use anyhow::Result;
use futures::{StreamExt, stream};
use reqwest::Client;
use sites::Sites;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many downloads are in flight at once. 100 is aiohttp's own limit; 160 would need more open
/// files than macOS allows a program by default: the practice site is in this program too.
const MAX_IN_FLIGHT: usize = 100;

/// The longest that one download may take, from the first try to connect to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let sites = Sites::from_args()?;
    let start = Instant::now();
    download_all_sites(&sites).await?;
    Ok(sites.summary(start.elapsed()))
}

/// Downloads the sites, many at once; a site that fails is reported, and the others are read.
async fn download_all_sites(sites: &Sites) -> Result<()> {
    // The article's Session: one client for all, because it keeps its connections open for the next
    // downloads. `no_proxy`: the practice site is on this machine. Leave it out if you reach your
    // own sites through a proxy.
    let client = Client::builder().no_proxy().build()?;
    // The article's `gather`, which starts all tasks at once; here the next one starts when one is
    // done, so that no more than a hundred pages are in memory, however long the list.
    stream::iter(sites.urls())
        .for_each_concurrent(MAX_IN_FLIGHT, async |url| {
            sites.report(url, download_site(url, &client).await);
        })
        .await;
    Ok(())
}

/// Downloads one site and returns the line that tells of it.
async fn download_site(url: &str, client: &Client) -> Result<String> {
    // A status of 404 or 500 is an answer, not an error, until `error_for_status` makes it one.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(format!("Read {} bytes from {url}", body.len()))
}
