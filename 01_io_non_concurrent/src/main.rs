//! One download after another.
//!
//! ```text
//! cargo run --bin 01_io_non_concurrent
//!
//!                 |0        |100      |200      |300      |400      |500 ms
//! connection 1    [1------][2------][3------][4-------][5------][6--
//! answered so far 0         1         2         3         4         5
//! ```
//!
//! A drawing of half a second, as the program prints it at its end: `[2------]` is the second
//! request, from its arrival at the site to its answer.

#![forbid(unsafe_code)]

mod sites;

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use sites::{from_args, report, summary};
use std::time::{Duration, Instant};

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte. Without this, the
/// blocking client allows 30 s until the headers and 30 s more for the body.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    summary(&sites, start.elapsed())
}

/// Downloads the sites one by one. If one can't be read, the next one is still tried: there is no `?`
/// after `download_site`, and `report` prints the error.
fn download_all_sites(sites: &[String]) -> Result<()> {
    // One client for all of them, the article's Session: it keeps connections open for later
    // downloads. `no_proxy`, because a proxy elsewhere can't reach the practice site on this machine.
    // Leave it out if you need a proxy to reach the internet.
    let client = Client::builder().user_agent(USER_AGENT).no_proxy().build()?;
    for url in sites {
        report(url, download_site(url, &client));
    }
    Ok(())
}

/// Downloads one site and returns its size in bytes.
fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(TIMEOUT).send()?;
    // A 404 is an answer like any other, until this makes it an error. So is a redirect that leads
    // nowhere; the client has followed all others.
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes()?.len())
}
