//! The practice site by itself, for programs that do not bring their own, such as the article's.
//!
//! ```text
//! cargo run --release --example practice_site -- 8000
//! ```
//!
//! It takes the port, or none for one that the system picks, and ends with Enter.

#![forbid(unsafe_code)]

#[path = "../src/sites/mod.rs"]
#[allow(dead_code)] // The command line and the report of a step are not used here.
mod sites;

use anyhow::{Context, Result};
use sites::practice_site::PracticeSite;
use sites::{print, print_error};
use std::{env, io, process};

fn main() -> Result<()> {
    let port = port_from_args().unwrap_or_else(|| {
        print_error(
            "Usage: practice_site [PORT]\nPORT is 1 to 65535; without it, the system picks one.",
        );
        process::exit(2);
    });
    let site = PracticeSite::open_at(port, sites::pages(sites::wait()?))
        .with_context(|| format!("cannot open the practice site on port {port}"))?;
    print("The practice site is open, until you press Enter:");
    print(site.url("/jython"));
    print(site.url("/dice"));
    io::stdin().read_line(&mut String::new())?;
    print(site);
    Ok(())
}

/// No argument is port 0, for which the system picks one. More than one, or no port, is `None`.
fn port_from_args() -> Option<u16> {
    let args: Vec<_> = env::args_os().skip(1).collect();
    match args.as_slice() {
        [] => Some(0),
        [port] => port.to_str()?.parse().ok(),
        _ => None,
    }
}
