//! A pool of worker processes, as many as there are CPUs, each with its own memory and its own client.
//!
//! ```text
//! cargo run --bin 05_io_multiprocessing
//!
//!                 |0        |100      |200      |300      |400      |500 ms
//! connection 1    [1------][3------][5------][7-------][9------][11-
//! connection 2    [2------][4------][6------][8-------][10-----][12-
//! answered so far 0         2         4         6         8         10 ... 160
//! ```
//!
//! Since step 02: each thread of the pool has a process, sends it one URL after another and waits
//! for its answers. Processes share no memory, so the URLs and the answers go through pipes
//! (`worker.rs`). The process is this same program, started again with `--worker`.

#![forbid(unsafe_code)]

mod sites;
mod worker;

use anyhow::{Context, Result, anyhow, ensure};
use reqwest::blocking::Client;
use sites::{from_args, report, summary};
use std::time::{Duration, Instant};
use std::{sync::Mutex, thread};
use worker::Worker;

/// Some sites refuse a client that does not say what it is.
const USER_AGENT: &str = concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION"));

/// The longest that one download may take, from connecting to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

fn main() -> Result<()> {
    if worker::is_worker() {
        work();
    }
    let sites = from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    summary(&sites, start.elapsed())
}

/// Downloads the sites with a pool of processes. If one can't be read, the others still are.
fn download_all_sites(sites: &[String]) -> Result<()> {
    // As many as there are CPUs, like the article's `Pool()`, but no more than there are sites.
    let processes = thread::available_parallelism()?.get().min(sites.len());
    let queue = Mutex::new(sites.iter());
    let next_url = || queue.lock().unwrap().next();
    thread::scope(|pool| {
        for _ in 0..processes {
            pool.spawn(|| {
                let mut worker = Worker::default();
                // If its process can't be started, this thread ends and leaves the list to the others.
                while worker.is_ready() {
                    let Some(url) = next_url() else { break };
                    let size = worker.ask(url);
                    report(&format!("{url} in process {}", worker.id), size);
                }
            });
        }
    });
    // Some are left only if all threads have ended that way.
    while let Some(url) = next_url() {
        report(url, Err::<usize, _>(anyhow!("no worker process is left")));
    }
    Ok(())
}

/// What a worker process does, until it ends: it answers each URL with the size of the site.
fn work() -> ! {
    // The article's `initializer`: each process makes its own client, once.
    let client = Client::builder().user_agent(USER_AGENT).no_proxy().build();
    let client = client.context("cannot make a client");
    worker::serve(client, download_site)
}

/// Downloads one site and returns its size in bytes.
fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(TIMEOUT).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes()?.len())
}
