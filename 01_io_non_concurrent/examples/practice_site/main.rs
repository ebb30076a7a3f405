//! The practice site by itself, for any program, with a picture of all that it has seen.
//!
//! ```text
//! cargo run --example practice_site
//! ```
//!
//! Then open <http://127.0.0.1:8000/>. For another port, give it: `cargo run --example practice_site
//! 8001`. Ctrl-C ends it.

#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use axum::extract::connect_info::{ConnectInfo, Connected};
use axum::{Router, http::HeaderMap, response::Html, routing::get, serve::IncomingStream};
use std::sync::{Arc, LazyLock, Mutex, atomic::AtomicUsize, atomic::Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, fmt::Write as _, io, io::Write as _};
use tokio::{net::TcpListener, time::sleep};

/// All times are in milliseconds from here on.
static START: LazyLock<Instant> = LazyLock::new(Instant::now);

/// How much of each run is drawn a second time, enlarged.
const HALF_SECOND: u32 = 500;

/// The runs, the newest first.
static RUNS: Mutex<Vec<Run>> = Mutex::new(Vec::new());

/// What a program, or several with the same User-Agent, asked for without a pause.
#[derive(Default)]
struct Run {
    number: usize,
    agent: String,
    start: u32,
    last_end: u32,
    requests: usize,
    connections: usize,
    ended_early: usize,
    /// A lane has requests that were under way one after another: when each came, and when it was
    /// over. A request takes the first free lane, so there are as many as were under way at most.
    lanes: Vec<Vec<(u32, Option<u32>)>>,
}

/// A request under way: the number of its run, and its lane. It is over when this is dropped, also
/// when the client has given up.
struct Request(usize, usize);

/// Knows the number of the run that it was last used for.
#[derive(Clone)]
struct Connection(Arc<AtomicUsize>);

impl Connected<IncomingStream<'_, TcpListener>> for Connection {
    fn connect_info(_: IncomingStream<'_, TcpListener>) -> Self {
        Self(Arc::default())
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let port = env::args_os().nth(1).unwrap_or("8000".into());
    let port = port.to_string_lossy();
    if port == "--help" || port == "-h" {
        println!("Usage: cargo run --example practice_site [PORT]");
        return Ok(());
    }
    let expected = || format!("{port:?} is not a port: give a number from 1 to 65535");
    let number: u16 = port.parse().with_context(expected)?; // With 0, the system picks the port.
    let listener = TcpListener::bind(("127.0.0.1", number)).await;
    let listener =
        listener.with_context(|| format!("cannot use port {port}: give another port"))?;
    let site = format!("http://{}", listener.local_addr()?);
    // It also serves if nobody reads these lines; `println!` would panic.
    writeln!(io::stdout(), "The practice site serves {site}/jython and {site}/dice.").ok();
    writeln!(io::stdout(), "Open {site}/, which shows what programs ask for. Ctrl-C ends it.").ok();
    let page = Html(include_str!("page.html").replace("SITE", &site));
    let pages = Router::new()
        .route("/", get(page))
        .route("/picture.svg", get(picture))
        .route("/jython", get(|connection, headers| answer(connection, headers, 10_966)))
        .route("/dice", get(|connection, headers| answer(connection, headers, 277)))
        .into_make_service_with_connect_info::<Connection>();
    Ok(axum::serve(listener, pages).await?)
}

async fn answer(from: ConnectInfo<Connection>, headers: HeaderMap, bytes: usize) -> String {
    let agent = headers.get("user-agent").and_then(|agent| agent.to_str().ok());
    let agent = agent.unwrap_or("no User-Agent").chars().take(100).collect();
    let _request = begin(agent, &from.0.0);
    sleep(Duration::from_millis(90)).await;
    ".".repeat(bytes)
}

fn now() -> u32 {
    START.elapsed().as_millis().try_into().unwrap_or(u32::MAX)
}

fn begin(agent: String, connection: &AtomicUsize) -> Request {
    let (now, mut runs) = (now(), RUNS.lock().unwrap());
    let newest = runs.iter().position(|run| run.agent == agent);
    // A run is over when nothing was under way for a second.
    let going_on = newest.filter(|&at| now < runs[at].end(now) + 1_000);
    let at = going_on.unwrap_or_else(|| {
        let number = 1 + runs.first().map_or(0, |run| run.number);
        runs.insert(0, Run { number, agent, start: now, ..Run::default() });
        runs.truncate(10);
        0
    });
    let Run { number, lanes, requests, connections, .. } = &mut runs[at];
    *requests += 1;
    *connections += usize::from(connection.swap(*number, Relaxed) != *number);
    let free = lanes.iter().position(|lane| lane.last().is_some_and(|last| last.1.is_some()));
    let lane = free.unwrap_or(lanes.len());
    lanes.resize_with(lanes.len().max(lane + 1), Vec::new);
    // After 1,000 requests the last box of a lane grows.
    let last = if *requests > 1_000 { lanes[lane].pop() } else { None };
    lanes[lane].push((last.map_or(now, |(came, _)| came), None));
    Request(*number, lane)
}

