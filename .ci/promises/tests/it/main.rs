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
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};
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

/// The snippets that download the URLs on their command line, and how many at once.
const SNIPPETS: [(&str, usize); 7] = [
    ("threads_in_order", 5),
    ("async_in_order", 20),
    ("thread_local", 5),
    ("as_completed", 5),
    ("progress_bar", 20),
    ("per_host", 2),
    ("until_ctrl_c", 20),
];

/// Runs this test with each program, all at once, because most spend their time waiting.
fn for_each(programs: &[&'static str], test: impl Fn(&str) + Sync) {
    thread::scope(|scope| {
        for &program in programs {
            let thread = thread::Builder::new().name(program.into());
            thread.spawn_scoped(scope, || test(program)).unwrap();
        }
    });
}

/// A program that the same `cargo test` has built: a step or an example.
fn program(name: &str) -> Command {
    let tests = env::current_exe().unwrap();
    let folder = if STEPS.contains(&name) { "." } else { "examples" };
    let path = tests.ancestors().nth(2).unwrap().join(folder).join(format!("{name}{EXE_SUFFIX}"));
    assert!(path.exists(), "{name} is not built: run `cargo test` at the root");
    #[cfg(unix)]
    {
        use rustix::process::{Resource, getrlimit, setrlimit};
        // The tests that run at once need more files than the 256 that macOS allows at first.
        let mut limit = getrlimit(Resource::Nofile);
        limit.current = Some(limit.maximum.unwrap_or(u64::MAX).min(4_096));
        setrlimit(Resource::Nofile, limit).unwrap();
    }
    command(&path)
}

fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_remove("RUST_BACKTRACE").env_remove("RUST_LIB_BACKTRACE");
    // On Linux, the programs then run on a machine without CA certificates too.
    command.env_remove("SSL_CERT_DIR").env("SSL_CERT_FILE", site::CERTIFICATE);
    command.env("NO_PROXY", "127.0.0.0/8,localhost"); // The snippets ask a proxy otherwise.
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The lines that a program prints, as they come.
fn lines(program: &mut Child) -> impl Iterator<Item = String> + use<> {
    BufReader::new(program.stdout.take().unwrap()).lines().map(Result::unwrap)
}

/// Whether it is so within so many seconds.
fn within(seconds: u64, mut is_so: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !is_so() {
        if begin.elapsed().as_secs() >= seconds {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
    true
}

/// Waits until it is so. Fails if the program ends before, and shows its errors.
#[track_caller]
fn wait(program: &mut Child, is_so: impl Fn() -> bool) {
    within(60, || is_so() || program.try_wait().unwrap().is_some());
    if !is_so() {
        program.kill().unwrap();
        panic!("waited in vain: {:#?}", io::read_to_string(program.stderr.take().unwrap()));
    }
}

#[cfg(unix)]
fn send(signal: rustix::process::Signal, program: &Child) {
    rustix::process::kill_process(rustix::process::Pid::from_child(program), signal).unwrap();
}

/// 256 is how many files macOS allows.
#[cfg(target_os = "linux")]
fn allow_256_files(program: &Child) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let limit = Rlimit { current: Some(256), maximum: Some(256) };
    prlimit(Some(Pid::from_child(program)), Resource::Nofile, limit).unwrap();
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
        Self::of(program(name).args(args).spawn().unwrap())
    }

    fn of(program: Child) -> Self {
        Self::from(program.wait_with_output().unwrap())
    }

    fn from(output: Output) -> Self {
        let lines = |text| String::from_utf8(text).unwrap().lines().map(str::to_owned).collect();
        let (stdout, stderr) = (lines(output.stdout), lines(output.stderr));
        Self { stdout, stderr, status: output.status.code() }
    }

    /// The lines that tell of a site that was read, in the order of the alphabet.
    fn read(&self) -> Vec<&str> {
        let read = self.stdout.iter().filter(|line| line.starts_with("Read "));
        let read = read.map(|line| line.split(" in ").next().unwrap());
        let mut read: Vec<_> = read.collect();
        read.sort_unstable();
        read
    }

    /// How many errors begin so.
    fn errors(&self, start: &str) -> usize {
        self.stderr.iter().filter(|line| line.starts_with(start)).count()
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

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// All files of a folder that are not built, as paths from the root.
fn files(folder: &str) -> Vec<String> {
    let mut all = Vec::new();
    for entry in fs::read_dir(root().join(folder)).unwrap().map(Result::unwrap) {
        let (name, kind) = (entry.file_name().into_string().unwrap(), entry.file_type().unwrap());
        let path = format!("{folder}/{name}");
        assert!(!kind.is_symlink(), "{path} is a symbolic link");
        if kind.is_dir() && name != "target" {
            all.extend(files(&path));
        } else if kind.is_file() && !name.starts_with('.') {
            all.push(path); // macOS leaves files that begin with a dot.
        }
    }
    all
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Copies files from the root's folders to a folder that is not part of the workspace.
fn copy(paths: impl IntoIterator<Item = String>, to: &Path) {
    for path in paths {
        fs::create_dir_all(to.join(&path).parent().unwrap()).unwrap();
        // Not `fs::copy`: a copy of a read-only file would be read-only too.
        fs::write(to.join(&path), fs::read(root().join(&path)).unwrap()).unwrap();
    }
}

/// Runs Cargo in a project, with a target folder of its own. Without debug information, a library is
/// built once for all the projects that share the folder.
fn cargo(project: &Path, target: &str, args: &str) -> Output {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join(target);
    let mut cargo = Command::new("cargo");
    cargo.env_remove("RUST_BACKTRACE").env("CARGO_TARGET_DIR", target).current_dir(project);
    cargo.env("CARGO_NET_OFFLINE", "true").env("CARGO_PROFILE_DEV_DEBUG", "false");
    cargo.args(args.split_whitespace()).output().unwrap()
}
