//! A web server on this machine that counts what it sees, so that no step and no test needs the internet.

use axum::Router;
use axum::middleware::{Next, from_fn};
use axum::serve::ListenerExt;
use std::fmt;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::thread;

/// A server on 127.0.0.1 that runs on a thread of its own until the program ends.
pub struct PracticeSite {
    address: SocketAddr,
    counts: Arc<Counts>,
}

#[derive(Default)]
struct Counts {
    connections: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
}

impl PracticeSite {
    /// Serves the pages on a port that the system picks.
    ///
    /// # Errors
    /// When the system gives no port.
    pub fn open(pages: Router) -> io::Result<Self> {
        Self::open_at(0, pages)
    }

    /// Serves the pages on this port; 0 is one that the system picks.
    ///
    /// # Errors
    /// When the system does not give the port, because another program has it, for example.
    pub fn open_at(port: u16, pages: Router) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", port))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let counts = Arc::new(Counts::default());
        let counted = Arc::clone(&counts);
        thread::spawn(move || {
            if let Err(error) = serve(listener, pages, counted) {
                eprintln!("The practice site is gone: {error}");
            }
        });
        Ok(Self { address, counts })
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// How many connections it has accepted.
    pub fn connections(&self) -> usize {
        self.counts.connections.load(Relaxed)
    }

    /// The most requests that it had before it at one time, from a request's arrival until its answer was ready.
    pub fn most_in_flight(&self) -> usize {
        self.counts.most_in_flight.load(Relaxed)
    }
}

impl fmt::Display for PracticeSite {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let (connections, requests) = (self.connections(), self.most_in_flight());
        let (s, rs) = (plural(connections), plural(requests));
        write!(
            f,
            "The practice site saw {connections} connection{s} and at most {requests} request{rs} at once."
        )
    }
}

#[tokio::main(flavor = "current_thread")]
async fn serve(listener: TcpListener, pages: Router, counts: Arc<Counts>) -> io::Result<()> {
    let accepted = Arc::clone(&counts);
    let listener = tokio::net::TcpListener::from_std(listener)?.tap_io(move |_| {
        accepted.connections.fetch_add(1, Relaxed);
    });
    let pages = pages.layer(from_fn(move |request, next: Next| {
        let counted = InFlight::enter(Arc::clone(&counts));
        async move {
            let answer = next.run(request).await;
            drop(counted);
            answer
        }
    }));
    axum::serve(listener, pages).await
}

/// Counts a request out when it is dropped: also one that the client gives up.
struct InFlight(Arc<Counts>);

impl InFlight {
    fn enter(counts: Arc<Counts>) -> Self {
        let now = counts.in_flight.fetch_add(1, Relaxed) + 1;
        counts.most_in_flight.fetch_max(now, Relaxed);
        Self(counts)
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Relaxed);
    }
}

/// The ending of a noun after this number.
pub fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}
