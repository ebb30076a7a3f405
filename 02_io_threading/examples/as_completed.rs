//! Five threads download, and `main` gets each result as soon as it is there: Python's
//! `concurrent.futures.as_completed`. To stop early, at the first error, say, leave the loop in `main`:
//! the threads end after the download that they are at.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::blocking::Client;
use std::sync::{Mutex, mpsc};
use std::{env, thread, time::Duration};

fn main() -> Result<()> {
    let urls: Vec<String> = env::args().skip(1).collect();
    ensure!(!urls.is_empty(), "usage: cargo run [--example as_completed] -- URL...");
    let client = Client::builder().user_agent("my_project/0.1").build()?;
    let queue = Mutex::new(urls.iter());
    let next_url = || queue.lock().unwrap().next();
    let (sender, results) = mpsc::channel();
    thread::scope(|pool| {
        for _ in 0..5 {
            // Each thread has a sender of its own, and ends with the last URL.
            let (sender, next_url, client) = (sender.clone(), &next_url, &client);
            pool.spawn(move || {
                while let Some(url) = next_url() {
                    let is_wanted = sender.send((url, download_site(url, client))).is_ok();
                    if !is_wanted {
                        break;
                    }
                }
            });
        }
        drop(sender); // The loop ends when no thread has one any more.
        let mut all_read = true;
        for (url, result) in results {
            all_read &= result.is_ok();
            match result {
                Ok(size) => println!("Read {size} bytes from {url}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
        }
        ensure!(all_read, "not all sites could be read");
        Ok(())
    })
}

fn download_site(url: &str, client: &Client) -> Result<usize> {
    let response = client.get(url).timeout(Duration::from_secs(10)).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    Ok(response.bytes()?.len())
}
