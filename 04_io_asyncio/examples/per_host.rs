//! Every download is a task of its own, on all CPUs, and no host in the list is asked for more than
//! two pages at once. (A redirect to another host is not counted.)
//!
//! Use this to be polite to many hosts at once. If there is only one, the limit of `async_in_order`
//! is enough.
//!
//! ```text
//! cargo add anyhow reqwest
//! cargo add tokio --features macros,rt-multi-thread,sync
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use reqwest::{Client, Url};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{sync::Semaphore, task::JoinSet};

#[tokio::main]
async fn main() -> Result<()> {
    let mut urls: Vec<String> = std::env::args().skip(1).collect();
    if urls.is_empty() {
        let hosts = ["www.rust-lang.org", "www.python.org", "docs.rs"];
        urls = hosts.map(|host| format!("https://{host}")).to_vec();
    }

    // By default the client keeps idle connections open for 90 s. With hundreds of hosts these would
    // be more open files than a program may have (256 on macOS).
    let idle = Duration::from_millis(100);
    let client = Client::builder().user_agent("my_project/0.1");
    let client = client.pool_idle_timeout(idle).build()?;
    let (mut hosts, mut tasks) = (HashMap::new(), JoinSet::new());
    let in_all = Arc::new(Semaphore::new(20));
    for url in urls {
        let parsed = Url::parse(&url).ok();
        let host = parsed.and_then(|url| Some(url.host_str()?.to_owned()));
        let two_at_once = || Arc::new(Semaphore::new(2));
        let at_host = hosts.entry(host).or_insert_with(two_at_once);
        // A task may live longer than this loop. So it gets handles of its own (an `Arc` is one, and
        // so is a `Client`) and takes them with it (`move`).
        let (client, at_host, in_all) = (client.clone(), at_host.clone(), in_all.clone());
        tasks.spawn(async move {
            let _permits = (at_host.acquire().await, in_all.acquire().await);
            let result = download_site(&url, &client).await;
            match &result {
                Ok(size) => println!("Read {size} bytes from {url}"),
                Err(error) => eprintln!("Could not read {url}: {error:#}"),
            }
            result.is_ok()
        });
    }
    let all_read = tasks.join_all().await.into_iter().all(|read| read);
    ensure!(all_read, "not all sites could be read");
    Ok(())
}

async fn download_site(url: &str, client: &Client) -> Result<usize> {
    let request = client.get(url).timeout(Duration::from_secs(10));
    let body = request.send().await?.error_for_status()?.bytes().await?;
    Ok(body.len())
}
