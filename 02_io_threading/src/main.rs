//! A pool of five threads that take turns at one list, so that five downloads wait at once.
//!
//! ```text
//! cargo run --bin 02_io_threading
//!
//! ==  the program works         ..  it waits for the site
//!
//! worker 1  ==.........==.........==.........   and so on,
//! worker 2  ==.........==.........==.........   until the list
//! worker 3  ==.........==.........==.........   is empty
//! worker 4  ==.........==.........==.........
//! worker 5  ==.........==.........==.........
//! ```
//!
//! Since step 01: the loop over the sites is now in each of the workers, and a lock hands out the
//! next site. `download_site` is as it was.
//!
//! Why it rocks: five waits go by in the time of one. And the compiler checks what the threads
//! share: it lets them share a `Client`, and refuses what is not safe to share (`tests/refused/`).
//!
//! Its problem: each download in flight needs a thread, and so does the `Client`: it has one that
//! does the network's work for all workers. A hundred are fine; of thousands, most of the CPU time
//! goes into the threads. The lines come in any order. And sharing needs care: see `next_url`.

#![forbid(unsafe_code)]

mod sites;

use anyhow::Result;
use reqwest::blocking::Client;
use sites::Sites;
use std::process::ExitCode;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// How many threads, and so how many downloads at once.
const MAX_WORKERS: usize = 5;

/// The longest that one download may take, from the first try to connect to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<ExitCode> {
    let sites = Sites::from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    Ok(sites.summary(start.elapsed()))
}

/// Downloads the sites with a pool of threads; a site that fails is reported, and the next one is
/// tried.
fn download_all_sites(sites: &Sites) -> Result<()> {
    // The article's Session: one client for all, because it keeps its connections open for the next
    // downloads. `no_proxy`: the practice site is on this machine. Leave it out if you reach your
    // own sites through a proxy.
    let client = Client::builder().no_proxy().build()?;
    // The article's thread-safe Queue. The lock is held only inside this closure: in
    // `while let Some(url) = queue.lock()…` it would be held until the download is done.
    let queue = Mutex::new(sites.urls());
    let next_url = || queue.lock().expect("no worker panics here").next();
    // The article's ThreadPoolExecutor: leaving the scope waits for all of its threads.
    thread::scope(|pool| {
        for _ in 0..MAX_WORKERS {
            pool.spawn(|| {
                while let Some(url) = next_url() {
                    sites.report(url, download_site(url, &client));
                }
            });
        }
    });
    Ok(())
}

/// Downloads one site and returns the line that tells of it.
fn download_site(url: &str, client: &Client) -> Result<String> {
    // A status of 404 or 500 is an answer, not an error, until `error_for_status` makes it one.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send()?.error_for_status()?.bytes()?;
    Ok(format!("Read {} bytes from {url}", body.len()))
}
