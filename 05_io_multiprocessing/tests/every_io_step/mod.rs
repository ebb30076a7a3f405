//! What must hold of every I/O step: what it prints, its exit status, and that a site that cannot
//! be read is named and keeps no other from being read. This file is the same in all of them.

#[path = "../../src/sites/practice_site.rs"]
pub mod practice_site;

use crate::PROGRAM;
use axum::response::Redirect;
use axum::{Router, http::StatusCode, routing::get};
use practice_site::PracticeSite;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};
use std::ffi::OsStr;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use tokio::net::TcpSocket;

#[test]
fn without_urls_160_pages_of_the_practice_site_are_read() {
    let run = run_command(program().env("PRACTICE_SITE_WAIT_MS", "0"));
    for page in [
        "Read 10966 bytes from http://127.0.0.1:",
        "Read 277 bytes from http://127.0.0.1:",
    ] {
        let lines = run.read().into_iter().filter(|line| line.starts_with(page));
        assert_eq!(lines.count(), 80, "{run:#?}");
    }
    assert_eq!(summary_of(&run.stdout[160]).0, "Downloaded 160 sites");
    let counts: Vec<_> = run.stdout[161]
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    let (connections, requests) = (count(counts[0], "connection"), count(counts[1], "request"));
    let seen = format!("The practice site saw {connections} and at most {requests} at once.");
    assert_eq!(run.stdout[161], seen);
    assert_eq!(
        (run.stdout.len(), run.stderr.len(), run.status),
        (162, 0, Some(0)),
        "{run:#?}"
    );
}

#[test]
fn each_url_given_is_read_once() {
    let site = good_site();
    let urls = [
        site.url("/good"),
        site.url("/?a=1&b=%20#c"),
        site.url("/good"),
        site.url(""),
    ];
    run(&urls).reads(&urls.map(|url| format!("Read 4 bytes from {url}")));
}

#[test]
fn an_empty_page_is_a_page() {
    let url = good_site().url("/empty");
    run(&[&url]).reads(&[format!("Read 0 bytes from {url}")]);
}

#[test]
fn bytes_are_counted_and_not_characters() {
    let site = good_site();
    let urls = [site.url("/latin-1"), site.url("/utf-8")];
    run(&urls).reads(&urls.map(|url| format!("Read 3 bytes from {url}")));
}

#[test]
fn a_host_that_does_not_exist_is_named() {
    // No name server is asked for a name whose first part is longer than 63 characters.
    is_named(&format!("http://{}.invalid/", "x".repeat(64)), "dns error");
}

#[test]
fn a_refused_connection_is_named() {
    // A socket that holds its port and does not listen there.
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
    is_named(
        &format!("http://{}/", socket.local_addr().unwrap()),
        "tcp connect error",
    );
}

#[test]
fn a_reset_connection_is_named() {
    let url = broken_site(|stream| {
        // Closing a connection with a request unread in it resets it.
        stream.peek(&mut [0]).map(drop)
    });
    is_named(&url, "error sending request");
}

#[test]
fn a_status_of_404_is_named() {
    is_named(&good_site().url("/nowhere"), "404 Not Found");
}

#[test]
fn a_status_of_500_is_named() {
    is_named(&good_site().url("/500"), "500 Internal Server Error");
}

#[test]
fn a_body_shorter_than_it_promised_is_named() {
    let url = broken_site(|stream| answer(stream, "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n1"));
    is_named(&url, "end of file before message length reached");
}

#[test]
fn an_answer_that_is_not_http_is_named() {
    let url = broken_site(|stream| answer(stream, "220 mail.example ESMTP\r\n"));
    is_named(&url, "invalid HTTP version parsed");
}

#[test]
fn redirects_in_a_circle_are_named() {
    is_named(&good_site().url("/circle"), "too many redirects");
}

#[test]
fn a_site_that_never_answers_is_named() {
    let url = broken_site(|stream| stream.read_to_end(&mut Vec::new()).map(drop));
    let seconds = is_named(&url, "operation timed out");
    assert!((10.0..20.0).contains(&seconds), "{seconds}");
}

#[test]
fn an_untrusted_certificate_is_named() {
    is_named(&https_site(), "invalid peer certificate");
}

