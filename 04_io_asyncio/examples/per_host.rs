//! Every download is a task of its own, on all CPUs, and no host in the list is asked for more than
//! two pages at once. (A redirect to another host is not counted.) The results come back as they
//! become ready. A task that panics is an error like others.
//!
//! Use this to be polite to many hosts at once. If there is only one, the limit of `async_in_order`
//! is enough.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::{Client, Url};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinSet};

#[tokio::main]
async fn main() -> Result<()> {
    // By default the client keeps idle connections open for 90 s. With hundreds of hosts these would
    // be more open files than a program may have (256 on macOS).
    let client = Client::builder().pool_idle_timeout(Duration::from_millis(100));
    let client = client.user_agent("my_project/0.1").timeout(Duration::from_secs(10)).build()?;
    let (mut hosts, mut tasks, mut urls) = (HashMap::new(), JoinSet::new(), HashMap::new());
    let in_all = Arc::new(Semaphore::new(20));
    for url in std::env::args().skip(1) {
        let host = Url::parse(&url).ok().and_then(|url| Some(url.host_str()?.to_owned()));
        let at_host = hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(2)));
        // A task may live longer than this loop. So it gets handles of its own (an `Arc` is one, and
        // so is a `Client`) and takes them with it (`move`).
        let request = client.get(&url);
        let (at_host, in_all) = (at_host.clone(), in_all.clone());
        let task = tasks.spawn(async move {
            let _permits = (at_host.acquire().await?, in_all.acquire().await?);
            let response = request.send().await?;
            ensure!(response.status().is_success(), "the site answered {}", response.status());
            Ok(response.bytes().await?.len())
        });
        urls.insert(task.id(), url);
    }
    ensure!(!urls.is_empty(), "usage: cargo run [--example per_host] -- URL...");

    let mut all_read = true;
    while let Some(ended) = tasks.join_next_with_id().await {
        let (id, result) = ended.unwrap_or_else(|panic| (panic.id(), Err(panic.into())));
        all_read &= result.is_ok();
        match result {
            Ok(size) => println!("Read {size} bytes from {}", urls[&id]),
            Err(error) => eprintln!("Could not read {}: {error:#}", urls[&id]),
        }
    }
    ensure!(all_read, "not all sites could be read");
    Ok(())
}
