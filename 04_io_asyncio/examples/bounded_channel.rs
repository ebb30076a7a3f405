//! URLs that come while others are downloaded: Python's `asyncio.Queue(maxsize=20)`. Here they come
//! from stdin, a line each; try `cargo run --example bounded_channel < urls.txt`. (It is not for a crawl:
//! downloads that send the links they find into a full channel would wait for each other for ever.)
//!
//! At most twenty are in flight and twenty wait. Then `blocking_send` waits too (in async code, it is
//! `send(…).await`), so that a long list takes no more memory than a short one.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use futures::{StreamExt, stream};
use reqwest::Client;
use std::{env, io, io::BufRead, pin::pin, thread, time::Duration};
use tokio::sync::mpsc;

#[tokio::main]
async fn main() -> Result<()> {
    ensure!(env::args_os().len() == 1, "usage: cargo run [--example bounded_channel] < urls.txt");
    let (sender, receiver) = mpsc::channel(20);
    // Reading stdin blocks, so it is not for the runtime's threads.
    let reader = thread::spawn(move || {
        for line in io::stdin().lock().split(b'\n') {
            // `lines` would end at the first line that is not UTF-8. Here such a line is an error, see
            // `download_site`. A file from Windows may begin with a mark.
            let line = String::from_utf8_lossy(&line?).into_owned();
            let url = line.trim_start_matches('\u{feff}').trim();
            if !url.is_empty() {
                sender.blocking_send(url.to_owned())?;
            }
        }
        anyhow::Ok(())
    });
    let client = Client::builder().user_agent("my_project/0.1").build()?;
    // A stream of what is received. It ends when the sender is gone and all has been taken.
    let urls = stream::unfold(receiver, async |mut urls| Some((urls.recv().await?, urls)));
    let downloads = urls.map(async |url: String| {
        let result = download_site(&url, &client).await;
        (url, result)
    });
    let mut downloads = pin!(downloads.buffer_unordered(20));
    let mut all_read = true;
    while let Some((url, result)) = downloads.next().await {
        all_read &= result.is_ok();
        match result {
            Ok(size) => println!("Read {size} bytes from {url}"),
            Err(error) => eprintln!("Could not read {url}: {error:#}"),
        }
    }
    reader.join().expect("the reader does not panic")?;
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    ensure!(!url.contains(char::REPLACEMENT_CHARACTER), "the line is not UTF-8");
    let response = client.get(url).timeout(Duration::from_secs(10)).send().await?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes().await?.len())
}