impl Drop for Request {
    fn drop(&mut self) {
        let (now, mut runs) = (now(), RUNS.lock().unwrap());
        // If ten newer runs have begun, its run is no longer there.
        if let Some(run) = runs.iter_mut().find(|run| run.number == self.0) {
            run.last_end = now;
            run.ended_early += usize::from(now - run.start <= HALF_SECOND);
            run.lanes[self.1].last_mut().unwrap().1 = Some(now);
        }
    }
}

impl Run {
    /// When it ended, or now if a request is under way.
    fn end(&self, now: u32) -> u32 {
        let mut last = self.lanes.iter().filter_map(|lane| lane.last());
        if last.any(|(_, over)| over.is_none()) { now } else { self.last_end }
    }

    /// Draws it below `y`: what it was, its boxes on the axis, and the first half second enlarged.
    fn draw(&self, y: usize, axis: u32, now: u32) -> String {
        let Self { number, start, requests, connections, ended_early, lanes, .. } = self;
        let (end, at_once, height) = (self.end(now), lanes.len(), 4 * lanes.len());
        let (millis, seconds) = (end - start, f64::from(end - start) / 1e3);
        let so_far = if end == now { "so far, " } else { "" };
        let agent = self.agent.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
        let mut path = String::new();
        for (lane, boxes) in lanes.iter().enumerate() {
            for (came, over) in boxes {
                let width = (over.unwrap_or(end) - came).max(1);
                write!(path, "M{} {}h{width}v4h-{width}", came - start, 4 * lane).ok();
            }
        }
        format!(
            "<svg class='run' y='{y}'><svg width='65%' height='26'><text x='1.5%' y='20'><tspan class='large'>{seconds:.2} s</tspan> {so_far}{agent}</text></svg>
<text x='1%' y='38'>requests: {requests}, connections: {connections}, at once: {at_once}</text>
<text x='66%' y='20'><tspan class='large'>{ended_early}</tspan> of {requests} ended<tspan class='wide'> by then</tspan></text>
<svg class='all' x='1%' y='46' width='62%' height='{height}' viewBox='0 0 {axis} {height}' preserveAspectRatio='none'><g id='run{number}'><path d='{path}'/>
<rect class='later' width='{millis}' height='{height}' style='animation-duration: {millis}ms'/></g></svg>
<svg x='66%' y='46' width='33%' height='{height}' viewBox='0 0 500 {height}' preserveAspectRatio='none'><use href='#run{number}'/></svg></svg>\n"
        )
    }
}

/// Draws all runs. A browser that shows them asks again after a second.
async fn picture() -> ([(&'static str, &'static str); 2], String) {
    let (now, runs) = (now(), RUNS.lock().unwrap());
    let lasted = runs.iter().map(|run| run.end(now) - run.start);
    let axis = lasted.max().unwrap_or_default().max(HALF_SECOND);
    let mut body = String::new();
    // Up to four ticks, none of them so near the end that its label would be cut off.
    let mut steps = (2..9).flat_map(|n| [1, 2, 5].map(|of| of * 10_u32.pow(n)));
    let step = steps.find(|step| *step >= axis / 4).unwrap_or(axis);
    for time in (0..4).map(|n| step.saturating_mul(n)).filter(|time| *time < axis / 10 * 9) {
        let (x, seconds) = (1.0 + 62.0 * f64::from(time) / f64::from(axis), f64::from(time) / 1e3);
        write!(body, "<line x1='{x:.2}%' x2='{x:.2}%' y1='40' y2='100%'/>").ok();
        writeln!(body, "<text x='{x:.2}%' y='34'>{seconds} s</text>").ok();
    }
    let mut y = 48;
    for run in runs.iter() {
        body += &run.draw(y, axis, now);
        y += 64 + 4 * run.lanes.len();
    }
    // On a long axis the boxes are narrow, and so are the gaps between them.
    let gap = format!("{:.2}", (5e3 / f64::from(axis)).min(0.6));
    let svg = include_str!("picture.svg").replace("HEIGHT", &y.to_string()).replace("GAP", &gap);
    ([("content-type", "image/svg+xml"), ("refresh", "1")], svg.replace("RUNS", &body))
}
