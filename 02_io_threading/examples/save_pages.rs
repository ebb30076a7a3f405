//! Each page of a list goes to a file of its own in the folder `pages`, ten at once:
//! `cargo run --example save_pages -- urls.txt`, with a URL in each line. What is there already is
//! skipped: after Ctrl-C or a failure, run it again, and it goes on where it stopped. (Don't run it
//! twice at the same time.)
//!
//! A page is written to a `.part` file, piece by piece, so that it may be larger than the memory. Only
//! when all of it is on the disk does it get its name: what can be read of the URL, and its SHA-256, so
//! that no two URLs share a name.
//!
//! It uses threads, because writing to a file blocks. (In async code, write what `Response::chunk` gives
//! to a `tokio::fs::File`, and call its `sync_all` before you rename it, or a full disk goes unnoticed.)

#![forbid(unsafe_code)]

use anyhow::{Context, Result, bail, ensure};
use reqwest::blocking::Client;
use sha2::{Digest, Sha256};
use std::{collections::BTreeSet, env, fs, io, sync::Mutex, thread, time::Duration};

fn main() -> Result<()> {
    let args: Vec<_> = env::args_os().skip(1).collect();
    let [file] = &args[..] else { bail!("usage: cargo run [--example save_pages] -- FILE") };
    let list = fs::read_to_string(file).context("cannot read the file of URLs")?;
    // A file from Windows may begin with a mark. A set has each URL once.
    let urls = list.trim_start_matches('\u{feff}').lines().map(str::trim);
    let urls: BTreeSet<&str> = urls.filter(|url| !url.is_empty()).collect();
    fs::create_dir_all("pages").context("cannot make the folder pages")?;
    // The limit is for each read, not for the whole page: a large one may take its time.
    let client = Client::builder().timeout(Duration::from_secs(10)).user_agent("my_project/0.1");
    // Idle connections to hundreds of hosts would be more open files than macOS allows.
    let client = client.pool_idle_timeout(Duration::from_millis(10)).build()?;
    let (queue, failed) = (Mutex::new(urls.iter()), Mutex::new(0));
    let next_url = || queue.lock().unwrap().next();
    thread::scope(|pool| {
        for _ in 0..10 {
            pool.spawn(|| {
                while let Some(url) = next_url() {
                    if let Err(error) = save_page(url, &client) {
                        eprintln!("Could not save {url}: {error:#}");
                        *failed.lock().unwrap() += 1;
                    }
                }
            });
        }
    });
    ensure!(failed.into_inner()? == 0, "not all pages could be saved");
    Ok(())
}

fn save_page(url: &str, client: &Client) -> Result<()> {
    let readable = url.replace(|letter: char| !letter.is_ascii_alphanumeric(), "_");
    let file = format!("pages/{readable:.60}_{}", hex::encode(Sha256::digest(url)));
    if fs::exists(&file)? {
        return Ok(());
    }
    let mut response = client.get(url).send()?;
    ensure!(response.status().is_success(), "the site answered {}", response.status());
    let mut part = fs::File::create(format!("{file}.part"))?;
    io::copy(&mut response, &mut part)?;
    part.sync_all()?; // Not every file system reports a full disk before this.
    fs::rename(format!("{file}.part"), file)?;
    println!("Saved {url}");
    Ok(())
}
