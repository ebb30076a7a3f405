//! Not part of the lesson: a site on this machine, so that you need no network, and a drawing of what
//! it has seen.

use anyhow::{Context, Result};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::{Router, routing::get, serve::IncomingStream};
use std::collections::BTreeMap;
use std::sync::{Mutex, atomic::AtomicUsize, atomic::Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{io, net::TcpListener, thread};

/// How long each request has to wait: the article's 160 downloads took 14.3 s, one by one.
const WAIT: Duration = Duration::from_millis(90);

/// How many connections there have been.
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

/// Opens the site until the program ends, and returns the URLs of its two pages, 80 times each.
pub fn open() -> Result<Vec<String>> {
    let listener = TcpListener::bind("127.0.0.1:0").context("cannot open the practice site")?;
    listener.set_nonblocking(true)?;
    let site = format!("http://{}", listener.local_addr()?);
    let failed = |error| panic!("the practice site has failed: {error}");
    thread::spawn(move || serve(listener).unwrap_or_else(failed));
    Ok(vec![[format!("{site}/jython"), format!("{site}/dice")]; 80].concat())
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

/// Returns how many connections and requests the site saw, and a drawing of half a second, from the
/// first request on; `None` if there was no request.
pub fn seen() -> Option<String> {
    let mut log = LOG.lock().unwrap();
    log.sort_by_key(|&(_, came, _)| came);
    let &(_, start, _) = log.first()?;
    let mut answers: Vec<Instant> = log.iter().map(|&(.., answered)| answered).collect();
    answers.sort();
    let answered_by = |time| answers.partition_point(|answered| *answered <= time);
    let (mut most, mut rows) = (0, BTreeMap::new());
    for (number, &(connection, came, answered)) in (1..).zip(log.iter()) {
        most = most.max(number - answered_by(came));
        // A column is 10 ms. In column 50 the drawing ends.
        let column = |time: Instant| ((time - start).as_millis().min(500) / 10) as usize;
        let (from, to) = (column(came), column(answered));
        if from < to {
            let row: &mut String = rows.entry(connection).or_default();
            let number = format!("[{number}");
            let bar = if number.len() < to - from { &number } else { "[" };
            *row = format!("{row:from$}{bar:-<0$}", to - from);
            if to < 50 {
                row.replace_range(to - 1.., "]");
            }
        }
    }
    let count = |n, noun| format!("{n} {noun}{}", if n == 1 { "" } else { "s" });
    let (all, most) = (count(CONNECTIONS.load(Relaxed), "connection"), count(most, "request"));
    let mut lines = vec![format!(
        "The practice site saw {all} and at most {most} at once.
Half a second, from the first request on. A row is a connection, a column is
10 ms, and [7------] is request 7, from its arrival at the site to its answer:
                |0        |100      |200      |300      |400      |500 ms"
    )];
    let ten = rows.iter().take(10);
    lines.extend(ten.map(|(connection, row)| format!("connection {connection:<5}{row}")));
    if rows.len() > 10 {
        lines.push(format!("... {} more connections like these", rows.len() - 10));
    }
    let after = |tick| start + Duration::from_millis(100) * tick;
    let mut answered = String::from("answered so far ");
    for tick in 0..6 {
        let by_now = answered_by(after(tick));
        answered = format!("{answered}{by_now:<10}");
        if by_now == log.len() {
            break;
        }
    }
    if answered_by(after(5)) < log.len() {
        answered = format!("{} ... {}", answered.trim_end(), log.len());
    }
    lines.push(answered.trim_end().to_owned());
    Some(lines.join("\n"))
}
