//! A site on 127.0.0.1 that does what the path of a URL says.

use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::TcpListener;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// A certificate for 127.0.0.1 that nobody vouches for: `openssl req -x509`, for 100 years.
pub const CERTIFICATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/it/https/untrusted.crt");

/// A site, and what it has seen. It is open until the tests end.
#[derive(Clone)]
pub struct Site {
    pub url: String,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Default)]
pub struct Seen {
    /// When each request came, its first line and its headers.
    pub requests: Vec<(Instant, String)>,
    /// For each host that was asked for `/hold`, how many such requests are in flight, and how many
    /// were at most.
    pub held: BTreeMap<String, (usize, usize)>,
    /// How many requests for `/never` have been given up.
    pub given_up: usize,
    /// Until this is true, `/gate` gets no answer.
    pub gate_is_open: bool,
    pub connections: usize,
}

/// A status, headers and a page.
type Answer = (&'static str, &'static str, &'static str);

impl Site {
    pub fn open() -> Self {
        Self::open_at("127.0.0.1", None)
    }

    pub fn open_https() -> Self {
        let certificate = CertificateDer::from_pem_file(CERTIFICATE).unwrap();
        let key = fs::read(CERTIFICATE.replace(".crt", ".key")).unwrap();
        let key = PrivateKeyDer::from_pem_slice(&key).unwrap();
        let config = ServerConfig::builder().with_no_client_auth();
        Self::open_at("127.0.0.1", Some(config.with_single_cert(vec![certificate], key).unwrap()))
    }

    pub fn open_at(address: &str, https: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let scheme = if https.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let site = Self { url, seen: Arc::default() };
        let (this, https) = (site.clone(), https.map(Arc::new));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (this, https, mut stream) = (this.clone(), https.clone(), stream.unwrap());
                // Longer than any program waits for an answer.
                if stream.set_read_timeout(Some(Duration::from_secs(60))).is_err() {
                    continue; // On macOS, this is so if the client has already gone.
                }
                this.seen().connections += 1;
                // An error means that the client gives up.
                thread::spawn(move || match https {
                    None => this.serve(&mut stream),
                    Some(config) => {
                        let tls = ServerConnection::new(config).unwrap();
                        this.serve(&mut StreamOwned::new(tls, stream))
                    }
                });
            }
        });
        site
    }

    pub fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap()
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// How often this path has been asked for.
    pub fn asked(&self, path: &str) -> usize {
        let start = format!("GET {path} ");
        self.seen().requests.iter().filter(|(_, head)| head.starts_with(&start)).count()
    }

    /// How many requests for `/hold` were in flight at most, at one host.
    pub fn most_held(&self) -> usize {
        self.seen().held.values().map(|(_, most)| *most).max().unwrap()
    }

    /// Answers requests until the client closes the connection, or until the site does.
    fn serve(&self, stream: &mut (impl Read + Write)) -> io::Result<()> {
        loop {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte)?;
                head.extend(byte);
                if head.starts_with(b"GET /reset") {
                    return Ok(()); // Closed with something left to read, a connection is reset.
                }
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split([' ', '?']).nth(1).unwrap();
            self.seen().requests.push((Instant::now(), head.clone()));
            let times = self.seen().requests.iter().filter(|(_, other)| *other == head).count();
            let (status, headers, body) = match path {
                "/hold" => self.hold(&head, "200 OK"),
                "/late-404" => self.hold(&head, "404 Not Found"),
                "/gate" => self.wait_until(|seen| seen.gate_is_open, "page"),
                "/after-39-others" => self.wait_until(|seen| seen.requests.len() > 39, "slow page"),
                "/empty" => ("200 OK", "", ""),
                "/moved" => ("301 Moved Permanently", "location: /page\r\n", ""),
                "/lost" => ("302 Found", "", "moved"),
                "/wrong-port" => ("302 Found", "location: http://127.0.0.1:70000/\r\n", "moved"),
                "/circle" => ("302 Found", "location: /circle\r\n", ""),
                "/overloaded-twice" if times <= 2 => ("503 Service Unavailable", "", "page"),
                "/busy-once" if times == 1 => ("429 Too Many Requests", "", "page"),
                "/dropped-once" if times == 1 => return Ok(()),
                "/silent-once" if times == 1 => return stream.read_exact(&mut [0]),
                "/nowhere" => ("404 Not Found", "", "page"),
                "/euro" => ("200 OK", "", "\u{20ac}"),
                "/short" => {
                    return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npage");
                }
                "/smtp" => return stream.write_all(b"220 mail.example ESMTP\r\n"),
                "/drip" => {
                    stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 16\r\n\r\n")?;
                    for _ in 0..16 {
                        thread::sleep(Duration::from_secs(1));
                        stream.write_all(b".")?;
                    }
                    continue;
                }
                "/never" => {
                    let end = stream.read_exact(&mut [0]);
                    self.seen().given_up += 1;
                    return end;
                }
                _ => ("200 OK", "", "page"),
            };
            let length = format!("content-length: {}", body.len());
            let answer = format!("HTTP/1.1 {status}\r\n{headers}{length}\r\n\r\n{body}");
            stream.write_all(answer.as_bytes())?;
        }
    }

    fn wait_until(&self, is_so: fn(&Seen) -> bool, page: &'static str) -> Answer {
        while !is_so(&self.seen()) {
            thread::sleep(Duration::from_millis(5));
        }
        ("200 OK", "", page)
    }

    /// Holds a request for a while, so that others that come are seen with it.
    fn hold(&self, head: &str, status: &'static str) -> Answer {
        let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
        let count = |change: fn(&mut (usize, usize))| {
            change(self.seen().held.entry(host.to_owned()).or_default());
        };
        count(|(now, most)| (*now, *most) = (*now + 1, (*now + 1).max(*most)));
        thread::sleep(Duration::from_millis(50));
        count(|(now, _)| *now -= 1);
        (status, "", "page")
    }
}
