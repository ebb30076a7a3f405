//! What holds for every step that downloads.

use promises::{Run, Site, for_each_io_step, program, serve};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use rustls::{ServerConfig, ServerConnection, StreamOwned, crypto::ring};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;

/// The number of sites that were read, as the summary tells it, and its seconds.
fn summary(run: &Run) -> (&str, f64) {
    let summary = run.stdout.iter().find(|line| line.starts_with("Downloaded "));
    let (sites, time) = summary.unwrap().split_once(" in ").unwrap();
    let seconds = time.strip_suffix(" seconds").unwrap();
    assert_eq!(seconds.find('.'), Some(seconds.len() - 3), "{run:#?}");
    (sites, seconds.parse().unwrap())
}

#[test]
fn every_site_that_cannot_be_read_is_named_and_the_others_are_read() {
    let (site, https) = (Site::open(), https_site());
    // No name server is asked about a name whose first part is longer than 63 letters.
    let no_such_host = format!("http://{}.invalid/", "x".repeat(64));
    let faults = [
        (no_such_host, "dns error"),
        ("http://127.0.0.1:1/".into(), "tcp connect error"),
        (site.url("/reset"), "error sending request"),
        (site.url("/nowhere"), "404 Not Found"),
        (site.url("/500"), "500 Internal Server Error"),
        (site.url("/short"), "end of file before message length reached"),
        (site.url("/smtp"), "invalid HTTP version parsed"),
        (site.url("/circle"), "too many redirects"),
        (site.url("/never"), "operation timed out"),
        (https.url("/page"), "invalid peer certificate"),
        ("www.rust-lang.org".into(), "relative URL without a base"),
        ("ftp://127.0.0.1/".into(), "URL scheme is not allowed"),
        ("http://".into(), "empty host"),
        (String::new(), "relative URL without a base"),
        ("--hlep".into(), "relative URL without a base"),
    ];
    for_each_io_step(|step| {
        let good = site.url("/page");
        let urls: Vec<_> = faults.iter().flat_map(|(bad, _)| [bad, &good]).collect();
        let run = Run::with(step, &urls);
        let read = run.stdout.iter().filter(|line| line.starts_with("Read "));
        assert_eq!(read.count(), faults.len(), "{run:#?}");
        assert_eq!(run.stderr.len(), faults.len(), "{run:#?}");
        for (bad, reason) in &faults {
            let named = |line: &&String| {
                let rest = line.strip_prefix(&format!("Could not read {bad}"));
                rest.is_some_and(|rest| rest.starts_with([':', ' ']) && rest.contains(reason))
            };
            assert!(run.stderr.iter().any(|line| named(&line)), "{bad}: {run:#?}");
        }
        let (sites, seconds) = summary(&run);
        assert_eq!(sites, format!("Downloaded {} of {} sites", faults.len(), urls.len()));
        // The one that never answers is given up after 10 s.
        assert!((10.0..15.0).contains(&seconds), "{seconds}");
        assert_eq!(run.status, Some(1));
    });
}

#[test]
fn each_url_is_read_once_and_its_bytes_are_counted() {
    for_each_io_step(|step| {
        let site = Site::open();
        let pages = [
            ("/page", 4),
            ("", 4),
            ("/empty", 0),
            ("/euro", 3),
            ("/moved", 4),
            ("/page?a=1&b=%20#c", 4),
        ];
        let mut expected =
            pages.map(|(page, size)| format!("Read {size} bytes from {}", site.url(page)));
        let run = Run::with(step, &pages.map(|(page, _)| site.url(page)));
        let read = run.stdout.iter().filter(|line| line.starts_with("Read "));
        let mut read: Vec<_> =
            read.map(|line| line.split(" in process ").next().unwrap()).collect();
        read.sort_unstable();
        expected.sort_unstable();
        assert_eq!(read, expected);
        assert_eq!(summary(&run).0, "Downloaded 6 sites");
        // Nothing is said of the practice site.
        assert_eq!((run.stdout.len(), run.stderr.len(), run.status), (7, 0, Some(0)), "{run:#?}");
        assert_eq!(site.log.requests.lock().unwrap().len(), 6 + 1);
    });
}

#[test]
fn one_site_is_one_site_and_is_told_who_asks_and_no_proxy_comes_between() {
    for_each_io_step(|step| {
        let site = Site::open();
        let mut program = program(step);
        program.env("http_proxy", "http://127.0.0.1:1").env("NO_PROXY", "");
        let run = Run::of(program.arg(site.url("/page")));
        assert_eq!(summary(&run).0, "Downloaded 1 site");
        let user_agent = format!("\r\nuser-agent: {}/0.1.0\r\n", &step[3..]);
        assert!(site.log.requests.lock().unwrap()[0].contains(&user_agent));
    });
}

