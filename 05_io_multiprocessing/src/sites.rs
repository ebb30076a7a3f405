//! Not part of the lesson, and the same in every step that downloads: it reads the arguments and
//! prints the results.

mod practice_site;

use anyhow::Result;
use std::io::{self, ErrorKind, Write};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::{env, fmt::Display, process, time::Duration};

/// Returns the URLs on the command line. Without any, opens the practice site and returns 160 of its
/// URLs. Shows the usage, and ends the program, if an argument begins with `-`.
pub fn from_args() -> Result<Vec<String>> {
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let urls: Vec<String> = args.collect();
    if let Some(option) = urls.iter().find(|arg| arg.starts_with('-')) {
        let binary = env!("CARGO_BIN_NAME");
        let usage = format!(
            "Usage: cargo run --bin {binary} -- [URL]...
Without a URL, it downloads 160 pages of a practice site on this machine."
        );
        if option == "--help" || option == "-h" {
            print(usage);
            process::exit(0);
        }
        print_error(usage);
        process::exit(2);
    }
    if urls.is_empty() { practice_site::open() } else { Ok(urls) }
}

/// What may help with an argument that is no URL.
const HINT: &str = " (is https:// missing? For a file of URLs: $(cat FILE))";

/// How many sites have been read so far.
static READ: AtomicUsize = AtomicUsize::new(0);

/// Prints how many bytes were read from a site, or why none were.
pub fn report(url: &str, size: Result<impl Display>) {
    match size {
        Ok(size) => {
            READ.fetch_add(1, Relaxed);
            print(format!("Read {size} bytes from {url}"));
        }
        Err(error) => {
            let hint = if url.contains("://") { "" } else { HINT };
            print_error(format!("Could not read {url}: {error:#}{hint}"));
        }
    }
}

/// Prints how the run went, and ends the program: with exit status 0 if every site was read, or else
/// with 1.
pub fn summary(sites: &[String], elapsed: Duration) -> ! {
    let (read, all, seconds) = (READ.load(Relaxed), sites.len(), elapsed.as_secs_f64());
    let of_all = if read < all { format!("{read} of ") } else { String::new() };
    let s = if all == 1 { "" } else { "s" };
    print(format!("Downloaded {of_all}{all} site{s} in {seconds:.2} seconds"));
    if let Some(seen) = practice_site::seen() {
        print(seen);
    }
    process::exit(i32::from(read < all))
}

/// Prints a line. If nobody reads it any more (`… | head -3`), ends the program silently; `println!`
/// would panic.
fn print(line: String) {
    if let Err(error) = io::stdout().write_all((line + "\n").as_bytes()) {
        if error.kind() != ErrorKind::BrokenPipe {
            print_error(format!("Could not print: {error}"));
        }
        process::exit(1);
    }
}

/// Prints a line to stderr. `eprintln!` would panic if nobody reads it. And it would write the line in
/// pieces, because stderr has no buffer: what other threads print to stdout could come between.
fn print_error(line: String) {
    io::stderr().write_all((line + "\n").as_bytes()).ok(); // If it fails, there is nobody else to tell.
}