/// Linux alone lets a variable say whom to trust.
#[test]
#[cfg(target_os = "linux")]
fn https_is_read_where_the_certificate_is_trusted() {
    let (url, trusted) = (https_site(), "tests/every_io_step/untrusted.crt");
    run_command(program().arg(&url).env("SSL_CERT_FILE", trusted))
        .reads(&[format!("Read 4 bytes from {url}")]);
}

#[test]
fn what_is_no_web_url_gets_the_usage_before_anything_is_read() {
    let site = good_site();
    for wrong in [
        "",
        "www.rust-lang.org",
        "ftp://127.0.0.1/",
        "http://",
        "--hlep",
        "http://a\n/",
    ] {
        let run = run(&[&site.url("/good"), wrong]);
        assert_eq!(
            run.stderr[..run.stderr.len() - 2].join("\n"),
            format!("\"{wrong}\" is no http or https URL, such as https://crates.io.")
        );
        assert!(
            run.stderr[run.stderr.len() - 2].starts_with("Usage: "),
            "{run:#?}"
        );
        assert_eq!((run.stdout.len(), run.status), (0, Some(2)), "{run:#?}");
    }
    assert_eq!(site.connections(), 0);
}

#[test]
fn help_is_given_to_who_asks() {
    for help in ["--help", "-h"] {
        let run = run(&[help]);
        let name = Path::new(PROGRAM).file_stem().unwrap().to_str().unwrap();
        assert_eq!(run.stdout[0], format!("Usage: {name} [URL]..."));
        assert_eq!((run.stderr.len(), run.status), (0, Some(0)), "{run:#?}");
    }
}

#[test]
fn a_wait_that_is_no_number_is_an_error() {
    let run = run_command(program().env("PRACTICE_SITE_WAIT_MS", "soon"));
    assert_eq!(
        run.stderr,
        ["Error: PRACTICE_SITE_WAIT_MS is no whole number of milliseconds"]
    );
    assert_eq!((run.stdout.len(), run.status), (0, Some(1)), "{run:#?}");
}

#[test]
fn a_proxy_in_the_environment_does_not_come_between() {
    let url = good_site().url("/good");
    run_command(
        program()
            .arg(&url)
            .env("http_proxy", "http://127.0.0.1:9")
            .env("NO_PROXY", ""),
    )
    .reads(&[format!("Read 4 bytes from {url}")]);
}

#[test]
fn errors_that_nobody_reads_keep_no_site_from_being_read_and_change_no_exit_status() {
    let site = good_site();
    let [good, bad] = ["/good", "/nowhere"].map(|page| site.url(page));
    let status_and_lines = |args: &[&str]| {
        let mut run = program()
            .args(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        drop(run.stderr.take());
        let run = run.wait_with_output().unwrap();
        (
            run.status.code(),
            String::from_utf8(run.stdout).unwrap().lines().count(),
        )
    };
    assert_eq!(status_and_lines(&[&bad, &bad, &good]), (Some(1), 2));
    assert_eq!(status_and_lines(&["no URL"]), (Some(2), 0));
}

#[test]
fn a_run_whose_output_nobody_reads_on_ends_quietly() {
    let mut run = program()
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.by_ref().take(3).all(|line| line.is_ok()));
    drop(lines);
    let rest = run.wait_with_output().unwrap();
    assert_eq!(
        (
            String::from_utf8(rest.stderr).unwrap().as_str(),
            rest.status.code()
        ),
        ("", Some(0))
    );
}

/// Runs the program with a site that cannot be read between two that can. Returns how many seconds
/// the program says that it took.
fn is_named(bad: &str, reason: &str) -> f64 {
    let good = good_site().url("/good");
    let run = run(&[&good, bad, &good]);
    assert_eq!(
        run.read(),
        vec![format!("Read 4 bytes from {good}"); 2],
        "{run:#?}"
    );
    let (summary, seconds) = summary_of(&run.stdout[2]);
    assert_eq!(summary, "Downloaded 2 of 3 sites", "{run:#?}");
    let named = run.stderr[0].starts_with(&format!("Could not read {bad}: "));
    assert!(named && run.stderr[0].contains(reason), "{run:#?}");
    assert_eq!(
        (run.stdout.len(), run.stderr.len(), run.status),
        (3, 1, Some(1)),
        "{run:#?}"
    );
    seconds
}

