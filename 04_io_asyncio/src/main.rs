//! Eighty downloads that take turns on one thread: while one waits, another runs.
//!
//! ```text
//! cargo run --bin 04_io_asyncio
//!
//!                 |0        |100      |200      |300      |400      |500 ms
//! connection 1    [1------][82-----]
//! connection 2    [2------][81-----]
//! connection 3    [3------][83-----]
//! ... 77 more connections like these
//! answered so far 0         80        160
//! ```
//!
//! (Shortened: the program draws ten rows.)
//!
//! Since step 01: each function that waits is `async`, and each wait in it is an `.await`, where the
//! thread turns to another download. All downloads are parts of one task, so two of them never run at
//! the same moment, and what they share needs no lock. (Only host names are looked up on other
//! threads, because the system's call for that blocks.)

#![forbid(unsafe_code)]

mod sites;

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use sites::{from_args, report, summary};
use std::time::{Duration, Instant};

/// How many downloads are in flight at once. All 160 would need 320 open files, since both ends are
/// in this program, and macOS allows 256. 80 leaves room for some forty connections more.
const MAX_IN_FLIGHT: usize = 80;

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte. Without this, the async
/// client may wait for ever.
const TIMEOUT: Duration = Duration::from_secs(10);

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites).await?;
    summary(&sites, start.elapsed())
}

/// Downloads the sites, many at once. If one can't be read, the others still are.
async fn download_all_sites(sites: &[String]) -> Result<()> {
    let client = Client::builder().user_agent(USER_AGENT).no_proxy().build()?;
    // The article's `gather` starts everything at once. Here a download starts when another is
    // done, so that at most 80 exist at a time, however long the list.
    let downloads = stream::iter(sites).for_each_concurrent(MAX_IN_FLIGHT, async |url| {
        report(url, download_site(url, &client).await);
    });
    downloads.await;
    Ok(())
}

/// Downloads one site and returns its size in bytes.
async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(TIMEOUT).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
