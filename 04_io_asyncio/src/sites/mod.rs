//! Which sites to download, and what is printed of them: the same in every step, and not the lesson.

pub mod practice_site;

use anyhow::{Context, Result};
use axum::{Router, routing::get};
use practice_site::{PracticeSite, plural};
use reqwest::Url;
use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process::{self, ExitCode};
use std::slice;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

const USAGE: &str = concat!(
    "Usage: ",
    env!("CARGO_BIN_NAME"),
    " [URL]...\n",
    "Downloads each http or https URL once; without any, two pages of a practice site, 80 times each."
);

/// The sites of one run, and how many of them have been read.
pub struct Sites {
    urls: Vec<String>,
    read: AtomicUsize,
    practice_site: Option<PracticeSite>,
}

impl Sites {
    /// Takes the URLs of the command line, or opens the practice site when there is none.
    ///
    /// Ends the program with the usage for `--help` (exit status 0) and for what is no URL (2).
    ///
    /// # Errors
    /// When the practice site cannot be opened.
    pub fn from_args() -> Result<Self> {
        let urls = urls_from_args();
        if !urls.is_empty() {
            return Ok(Self::new(urls));
        }
        let site = PracticeSite::open(pages(wait()?)).context("cannot open the practice site")?;
        let sites = Self::new((0..80).flat_map(|_| [site.url("/jython"), site.url("/dice")]));
        Ok(Self {
            practice_site: Some(site),
            ..sites
        })
    }

    /// Takes these URLs, for a program that has a list of its own.
    pub fn new(urls: impl IntoIterator<Item = impl Into<String>>) -> Self {
        set_up_https();
        Self {
            urls: urls.into_iter().map(Into::into).collect(),
            read: AtomicUsize::new(0),
            practice_site: None,
        }
    }

    /// Every URL, in order.
    pub fn urls(&self) -> slice::Iter<'_, String> {
        self.urls.iter()
    }

    /// Prints the line of a site that was read, or what kept it from being read.
    pub fn report(&self, url: &str, result: Result<String>) {
        match result {
            Ok(line) => {
                self.read.fetch_add(1, Relaxed);
                print(line);
            }
            Err(error) => print_error(format!("Could not read {url}: {error:#}")),
        }
    }

    /// Prints how it went and returns the exit status: 0 if every site was read, else 1.
    pub fn summary(&self, elapsed: Duration) -> ExitCode {
        let (read, all) = (self.read.load(Relaxed), self.urls.len());
        let of = if read < all {
            format!("{read} of ")
        } else {
            String::new()
        };
        let (s, seconds) = (plural(all), elapsed.as_secs_f64());
        print(format!(
            "Downloaded {of}{all} site{s} in {seconds:.2} seconds"
        ));
        if let Some(site) = &self.practice_site {
            print(site);
        }
        ExitCode::from(u8::from(read < all))
    }
}

/// Has rustls use ring. A program that takes reqwest with its default features has aws-lc for this,
/// and needs no such line.
pub fn set_up_https() {
    let ring = rustls::crypto::ring::default_provider();
    ring.install_default().ok(); // Fails where it has been done before, which is as good.
}

fn urls_from_args() -> Vec<String> {
    let mut urls = Vec::new();
    for arg in env::args_os().skip(1) {
        match arg.to_str() {
            Some("--help" | "-h") => {
                print(USAGE);
                process::exit(0);
            }
            Some(url) if is_web_url(url) => urls.push(url.to_owned()),
            _ => {
                let arg = arg.to_string_lossy();
                let complaint = format!(
                    "\"{arg}\" is no http or https URL, such as https://crates.io.\n{USAGE}"
                );
                print_error(complaint);
                process::exit(2);
            }
        }
    }
    urls
}

/// `Url` skips tabs and line ends; they are refused, because each URL is printed in one line.
fn is_web_url(arg: &str) -> bool {
    let scheme = |url: Url| matches!(url.scheme(), "http" | "https");
    Url::parse(arg).is_ok_and(scheme) && !arg.contains(char::is_control)
}

/// The article's two pages in size, each answered after a wait.
pub fn pages(wait: Duration) -> Router {
    let page = move |bytes| async move {
        tokio::time::sleep(wait).await;
        ".".repeat(bytes)
    };
    Router::new()
        .route("/jython", get(move || page(10_966)))
        .route("/dice", get(move || page(277)))
}

/// 90 ms, because the article's 160 downloads took 14.3 s one by one; or what
/// `PRACTICE_SITE_WAIT_MS` says.
pub fn wait() -> Result<Duration> {
    let wait = env::var_os("PRACTICE_SITE_WAIT_MS").unwrap_or("90".into());
    let wait = wait.to_str().and_then(|wait| wait.parse().ok());
    let wait = wait.context("PRACTICE_SITE_WAIT_MS is no whole number of milliseconds")?;
    Ok(Duration::from_millis(wait))
}

/// Prints a line. Ends the program when nobody reads on (`… | head -3`), where `println!` panics.
pub fn print(line: impl Display) {
    // In one piece, so that the lines of two processes do not mix.
    match io::stdout().write_all(format!("{line}\n").as_bytes()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            print_error(format!("Cannot print: {error}"));
            process::exit(1);
        }
    }
}

/// Prints a line to stderr, where `eprintln!` panics when nobody reads it.
pub fn print_error(line: impl Display) {
    // Where this fails there is nobody left to tell, and the exit status still says it.
    io::stderr().write_all(format!("{line}\n").as_bytes()).ok();
}
