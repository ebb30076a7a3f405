//! A pool of five threads that share one list, so that five downloads are in flight (under way) at
//! once.
//!
//! ```text
//! cargo run --bin 02_io_threading
//!
//!                 |0        |100      |200      |300      |400      |500 ms
//! connection 1    [1------][6------][14-----][18------][23-----][28-
//! connection 2    [2------][7------][13-----][20------][21-----][30-
//! connection 3    [3------][10-----][15-----][17------][24-----][27-
//! connection 4    [4------][8------][12-----][16------][25-----][26-
//! connection 5    [5------][9------][11-----][19------][22-----][29-
//! answered so far 0         5         10        15        20        25 ... 160
//! ```
//!
//! Since step 01: each of five threads runs the loop, and takes the next site from a list behind a
//! lock. `download_site` has not changed.

#![forbid(unsafe_code)]

mod sites;

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use sites::{from_args, report, summary};
use std::time::{Duration, Instant};
use std::{sync::Mutex, thread};

/// How many threads there are, and so how many downloads at once.
const MAX_WORKERS: usize = 5;

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    summary(&sites, start.elapsed())
}

/// Downloads the sites with a pool of threads. If one can't be read, the others still are.
fn download_all_sites(sites: &[String]) -> Result<()> {
    let client = Client::builder().user_agent(USER_AGENT).no_proxy().build()?;
    // The article's thread-safe Queue. `lock` waits until no other thread holds the lock; `unwrap`
    // would panic only if a thread had panicked while it held the lock, and none does. The lock is
    // held only inside this closure.
    let queue = Mutex::new(sites.iter());
    let next_url = || queue.lock().unwrap().next();
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
    let response = client.get(url).timeout(TIMEOUT).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes()?.len())
}
