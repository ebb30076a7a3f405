//! What holds for several steps, tested once. The programs run as a user runs them, against sites on
//! 127.0.0.1.

#![forbid(unsafe_code)]

mod drawing;
mod faults;
mod output;
mod picture;
mod readmes;
mod site;
mod snippets;
mod standalone;
mod workers;

use std::env::consts::EXE_SUFFIX;
use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;
use std::{env, ffi::OsStr, fs, thread};

const STEPS: [&str; 6] = [
    "01_io_non_concurrent",
    "02_io_threading",
    "03_race_condition",
    "04_io_asyncio",
    "05_io_multiprocessing",
    "06_cpu_bound",
];

/// The steps that download.
const IO_STEPS: [&str; 4] = [STEPS[0], STEPS[1], STEPS[3], STEPS[4]];

/// Runs this test with each I/O step, all at once, because they spend their time waiting.
fn for_each_io_step(test: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for step in IO_STEPS {
            let thread = thread::Builder::new().name(step.into());
            thread.spawn_scoped(scope, || test(step)).unwrap();
        }
    });
}

/// A program that the same `cargo test` has built: a step, or `examples/` and the name of one.
fn program(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let path = tests.ancestors().nth(2).unwrap().join(format!("{name}{EXE_SUFFIX}"));
    assert!(path.exists(), "{name} is not built: run `cargo test` at the root");
    let mut program = Command::new(path);
    program.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    // On Linux, the programs then run on a machine without CA certificates too.
    program.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", site::CERTIFICATE);
    program.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// What a program printed, and its exit status.
#[derive(Debug)]
struct Run {
    stdout: Vec<String>,
    stderr: Vec<String>,
    status: Option<i32>,
}

impl Run {
    fn with(name: &str, args: &[impl AsRef<OsStr>]) -> Self {
        program(name).args(args).output().unwrap().into()
    }

    /// The lines that tell of a site that was read, in the order of the alphabet.
    fn read(&self) -> Vec<&str> {
        let read = self.stdout.iter().filter(|line| line.starts_with("Read "));
        let mut read: Vec<_> =
            read.map(|line| line.split(" in process ").next().unwrap()).collect();
        read.sort_unstable();
        read
    }

    #[track_caller]
    fn prints(&self, start: &str) -> &Self {
        assert!(self.stdout.iter().any(|line| line.starts_with(start)), "{start}: {self:#?}");
        self
    }

    #[track_caller]
    fn ends(&self, status: i32, errors: usize) -> &Self {
        assert_eq!((self.status, self.stderr.len()), (Some(status), errors), "{self:#?}");
        self
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        let lines = |bytes| text(bytes).lines().map(str::to_owned).collect();
        let (stdout, stderr) = (lines(output.stdout), lines(output.stderr));
        Self { stdout, stderr, status: output.status.code() }
    }
}

/// The first so many connections to a site. Fails if the program ends before.
fn connections(site: &TcpListener, program: &mut Child, wanted: usize) -> Vec<TcpStream> {
    let mut connections = Vec::new();
    site.set_nonblocking(true).unwrap();
    while connections.len() < wanted {
        let has_ended = program.try_wait().unwrap();
        match site.accept() {
            Ok((connection, _)) => {
                connection.set_nonblocking(false).unwrap();
                connections.push(connection);
            }
            Err(_) if has_ended.is_none() => thread::sleep(Duration::from_millis(5)),
            Err(_) => {
                let errors = BufReader::new(program.stderr.take().unwrap()).lines();
                let errors: Vec<_> = errors.map_while(Result::ok).collect();
                panic!("ended after {} connections: {errors:#?}", connections.len());
            }
        }
    }
    connections
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a folder that are not built, as paths from the root.
fn files(folder: &str) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap() {
        let entry = entry.unwrap();
        let path = format!("{folder}/{}", entry.file_name().to_str().unwrap());
        let kind = entry.file_type().unwrap();
        assert!(!kind.is_symlink(), "{path} is a symbolic link");
        if kind.is_dir() && !path.ends_with("/target") {
            all.extend(files(&path));
        } else if kind.is_file() && !path.contains("/.") {
            all.push(path); // macOS leaves files that begin with a dot.
        }
    }
    all
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Cargo, in a project and with a target folder of its own. The variables that Cargo set for this
/// test would make it build libraries again.
fn cargo(project: &Path, target: &Path) -> Command {
    let mut cargo = Command::new("cargo");
    for (variable, _) in env::vars_os() {
        let name = variable.to_string_lossy();
        if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
            cargo.env_remove(&variable);
        }
    }
    cargo.env_remove("RUST_BACKTRACE").env("CARGO_TARGET_DIR", target).current_dir(project);
    cargo
}
