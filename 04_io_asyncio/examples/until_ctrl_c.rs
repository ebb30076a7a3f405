//! Ctrl-C stops the downloads at once: those in flight are dropped, and the program says how many
//! sites it has read. The exit status is 130, as it is for most programs that end this way.
//!
//! To finish those in flight and start no new ones instead, leave out the handler, add tokio's feature
//! `signal`, and put this before `buffer_unordered`:
//! `.take_until(Box::pin(tokio::signal::ctrl_c()))`.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{env, io, io::Write, process, time::Duration};

/// How many sites have been read so far.
static READ: AtomicUsize = AtomicUsize::new(0);

#[tokio::main]
async fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example until_ctrl_c] -- URL...");
    let all = urls.len();
    // This runs in a thread of its own. So it does not have to wait when a `println!` below waits for
    // whoever reads it, as `tokio::signal::ctrl_c` may have to.
    ctrlc::set_handler(move || {
        // Where Ctrl-C has ended the reader of stderr too (`2>&1 | tee log`), `eprintln!` would panic,
        // and the next line would not be reached.
        writeln!(io::stderr(), "Stopped after {} of {all} sites", READ.load(Relaxed)).ok();
        process::exit(130);
    })?;

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let downloads = stream::iter(urls).map(async |url| {
        let result = download_site(&url, &client).await;
        (url, result)
    });
    let mut downloads = downloads.buffer_unordered(20);
    while let Some((url, result)) = downloads.next().await {
        match result {
            Ok(size) => {
                READ.fetch_add(1, Relaxed);
                println!("Read {size} bytes from {url}");
            }
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    ensure!(READ.load(Relaxed) == all, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
