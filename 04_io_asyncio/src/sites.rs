//! Not part of the lesson, and the same in every step that downloads: it chooses the sites, prints
//! the results, and serves a practice site, so that you need no network.

use anyhow::{Context, Result, anyhow};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::{Router, routing::get, serve::IncomingStream};
use std::io::{self, ErrorKind, Write};
use std::net::TcpListener;
use std::process::{self, ExitCode};
use std::sync::{Mutex, MutexGuard, atomic::AtomicUsize, atomic::Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{collections::BTreeMap, env, ffi::OsString, fmt::Display, thread};

/// Returns the URLs on the command line. Without any, opens the practice site and returns 160 of its
/// URLs.
pub fn from_args() -> Result<Vec<String>> {
    // The cryptography for https. `Cargo.toml` says why it is ring.
    let ring = rustls::crypto::ring::default_provider();
    ring.install_default().ok(); // An error means that there is one already.
    let args = env::args_os().skip(1).map(OsString::into_string);
    let urls = args.collect::<Result<Vec<_>, _>>();
    let urls = urls.map_err(|arg| anyhow!("the argument {arg:?} is not UTF-8"))?;
    if urls.iter().any(|arg| arg == "--help" || arg == "-h") {
        let package = env!("CARGO_PKG_NAME");
        print(format!("Usage: cargo run -p {package} -- [URL]..."));
        process::exit(0);
    }
    if urls.is_empty() {
        let site = open_practice_site(0)?;
        let pages = [format!("{site}/jython"), format!("{site}/dice")];
        return Ok(vec![pages; 80].concat());
    }
    Ok(urls)
}

/// How many sites have been read so far.
static READ: AtomicUsize = AtomicUsize::new(0);

/// Prints how many bytes were read from a site, or why none were.
pub fn report(url: &str, size: Result<impl Display>) {
    match size {
        Ok(size) => {
            READ.fetch_add(1, Relaxed);
            print(format!("Read {size} bytes from {url}"));
        }
        // `eprintln!` would panic if nobody reads it. There is nobody else to tell.
        Err(error) => drop(writeln!(io::stderr(), "Could not read {url}: {error:#}")),
    }
}

/// Prints how the run went. Returns the exit status: 0 if every site was read, or else 1.
pub fn summary(sites: &[String], elapsed: Duration) -> ExitCode {
    let (read, all) = (READ.load(Relaxed), sites.len());
    let (mut downloaded, seconds) = (count(all, "site"), elapsed.as_secs_f64());
    if read < all {
        downloaded = format!("{read} of {downloaded}");
    }
    print(format!("Downloaded {downloaded} in {seconds:.2} seconds"));
    print_what_the_practice_site_saw();
    ExitCode::from(u8::from(read < all))
}

/// Prints a line, or ends the program, without a word if the reader has gone (`… | head -3`).
/// `println!` would panic.
fn print(line: impl Display) {
    if let Err(error) = writeln!(io::stdout(), "{line}") {
        if error.kind() != ErrorKind::BrokenPipe {
            writeln!(io::stderr(), "Could not print: {error}").ok();
        }
        process::exit(1);
    }
}

fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How long the practice site keeps each request waiting: the article's 160 downloads took 14.3 s,
/// one by one.
const WAIT: Duration = Duration::from_millis(90);

/// The number of a connection. The client's address would not do: its port may be used again.
#[derive(Clone, Copy, PartialEq)]
struct Connection(usize);

impl Connected<IncomingStream<'_, tokio::net::TcpListener>> for Connection {
    fn connect_info(_: IncomingStream<'_, tokio::net::TcpListener>) -> Self {
        static OPENED: AtomicUsize = AtomicUsize::new(0);
        Self(OPENED.fetch_add(1, Relaxed))
    }
}

/// What happened at the practice site, in order: when, on which connection, and whether a request
/// came or was answered.
static LOG: Mutex<Vec<(Instant, Connection, bool)>> = Mutex::new(Vec::new());

fn log() -> MutexGuard<'static, Vec<(Instant, Connection, bool)>> {
    LOG.lock().expect("nobody panics while holding the lock")
}

/// Opens the practice site until the program ends, and returns its URL. It listens on this port of
/// 127.0.0.1; with port 0, the system picks one.
pub fn open_practice_site(port: u16) -> Result<String> {
    let listener =
        TcpListener::bind(("127.0.0.1", port)).context("cannot open the practice site")?;
    listener.set_nonblocking(true)?;
    let url = format!("http://{}", listener.local_addr()?);
    thread::spawn(|| {
        if let Err(error) = serve(listener) {
            writeln!(io::stderr(), "The practice site has failed: {error}").ok();
        }
    });
    Ok(url)
}

/// Serves two pages of the same length as the article's.
#[tokio::main(flavor = "current_thread")]
async fn serve(listener: TcpListener) -> io::Result<()> {
    let pages = Router::new()
        .route("/jython", get(|info| page(info, 10_966)))
        .route("/dice", get(|info| page(info, 277)));
    let pages = pages.into_make_service_with_connect_info::<Connection>();
    axum::serve(tokio::net::TcpListener::from_std(listener)?, pages).await
}

async fn page(ConnectInfo(connection): ConnectInfo<Connection>, bytes: usize) -> String {
    log().push((Instant::now(), connection, true));
    let wait = async move {
        tokio::time::sleep(WAIT).await;
        log().push((Instant::now(), connection, false));
    };
    // In a task of its own, so that the end is logged even if the client gives up.
    tokio::spawn(wait).await.ok();
    ".".repeat(bytes)
}

/// Prints how many connections and requests the practice site saw for its two pages, and draws the
/// first half second.
pub fn print_what_the_practice_site_saw() {
    let log = log();
    let Some(&(start, ..)) = log.first() else {
        return;
    };
    let (mut requests, mut answers, mut most) = (0, 0, 0);
    let (mut rows, mut answered) = (BTreeMap::new(), [0; 6]);
    for &(time, connection, came) in log.iter() {
        // The labels take 15 columns. After them, each column is 10 ms.
        let column = 15 + ((time - start).as_millis().min(500) / 10) as usize;
        let first = log.iter().position(|event| event.1 == connection);
        let label = format!("connection {:<3} ", rows.len() + 1);
        let row = rows.entry(first).or_insert(label);
        if came {
            requests += 1;
            most = most.max(requests - answers);
            if (row.len()..65).contains(&column) {
                *row = format!("{row:column$}[{requests}");
            }
        } else {
            answers += 1;
            for (tick, answered) in answered.iter_mut().enumerate() {
                *answered += usize::from(column < 15 + 10 * tick);
            }
            // A request that is still open at the edge has no bracket at its end.
            let end = if column < 65 { "]" } else { "" };
            if row.ends_with(char::is_numeric) {
                *row = format!("{row:-<0$}{end}", column - end.len());
            }
        }
    }
    let (connections, most) = (count(rows.len(), "connection"), count(most, "request"));
    let mut rows: Vec<_> = rows.into_values().collect();
    if rows.len() > 5 {
        let more = format!("... {} more", rows.len() - 4);
        rows.splice(2..rows.len() - 2, [more]);
    }
    let rows = rows.join("\n");
    let answered = answered.map(|n| format!("{n:<10}")).concat();
    let answered = answered.trim_end();
    print(format!(
        "The practice site saw {connections} and at most {most} at once.
The first half second; [7------] is request 7, from arrival to answer:
               |0        |100      |200      |300      |400      |500 ms
{rows}
answered       {answered} ... {answers}"
    ));
}
