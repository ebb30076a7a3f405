//! Ctrl-C stops the downloads at once: those in flight are dropped, and the program says how many
//! sites it has read. The exit status is 130, as it is for most programs that end this way.
//!
//! To try it without a network, open the practice site in another terminal
//! (`cargo run -p io_non_concurrent --example practice_site -- 8000`) and give its URL many times:
//! `cargo run --example until_ctrl_c -- $(yes http://127.0.0.1:8000/dice | head -2000)`.
//!
//! ```text
//! cargo add anyhow futures reqwest
//! cargo add tokio --features macros,rt-multi-thread,signal
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

/// How many sites have been read so far.
static READ: AtomicUsize = AtomicUsize::new(0);

#[tokio::main]
async fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }

    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let all = urls.len();
    let downloads = stream::iter(urls).for_each_concurrent(20, move |url| {
        let client = client.clone();
        async move {
            match download_site(&url, &client).await {
                Ok(size) => println!("Read {size} bytes from {url}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
        }
    });
    tokio::select! {
        biased; // Ctrl-C is asked for first, so that it is caught from the start.
        pressed = tokio::signal::ctrl_c() => {
            pressed?;
            eprintln!("Stopped after {} of {all} sites", READ.load(Relaxed));
            // Returning from `main` would wait for a name lookup that hangs.
            std::process::exit(130);
        }
        // In a task of its own, so that a `println!` that has to wait does not hold up Ctrl-C.
        done = async { tokio::spawn(downloads).await } => done?,
    }
    ensure!(READ.load(Relaxed) == all, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    READ.fetch_add(1, Relaxed);
    Ok(body.len())
}
