//! A pool of five threads that share one list, so that five downloads are in flight at once.
//!
//! ```text
//! cargo run --bin 02_io_threading
//!
//!                |0        |100      |200      |300      |400      |500 ms
//! connection 1   [1------] [6------][11-----][16-----] [21-----][26----
//! connection 2   [2------] [7------][12-----][17-----] [22-----][27----
//! connection 3   [3------] [8------][13-----][18-----] [23-----][28----
//! connection 4   [4------] [9------][14-----][19-----] [24-----][29----
//! connection 5   [5------] [10-----][15-----][20-----] [25-----][30----
//! answered       0         5         10        15        20        25 ... 160
//! ```
//!
//! Since step 01: each of five threads runs the loop, and takes the next site from a list behind a
//! lock. `download_site` has not changed.
//!
//! Why it rocks: five waits take as long as one. And the compiler checks what the threads share: it
//! allows a `Client`, and refuses what is not safe to share.
//!
//! The problem: each download in flight needs a thread. A hundred are fine; thousands cost memory and
//! CPU time. The lines come in any order. And sharing needs care: see `next_url`.

#![forbid(unsafe_code)]

mod sites;

use anyhow::Result;
use reqwest::blocking::Client;
use sites::{from_args, report, summary};
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// How many threads there are, and so how many downloads at once.
const MAX_WORKERS: usize = 5;

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte. Without this, the
/// blocking client gives up after 30 s, and the async one may wait for ever.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<ExitCode> {
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    Ok(summary(&sites, start.elapsed()))
}

/// Downloads the sites with a pool of threads. If one can't be read, the others still are.
fn download_all_sites(sites: &[String]) -> Result<()> {
    // One client for all of them, the article's Session: it keeps connections open for later
    // downloads. `no_proxy`, because a proxy elsewhere can't reach the practice site on this machine.
    // Leave it out if you need a proxy to reach the internet.
    let client = Client::builder()
        .user_agent(USER_AGENT)
        .no_proxy()
        .build()?;
    // The article's thread-safe Queue. The lock is held only inside this closure. In
    // `while let Some(url) = queue.lock()…` it would be held until the download is done.
    let queue = Mutex::new(sites.iter());
    let next_url = || queue.lock().expect("no thread panics here").next();
    // The article's ThreadPoolExecutor: the scope ends when all of its threads have ended.
    thread::scope(|pool| {
        for _ in 0..MAX_WORKERS {
            pool.spawn(|| {
                while let Some(url) = next_url() {
                    report(url, download_site(url, &client));
                }
            });
        }
    });
    Ok(())
}

/// Downloads one site and returns its size in bytes.
fn download_site(url: &str, client: &Client) -> Result<usize> {
    // A 404 or a 500 is an answer like any other, until `error_for_status` makes it an error.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send()?.error_for_status()?.bytes()?;
    Ok(body.len())
}
