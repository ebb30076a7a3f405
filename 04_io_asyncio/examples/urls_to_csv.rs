//! A file of URLs, a line each, to a table of what was read, a row for each URL as soon as it is done:
//! `cargo run --example urls_to_csv -- urls.txt > sizes.csv`, or `-` in place of the file for stdin.
//!
//! `number` is the line in the file: `sort -t, -n sizes.csv` gives the order of the list. `seconds` are
//! those of all tries and the pauses between them. What could not be read has the reason in `error`.
//! Then the exit status is 1, after Ctrl-C it is 130, and 141 if nobody wants the rows any more (`| head`).
//!
//! The lines that have no whole row yet, after Ctrl-C or on a full disk (to have those with an error too,
//! write `if ($NF == "") done[$1]` in place of `done[$1]`):
//! `head -n $(wc -l < sizes.csv) sizes.csv | awk -F, '!list { done[$1]; next } !(FNR in done)' - list=1 urls.txt`

#![forbid(unsafe_code)]

use anyhow::{Context, Error, Result, bail, ensure};
use backon::{ExponentialBuilder, Retryable};
use futures::{StreamExt, stream};
use indicatif::ProgressBar;
use reqwest::{Client, StatusCode};
use std::io::{self, ErrorKind, Write};
use std::time::{Duration, Instant};
use std::{env, error::Error as _, fs, process, sync::Mutex, thread};

/// How many URLs have a row. It is locked while a row is being written.
static WRITTEN: Mutex<usize> = Mutex::new(0);

#[tokio::main]
async fn main() -> Result<()> {
    let args: Vec<_> = env::args_os().skip(1).collect();
    let usage = "usage: cargo run [--example urls_to_csv] -- urls.txt > sizes.csv";
    let [file] = &args[..] else { bail!(usage) };
    let list = if file == "-" { io::read_to_string(io::stdin()) } else { fs::read_to_string(file) };
    let list = list.context("cannot read the file of URLs")?;
    // A file from Windows may begin with a mark.
    let lines = list.trim_start_matches('\u{feff}').lines().map(|line| line.trim().to_owned());
    let urls: Vec<(usize, String)> = (1..).zip(lines).filter(|(_, url)| !url.is_empty()).collect();
    let all = urls.len();

    let bar = ProgressBar::new(all as u64);
    bar.tick(); // Draws it now, and not after the first download.
    let stopped = bar.clone();
    // This runs in a thread of its own, whatever the others wait for.
    ctrlc::set_handler(move || {
        // If nobody takes the row that is being written, it is given up after a second.
        thread::spawn(|| {
            thread::sleep(Duration::from_secs(1));
            process::exit(130);
        });
        let written = WRITTEN.lock().unwrap(); // From here on, no row is begun.
        stopped.finish_and_clear();
        // `eprintln!` would panic if Ctrl-C has ended the reader of stderr too.
        writeln!(io::stderr(), "Stopped: {} of {all} URLs have no row", all - *written).ok();
        process::exit(130);
    })?;

    // Each try may take 10 s, and connecting 5 s of them, which the addresses of a host share: so one
    // dead address does not use up all the time.
    let client = Client::builder().connect_timeout(Duration::from_secs(5));
    let client = client.timeout(Duration::from_secs(10)).user_agent("my_project/0.1");
    // Idle connections to hundreds of hosts would be more open files than macOS allows.
    let client = client.pool_idle_timeout(Duration::from_millis(100)).build()?;
    // Up to three more tries, after 1 to 2, 2 to 4 and 4 to 8 s.
    let pauses = ExponentialBuilder::default().with_jitter();
    let rows = stream::iter(urls).map(async |(number, url)| {
        let start = Instant::now();
        let download = || download_site(&url, &client);
        let (status, bytes, error) = match download.retry(pauses).when(may_pass).await {
            Ok((status, bytes)) if status.is_success() => (Some(status), Some(bytes), None),
            // A redirect that leads nowhere.
            Ok((status, _)) => (Some(status), None, Some(format!("the site answered {status}"))),
            Err(error) => (error.status(), None, Some(format!("{:#}", Error::from(error)))),
        };
        let seconds = format!("{:.3}", start.elapsed().as_secs_f64());
        let status = status.map(|status| status.as_u16());
        (error.is_none(), (number, url, status, bytes, seconds, error))
    });
    let (mut rows, mut failed) = (rows.buffer_unordered(20), 0);

    let mut csv = csv::Writer::from_writer(io::stdout());
    csv.write_record(["number", "url", "status", "bytes", "seconds", "error"])?;
    flush(&mut csv)?;
    while let Some((is_read, row)) = rows.next().await {
        failed += usize::from(!is_read);
        let mut written = WRITTEN.lock().unwrap();
        csv.serialize(row)?;
        // The bar is hidden meanwhile, in case both go to a terminal.
        bar.suspend(|| flush(&mut csv))?;
        bar.inc(1);
        *written += 1;
    }
    bar.finish();
    ensure!(failed == 0, "{failed} of {all} URLs could not be read");
    Ok(())
}

/// Writes the row that is ready, in one piece.
fn flush(csv: &mut csv::Writer<io::Stdout>) -> Result<()> {
    match csv.flush() {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(141),
        result => result.context("could not write the rows"),
    }
}

async fn download_site(url: &str, client: &Client) -> reqwest::Result<(StatusCode, usize)> {
    let response = client.get(url).send().await?.error_for_status()?;
    Ok((response.status(), response.bytes().await?.len()))
}

/// A lost connection, a time-out, or a site in trouble: another try may go well (see `retry`).
fn may_pass(error: &reqwest::Error) -> bool {
    let hopeless = error.is_builder() || error.is_redirect();
    let cause = format!("{:?}", error.source()); // Not `error` itself, which contains the URL.
    let hopeless = hopeless || cause.contains("InvalidCertificate");
    let status = error.status().map_or(0, |status| status.as_u16());
    !hopeless && matches!(status, 0 | 408 | 429 | 500 | 502 | 503 | 504)
}
