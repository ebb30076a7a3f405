//! The practice site by itself, for programs that have none of their own, such as the article's.
//!
//! ```text
//! cargo run -p io_non_concurrent --example practice_site -- 8000
//! ```
//!
//! The port is up to you; without one, the system picks it.

#![forbid(unsafe_code)]

#[allow(dead_code)] // The site is only a part of this module.
#[path = "../src/sites.rs"]
mod sites;

use anyhow::{Context, Result};

fn main() -> Result<()> {
    let port = std::env::args().nth(1).unwrap_or("0".into());
    let port = port.parse().context("the argument is not a port")?;
    let site = sites::open_practice_site(port)?;
    println!("The practice site has two pages, {site}/jython and {site}/dice.");
    println!("Press Enter to close it and to see what it saw.");
    std::io::stdin().read_line(&mut String::new())?;
    sites::print_what_the_practice_site_saw();
    Ok(())
}
