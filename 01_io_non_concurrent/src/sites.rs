//! Not part of the lesson, and the same in every step that downloads: it chooses the sites, prints
//! the results, and serves a practice site, so that you need no network.

use anyhow::{Context, Result};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::{Router, routing::get, serve::IncomingStream};
use std::collections::BTreeMap;
use std::io::{self, ErrorKind, Write};
use std::net::TcpListener;
use std::sync::{Mutex, atomic::AtomicUsize, atomic::Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fmt::Display, process, thread};

const WITHOUT_A_URL: &str =
    "Without a URL, it downloads 160 pages of a practice site on this machine.";

/// Returns the URLs on the command line. Without any, opens the practice site and returns 160 of its
/// URLs. Shows the usage, and ends the program, if an argument begins with `-`.
pub fn from_args() -> Result<Vec<String>> {
    let args = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into_owned());
    let urls: Vec<String> = args.collect();
    if let Some(option) = urls.iter().find(|arg| arg.starts_with('-')) {
        let binary = env!("CARGO_BIN_NAME");
        let usage = format!("Usage: cargo run --bin {binary} -- [URL]...\n{WITHOUT_A_URL}");
        if option == "--help" || option == "-h" {
            print(usage);
            process::exit(0);
        }
        print_error(usage);
        process::exit(2);
    }
    if urls.is_empty() {
        let site = open_practice_site()?;
        let pages = [format!("{site}/jython"), format!("{site}/dice")];
        return Ok(vec![pages; 80].concat());
    }
    Ok(urls)
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
    let (read, all) = (READ.load(Relaxed), sites.len());
    let of_all = if read < all { format!("{read} of ") } else { String::new() };
    let (sites, seconds) = (count(all, "site"), elapsed.as_secs_f64());
    print(format!("Downloaded {of_all}{sites} in {seconds:.2} seconds"));
    print_what_the_practice_site_saw();
    process::exit(i32::from(read < all))
}

/// Prints a line. If nobody reads it any more (`… | head -3`), ends the program silently; `println!`
/// would panic.
fn print(mut line: String) {
    line.push('\n');
    if let Err(error) = io::stdout().write_all(line.as_bytes()) {
        if error.kind() != ErrorKind::BrokenPipe {
            print_error(format!("Could not print: {error}"));
        }
        process::exit(1);
    }
}

/// Prints a line to stderr. `eprintln!` would panic if nobody reads it. And it would write the line in
/// pieces, because stderr has no buffer: what other threads print to stdout could come between.
fn print_error(mut line: String) {
    line.push('\n');
    io::stderr().write_all(line.as_bytes()).ok(); // If it fails, there is nobody else to tell.
}

fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How long the practice site keeps each request waiting: the article's 160 downloads took 14.3 s,
/// one by one.
const WAIT: Duration = Duration::from_millis(90);

/// How many connections the practice site has seen.
static CONNECTIONS: AtomicUsize = AtomicUsize::new(0);

/// Each request whose wait is over: the number of its connection, when it came and when it was
/// answered.
static LOG: Mutex<Vec<(usize, Instant, Instant)>> = Mutex::new(Vec::new());

/// The number of a connection. The client's address would not do: its port may be used again.
#[derive(Clone)]
struct Connection(usize);

impl Connected<IncomingStream<'_, tokio::net::TcpListener>> for Connection {
    fn connect_info(_: IncomingStream<'_, tokio::net::TcpListener>) -> Self {
        Self(1 + CONNECTIONS.fetch_add(1, Relaxed))
    }
}

/// Opens the practice site until the program ends, and returns its URL.
fn open_practice_site() -> Result<String> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot open the practice site")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(|| {
        let failed = |error| print_error(format!("The practice site has failed: {error}"));
        serve(listener).unwrap_or_else(failed);
    });
    Ok(url)
}

/// Serves two pages of the same length as the article's.
#[tokio::main(flavor = "current_thread")]
async fn serve(listener: TcpListener) -> io::Result<()> {
    let pages = Router::new()
        .route("/jython", get(|connection| page(connection, 10_966)))
        .route("/dice", get(|connection| page(connection, 277)))
        .into_make_service_with_connect_info::<Connection>();
    axum::serve(tokio::net::TcpListener::from_std(listener)?, pages).await
}

async fn page(ConnectInfo(connection): ConnectInfo<Connection>, bytes: usize) -> String {
    let came = Instant::now();
    let wait = async move {
        tokio::time::sleep(WAIT).await;
        LOG.lock().unwrap().push((connection.0, came, Instant::now()));
    };
    // In a task of its own, so that the request is logged even if the client gives up.
    tokio::spawn(wait).await.ok();
    ".".repeat(bytes)
}

/// Prints how many connections and requests the practice site saw, and draws half a second, from the
/// first request on.
fn print_what_the_practice_site_saw() {
    let mut log = LOG.lock().unwrap();
    log.sort_by_key(|&(_, came, _)| came);
    let Some(&(_, start, _)) = log.first() else { return };
    let mut answers: Vec<Instant> = log.iter().map(|&(.., answered)| answered).collect();
    answers.sort();
    let answered_by = |time| answers.partition_point(|answered| *answered <= time);
    let (mut most, mut rows) = (0, BTreeMap::new());
    for (index, &(connection, came, answered)) in log.iter().enumerate() {
        most = most.max(index + 1 - answered_by(came));
        // A column is 10 ms. In column 50 the drawing ends.
        let column = |time: Instant| ((time - start).as_millis().min(500) / 10) as usize;
        let (from, to) = (column(came), column(answered));
        if from < to {
            let row: &mut String = rows.entry(connection).or_default();
            let number = format!("[{}", index + 1);
            let bar = if number.len() < to - from { &number } else { "[" };
            *row = format!("{row:from$}{bar:-<0$}", to - from);
            if to < 50 {
                row.replace_range(to - 1.., "]");
            }
        }
    }
    let (all, most) = (count(CONNECTIONS.load(Relaxed), "connection"), count(most, "request"));
    print(format!(
        "The practice site saw {all} and at most {most} at once.
Half a second, from the first request on. A row is a connection, a column is
10 ms, and [7------] is request 7, from its arrival at the site to its answer:
                |0        |100      |200      |300      |400      |500 ms"
    ));
    for (connection, row) in rows.iter().take(10) {
        print(format!("connection {connection:<5}{row}"));
    }
    if rows.len() > 10 {
        print(format!("... {} more connections like these", rows.len() - 10));
    }
    let mut answered = String::from("answered so far ");
    for tick in 0..6 {
        let by_now = answered_by(start + Duration::from_millis(100) * tick);
        answered = format!("{answered}{by_now:<10}");
        if by_now == log.len() {
            return print(answered.trim_end().to_owned());
        }
    }
    print(format!("{} ... {}", answered.trim_end(), log.len()));
}
