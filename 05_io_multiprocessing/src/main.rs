//! A pool of worker processes, one per CPU, each with memory and a client of its own.
//!
//! ```text
//! cargo run --bin 05_io_multiprocessing
//!
//! ==  the program works         ..  it waits for the site
//!
//! process 1  ==.........==.........==.........   and so on,
//! process 2  ==.........==.........==.........   until the list is empty
//! ```
//!
//! Since step 02: each thread of the pool now starts a process, sends it one URL after another and
//! waits for its answers. Processes share no memory, so the URLs and the answers go through pipes
//! (`worker.rs`). The process is this same program, started with `--worker`. It is async, so that it
//! notices in the middle of a download that its pool is gone.
//!
//! Why it rocks: a worker that crashes, leaks memory or is killed takes nothing with it but itself.
//!
//! Its problem: downloads need none of this. It is the longest of the programs that download, and
//! with one process per CPU, as in the article, only so many downloads wait at once.

#![forbid(unsafe_code)]

mod sites;
mod worker;

use anyhow::Result;
use reqwest::Client;
use sites::Sites;
use std::process::{self, Child, Command, ExitCode, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};
use std::{env, io, thread};
use tokio::sync::mpsc;
use worker::Worker;

/// The longest that one download may take, from the first try to connect to the last byte.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The argument that makes this program a worker.
const WORKER: &str = "--worker";

fn main() -> Result<ExitCode> {
    if env::args_os().skip(1).eq([WORKER]) {
        return work();
    }
    let sites = Sites::from_args()?;
    let start = Instant::now();
    download_all_sites(&sites)?;
    Ok(sites.summary(start.elapsed()))
}

/// Downloads the sites with a pool of processes; a site that fails is reported, and the next one is
/// tried.
fn download_all_sites(sites: &Sites) -> Result<()> {
    // One process per CPU, as the article's `Pool()` does.
    let processes = thread::available_parallelism()?.get();
    // The lock is held only inside this closure: in `while let Some(url) = queue.lock()…` it would
    // be held until the download is done.
    let queue = Mutex::new(sites.urls());
    let next_url = || queue.lock().expect("no worker panics here").next();
    thread::scope(|pool| {
        for _ in 0..processes {
            pool.spawn(|| {
                let mut worker = Worker::new(start_process);
                while let Some(url) = next_url() {
                    sites.report(url, worker.download(url));
                }
            });
        }
    });
    Ok(())
}

/// Starts this program once more, with pipes for the URLs and the answers.
fn start_process() -> io::Result<Child> {
    let mut program = Command::new(env::current_exe()?);
    program
        .arg(WORKER)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
}

/// What a worker does: downloads one URL after another, until the pool closes the pipe or is gone.
#[tokio::main(flavor = "current_thread")]
async fn work() -> Result<ExitCode> {
    // The article's `initializer`: a client for each process, made once. `no_proxy`: the practice
    // site is on this machine. Leave it out if you reach your own sites through a proxy.
    sites::set_up_https();
    let client = Client::builder().no_proxy().build()?;
    let (lines, mut urls) = mpsc::unbounded_channel();
    thread::spawn(move || io::stdin().lines().try_for_each(|line| lines.send(line)));
    while let Some(url) = urls.recv().await.transpose()? {
        let result = tokio::select! {
            result = download_site(&url, &client) => result,
            // The pool sends a URL only when it has our answer to the one before, so what comes now
            // is the end of the pipe.
            _ = urls.recv() => break,
        };
        let answer = match result {
            Ok(line) => format!("+Process {}: {line}", process::id()),
            Err(error) => format!("-{error:#}").replace('\n', " "),
        };
        sites::print(answer);
    }
    Ok(ExitCode::SUCCESS)
}

/// Downloads one site and returns the line that tells of it.
async fn download_site(url: &str, client: &Client) -> Result<String> {
    // A status of 404 or 500 is an answer, not an error, until `error_for_status` makes it one.
    let request = client.get(url).timeout(TIMEOUT);
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(format!("Read {} bytes from {url}", body.len()))
}