/// What a run left behind.
#[derive(Debug)]
pub struct Run {
    pub stdout: Vec<String>,
    pub stderr: Vec<String>,
    pub status: Option<i32>,
}

impl Run {
    /// The lines that tell of a site that was read, without the process that step 05 names first.
    pub fn read(&self) -> Vec<&str> {
        let lines = self
            .stdout
            .iter()
            .map(|line| match line.split_once(": Read ") {
                Some((process, _)) => &line[process.len() + 2..],
                None => line,
            });
        lines.filter(|line| line.starts_with("Read ")).collect()
    }

    /// All went well, and nothing was printed but these lines, in any order, and the summary.
    pub fn reads(&self, expected: &[String]) {
        let (mut read, mut expected) = (self.read(), Vec::from(expected));
        read.sort_unstable();
        expected.sort_unstable();
        assert_eq!(read, expected, "{self:#?}");
        let sites = count(read.len(), "site");
        let (summary, _) = summary_of(&self.stdout[read.len()]);
        assert_eq!(summary, format!("Downloaded {sites}"), "{self:#?}");
        assert_eq!(self.stdout.len(), read.len() + 1, "{self:#?}");
        assert_eq!((self.stderr.len(), self.status), (0, Some(0)), "{self:#?}");
    }
}

fn count(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// The summary and its seconds, which must have two decimals.
fn summary_of(line: &str) -> (&str, f64) {
    let (summary, seconds) = line.split_once(" in ").expect(line);
    let seconds = seconds.strip_suffix(" seconds").expect(line);
    assert_eq!(seconds.find('.'), Some(seconds.len() - 3), "{line}");
    (summary, seconds.parse().expect(line))
}

pub fn run(urls: &[impl AsRef<OsStr>]) -> Run {
    run_command(program().args(urls))
}

pub fn run_command(command: &mut Command) -> Run {
    let output = command.output().unwrap();
    let lines = |bytes| {
        String::from_utf8(bytes)
            .unwrap()
            .lines()
            .map(str::to_owned)
            .collect()
    };
    Run {
        stdout: lines(output.stdout),
        stderr: lines(output.stderr),
        status: output.status.code(),
    }
}

/// The program, without the variables of whoever runs the tests that it would heed.
pub fn program() -> Command {
    let mut program = Command::new(PROGRAM);
    program.stdin(Stdio::null());
    for variable in [
        "PRACTICE_SITE_WAIT_MS",
        "RUST_BACKTRACE",
        "RUST_LIB_BACKTRACE",
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
    ] {
        program.env_remove(variable);
    }
    program
}

fn good_site() -> PracticeSite {
    let pages = Router::new()
        .route("/", get("page"))
        .route("/good", get("page"))
        .route("/empty", get(""))
        .route("/latin-1", get(|| async { b"\xe9t\xe9".to_vec() }))
        .route("/utf-8", get("\u{20ac}"))
        .route("/500", get(StatusCode::INTERNAL_SERVER_ERROR))
        .route("/circle", get(Redirect::to("/circle")));
    PracticeSite::open(pages).unwrap()
}

/// A site that does this with each connection, written by hand since no web server will.
fn broken_site(serve: fn(&mut TcpStream) -> io::Result<()>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            // One thread each, so that a second try finds it just as broken. A client that gives
            // up is no concern of the site's.
            thread::spawn(move || stream.and_then(|mut stream| serve(&mut stream)).ok());
        }
    });
    url
}

/// Reads the request to its end, the empty line, and answers this.
fn answer(stream: &mut (impl Read + Write), text: &str) -> io::Result<()> {
    let mut request = BufReader::new(&mut *stream).lines();
    while request
        .next()
        .transpose()?
        .is_some_and(|line| !line.is_empty())
    {}
    stream.write_all(text.as_bytes())
}

/// A site whose certificate nobody vouches for: `openssl req -x509`, good for 100 years.
fn https_site() -> String {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("untrusted.crt")).unwrap();
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("untrusted.key")).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://{}/", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(tls, stream.unwrap());
            // It fails where the client refuses the certificate: that is what is tested.
            answer(
                &mut stream,
                "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\npage",
            )
            .ok();
        }
    });
    url
}
