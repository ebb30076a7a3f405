//! What the tests share: the programs as a user runs them, and a site on 127.0.0.1 that misbehaves.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::env::{self, consts::EXE_SUFFIX};
use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use std::{fs, thread};

pub const STEPS: [&str; 6] = [
    "01_io_non_concurrent",
    "02_io_threading",
    "03_race_condition",
    "04_io_asyncio",
    "05_io_multiprocessing",
    "06_cpu_bound",
];

/// The steps that download.
pub const IO_STEPS: [&str; 4] =
    ["01_io_non_concurrent", "02_io_threading", "04_io_asyncio", "05_io_multiprocessing"];

/// Runs this test with each I/O step, all at once, because they spend their time waiting.
pub fn for_each_io_step(test: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for step in IO_STEPS {
            let test = || test(step);
            thread::Builder::new().name(step.into()).spawn_scoped(scope, test).unwrap();
        }
    });
}

/// A program that the same `cargo test` has built: a step, or `examples/` and the name of one.
pub fn program(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let built = tests.ancestors().nth(2).unwrap();
    let path = built.join(format!("{name}{EXE_SUFFIX}"));
    assert!(path.exists(), "{name} is not built: run `cargo test` at the root");
    let mut program = Command::new(path);
    for variable in ["RUST_BACKTRACE", "RUST_LIB_BACKTRACE", "SSL_CERT_FILE", "SSL_CERT_DIR"] {
        program.env_remove(variable);
    }
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// The root of the workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a folder that are not built, as paths from the root.
pub fn files(folder: &str) -> Vec<String> {
    let entries = fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap);
    let files = entries.flat_map(|entry| {
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        assert!(!entry.file_type().unwrap().is_symlink(), "{path} is a symbolic link");
        match entry.file_type().unwrap().is_dir() {
            true if path.ends_with("/target") => Vec::new(),
            true => files(&path),
            false if path.contains("/.") => Vec::new(), // macOS leaves such files.
            false => vec![path],
        }
    });
    files.collect()
}

/// Cargo, in a project and with a target folder of its own. The variables that Cargo set for this
/// test would make it build libraries again.
pub fn cargo(project: &Path, target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        if ["CARGO_PKG_", "CARGO_MANIFEST_", "OUT_DIR"].iter().any(|own| name.starts_with(own)) {
            cargo.env_remove(&variable);
        }
    }
    cargo.env("CARGO_TARGET_DIR", target).env_remove("RUST_BACKTRACE").current_dir(project);
    cargo
}

/// A program's output and exit status.
#[derive(Debug)]
pub struct Run {
    pub stdout: Vec<String>,
    pub stderr: Vec<String>,
    pub status: Option<i32>,
}

impl Run {
    pub fn of(program: &mut Command) -> Self {
        let output = program.output().unwrap();
        let lines = |bytes| -> Vec<_> {
            let text = String::from_utf8(bytes).unwrap();
            text.lines().map(str::to_owned).collect()
        };
        let (stdout, stderr) = (lines(output.stdout), lines(output.stderr));
        Self { stdout, stderr, status: output.status.code() }
    }

    pub fn with(name: &str, args: &[impl AsRef<OsStr>]) -> Self {
        Self::of(program(name).args(args))
    }
}

/// A site that does what the path of a URL says, until the test ends.
pub struct Site {
    pub url: String,
    pub log: Arc<Log>,
}

/// What a site has seen.
#[derive(Default)]
pub struct Log {
    /// Each request's first line and headers, as they came.
    pub requests: Mutex<Vec<String>>,
    /// For each host that was asked for `/hold`, how many such requests are in flight, and how many
    /// were at most.
    pub held: Mutex<BTreeMap<String, (usize, usize)>>,
}

impl Site {
    pub fn open() -> Self {
        Self::open_at("127.0.0.1", |stream, log| serve(&mut &stream, log).ok())
    }

    /// Opens a site that does this with each connection. (It ignores a client that gives up.)
    pub fn open_at<T>(
        address: &str,
        connection: impl Fn(TcpStream, &Log) -> T + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind((address, 0)).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let log = Arc::new(Log::default());
        let (connection, seen) = (Arc::new(connection), Arc::clone(&log));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (connection, log) = (Arc::clone(&connection), Arc::clone(&seen));
                thread::spawn(move || drop(connection(stream.unwrap(), &log)));
            }
        });
        Self { url, log }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// How often this path has been asked for.
    pub fn requests(&self, path: &str) -> usize {
        let start = format!("GET {path} ");
        let requests = self.log.requests.lock().unwrap();
        requests.iter().filter(|head| head.starts_with(&start)).count()
    }
}

/// Answers requests until the client closes the connection, or until the site does.
pub fn serve(stream: &mut (impl Read + Write), log: &Log) -> io::Result<()> {
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            head.extend(byte);
            if head.starts_with(b"GET /reset") {
                return Ok(()); // A connection that is closed with something left to read is reset.
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split([' ', '?']).nth(1).unwrap();
        let mut requests = log.requests.lock().unwrap();
        requests.push(head.clone());
        let times = requests.iter().filter(|other| **other == head).count();
        drop(requests);
        let (status, headers, body) = match path {
            "/slow" => (hold(log, &head), "", "slow page"),
            "/hold" => (hold(log, &head), "", "page"),
            "/empty" => ("200 OK", "", ""),
            "/euro" => ("200 OK", "", "\u{20ac}"),
            "/moved" => ("301 Moved Permanently", "location: /page\r\n", ""),
            "/circle" => ("302 Found", "location: /circle\r\n", ""),
            "/500" => ("500 Internal Server Error", "", "page"),
            "/overloaded-twice" if times <= 2 => ("503 Service Unavailable", "", "page"),
            "/dropped-once" if times == 1 => return Ok(()),
            "/" | "/page" | "/overloaded-twice" | "/dropped-once" => ("200 OK", "", "page"),
            "/short" => {
                return stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\npage");
            }
            "/smtp" => return stream.write_all(b"220 mail.example ESMTP\r\n"),
            "/never" => return stream.read_exact(&mut [0]),
            _ => ("404 Not Found", "", "page"),
        };
        let length = body.len();
        write!(stream, "HTTP/1.1 {status}\r\n{headers}content-length: {length}\r\n\r\n{body}")?;
    }
}

/// Holds a request for a while, so that others that come are seen with it.
fn hold(log: &Log, head: &str) -> &'static str {
    let host = head.lines().find_map(|line| line.strip_prefix("host: ")).unwrap();
    let count = |change: fn(&mut (usize, usize))| {
        change(log.held.lock().unwrap().entry(host.to_owned()).or_default());
    };
    count(|(now, most)| (*now, *most) = (*now + 1, (*now + 1).max(*most)));
    thread::sleep(Duration::from_millis(50));
    count(|(now, _)| *now -= 1);
    "200 OK"
}