/// Only Linux lets a variable say whom to trust.
#[test]
#[cfg(target_os = "linux")]
fn https_is_read_where_the_certificate_is_trusted() {
    let url = https_site().url("/page");
    let trusted = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/https/untrusted.crt");
    for_each_io_step(|step| {
        let run = Run::of(program(step).arg(&url).env("SSL_CERT_FILE", trusted));
        assert_eq!((summary(&run).0, run.status), ("Downloaded 1 site", Some(0)), "{run:#?}");
    });
}

#[test]
fn help_shows_the_usage() {
    for_each_io_step(|step| {
        for help in ["--help", "-h"] {
            let run = Run::with(step, &["http://127.0.0.1:1/", help]);
            assert_eq!(run.stdout[0], format!("Usage: cargo run -p {} -- [URL]...", &step[3..]));
            assert_eq!((run.stderr.len(), run.status), (0, Some(0)), "{run:#?}");
        }
    });
}

#[test]
#[cfg(unix)]
fn an_argument_that_is_not_utf_8_is_named_and_nothing_is_downloaded() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    for_each_io_step(|step| {
        let site = Site::open();
        let bad = OsStr::from_bytes(b"http://127.0.0.1/\xff");
        let run = Run::with(step, &[site.url("/page").as_ref(), bad]);
        assert_eq!(run.stderr, [r#"Error: the argument "http://127.0.0.1/\xFF" is not UTF-8"#]);
        assert_eq!((run.stdout.len(), run.status), (0, Some(1)), "{run:#?}");
        assert_eq!(site.log.requests.lock().unwrap().len(), 0);
    });
}

#[test]
fn if_nobody_reads_the_output_the_program_ends_without_a_word_and_with_status_1() {
    for_each_io_step(|step| {
        let mut run = program(step).spawn().unwrap();
        let lines = BufReader::new(run.stdout.take().unwrap()).lines();
        assert!(lines.take(3).all(|line| line.unwrap().starts_with("Read ")));
        let end = run.wait_with_output().unwrap();
        assert_eq!(String::from_utf8(end.stderr).unwrap(), "");
        assert_eq!(end.status.code(), Some(1));
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    for_each_io_step(|step| {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let run = Run::of(program(step).arg(Site::open().url("/page")).stdout(full));
        assert!(run.stderr[0].starts_with("Could not print: No space left"), "{run:#?}");
        assert_eq!(run.status, Some(1));
    });
}

#[test]
fn errors_that_nobody_reads_keep_no_site_from_being_read() {
    for_each_io_step(|step| {
        let site = Site::open();
        let urls = ["/nowhere", "/nowhere", "/page"].map(|page| site.url(page));
        let mut run = program(step).args(urls).stderr(Stdio::piped()).spawn().unwrap();
        drop(run.stderr.take());
        let run = run.wait_with_output().unwrap();
        let stdout = String::from_utf8(run.stdout).unwrap();
        assert!(stdout.contains("\nDownloaded 1 of 3 sites in "), "{stdout}");
        assert_eq!(run.status.code(), Some(1));
    });
}

#[test]
fn a_site_that_never_answers_holds_nobody_up() {
    for step in ["02_io_threading", "04_io_asyncio"] {
        let site = Site::open();
        let urls = [vec![site.url("/never")], vec![site.url("/page"); 20]].concat();
        let mut run = program(step).args(urls).spawn().unwrap();
        let lines = BufReader::new(run.stdout.take().unwrap()).lines().take(20);
        assert!(lines.map(Result::unwrap).all(|line| line.starts_with("Read ")));
        // That one is still being waited for.
        run.kill().unwrap();
        assert_eq!(run.wait_with_output().unwrap().stderr, b"");
    }
}

/// A site whose certificate nobody vouches for: `openssl req -x509`, for 100 years.
fn https_site() -> Site {
    let certificate = CertificateDer::from_pem_slice(include_bytes!("https/untrusted.crt"));
    let key = PrivateKeyDer::from_pem_slice(include_bytes!("https/untrusted.key"));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = config.with_no_client_auth();
    let config = config.with_single_cert(vec![certificate.unwrap()], key.unwrap());
    let config = Arc::new(config.unwrap());
    let mut site = Site::open_at("127.0.0.1", move |stream, log| {
        let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
        serve(&mut StreamOwned::new(tls, stream), log).ok()
    });
    site.url = site.url.replace("http:", "https:");
    site
}
