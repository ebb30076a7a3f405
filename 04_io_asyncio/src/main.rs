//! Eighty downloads that take turns on one thread: while one waits, another runs.
//!
//! ```text
//! cargo run --bin 04_io_asyncio
//!
//!                |0        |100      |200      |300      |400      |500 ms
//! connection 1   [1------] [81-----]
//! connection 2   [2------] [82-----]
//! ... 76 more
//! connection 79  [79-----] [159----]
//! connection 80  [80-----] [160----]
//! answered       0         80        160 ... 160
//! ```
//!
//! Since step 01: each function that waits is `async`, and each wait in it is an `.await`, where the
//! thread turns to another download. There is no lock and no queue, because all downloads are parts
//! of one task. (Only host names are looked up on other threads, because the system's call for that
//! blocks.)
//!
//! Why it rocks: a download that waits needs some memory and no thread. There can be thousands.
//!
//! The problem: whatever waits must be async, and so must everything that calls it. And a download
//! that computes for long, or blocks, holds up all the others.

#![forbid(unsafe_code)]

mod sites;

use anyhow::Result;
use futures::{StreamExt, stream};
use reqwest::Client;
use sites::{from_args, report, summary};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How many downloads are in flight at once. All 160 would need 320 open files, since both ends are
/// in this program, and macOS allows 256. 80 leaves room for connections that are returned late.
const MAX_IN_FLIGHT: usize = 80;

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte. Without this, the
/// blocking client gives up after 30 s, and the async one may wait for ever.
const TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<ExitCode> {
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites).await?;
    Ok(summary(&sites, start.elapsed()))
}

/// Downloads the sites, many at once. If one can't be read, the others still are.
async fn download_all_sites(sites: &[String]) -> Result<()> {
    // One client for all of them, the article's Session: it keeps connections open for later
    // downloads. `no_proxy`, because a proxy elsewhere can't reach the practice site on this machine.
    // Leave it out if you need a proxy to reach the internet.
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .no_proxy()
        .build()?;
    // The article's `gather` starts everything at once. Here a download starts when another is
    // done, so that at most 80 are in memory, however long the list.
    stream::iter(sites)
        .for_each_concurrent(MAX_IN_FLIGHT, async |url| {
            report(url, download_site(url, &client).await);
        })
        .await;
    Ok(())
}

/// Downloads one site and returns its size in bytes.
async fn download_site(url: &str, client: &Client) -> Result<usize> {
    // A 404 or a 500 is an answer like any other, until `error_for_status` makes it an error.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
