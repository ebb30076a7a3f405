//! Step 05's workers, and how many threads and files the steps need. (Only Linux shows a process's
//! threads as files, and only unix has these signals and limits.)

#![cfg(target_os = "linux")]

use crate::site::Site;
use crate::{Run, connections, program};
use rustix::process::{Pid, Resource, Rlimit, Signal, kill_process, prlimit};
use std::collections::BTreeSet;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::net::TcpListener;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{fs, thread};

fn cpus() -> usize {
    thread::available_parallelism().unwrap().get()
}

/// A site that holds each connection, and a program that downloads from it so many times.
fn start(name: &str, downloads: usize) -> (TcpListener, Child) {
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", site.local_addr().unwrap());
    (site, program(name).args(vec![url; downloads]).spawn().unwrap())
}

fn threads_with_in_flight(step: &str, downloads: usize, in_flight: usize) -> usize {
    let (site, mut run) = start(step, downloads);
    let _connections = connections(&site, &mut run, in_flight);
    let threads = fs::read_dir(format!("/proc/{}/task", run.id())).unwrap().count();
    run.kill().unwrap();
    run.wait().unwrap();
    threads
}

#[test]
fn five_threads_share_one_client() {
    // `main`, the five workers, and the one in which a blocking client does its work.
    assert_eq!(threads_with_in_flight("02_io_threading", 9, 5), 1 + 5 + 1);
}

#[test]
fn fifty_downloads_share_one_thread() {
    assert_eq!(threads_with_in_flight("04_io_asyncio", 50, 50), 1);
}

/// That is how many macOS allows.
#[test]
fn a_run_needs_at_most_256_files() {
    let run = program("04_io_asyncio").spawn().unwrap();
    let limit = Rlimit { current: Some(256), maximum: Some(256) };
    let pid = Pid::from_raw(run.id().try_into().unwrap());
    prlimit(pid, Resource::Nofile, limit).unwrap();
    let run = Run::from(run.wait_with_output().unwrap());
    run.ends(0, 0).prints("Downloaded 160 sites in ");
}

/// Runs step 05 with 20 pages for each CPU. As soon as each process has read one, calls `with` with
/// the processes. Returns the run, its processes and the number of pages.
fn run_05(program: &mut Command, with: impl Fn(&BTreeSet<i32>)) -> (Run, BTreeSet<i32>, usize) {
    let urls = vec![Site::open().url("/hold"); 20 * cpus()];
    let mut pool = program.args(&urls).spawn().unwrap();
    let mut errors = pool.stderr.take().unwrap();
    let errors = thread::spawn(move || {
        let mut all = Vec::new();
        errors.read_to_end(&mut all).map(|_| all)
    });
    let (mut stdout, mut processes) = (Vec::new(), BTreeSet::new());
    for line in BufReader::new(pool.stdout.take().unwrap()).lines().map(Result::unwrap) {
        if let Some((_, process)) = line.split_once(" in process ") {
            if processes.insert(process.parse().unwrap()) && processes.len() == cpus() {
                with(&processes);
            }
        }
        stdout.push(line);
    }
    let mut run = Run::from(pool.wait_with_output().unwrap());
    let stderr = String::from_utf8(errors.join().unwrap().unwrap()).unwrap();
    (run.stdout, run.stderr) = (stdout, stderr.lines().map(str::to_owned).collect());
    (run, processes, urls.len())
}

fn kill(process: i32) {
    kill_process(Pid::from_raw(process).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn a_killed_worker_loses_one_url() {
    let kill_one = |processes: &BTreeSet<_>| processes.iter().take(1).copied().for_each(kill);
    let (run, processes, pages) = run_05(&mut program("05_io_multiprocessing"), kill_one);
    // None, if it has just answered its last URL.
    assert!(run.stderr.len() <= 1 && run.stderr.len() + run.read().len() == pages, "{run:#?}");
    for line in &run.stderr {
        assert!(line.contains(" died (signal: 9 (SIGKILL))"), "{run:#?}");
    }
    run.ends(i32::try_from(run.stderr.len()).unwrap(), run.stderr.len());
    assert!(processes.len() >= cpus(), "{run:#?}");
}

#[test]
fn places_without_a_worker_close() {
    for dead in [cpus() - 1, cpus()] {
        // A program that is removed while it runs can't start a process.
        let copy = format!("{}/program_{dead}", env!("CARGO_TARGET_TMPDIR"));
        let original = program("05_io_multiprocessing");
        fs::remove_file(&copy).ok();
        fs::copy(original.get_program(), &copy).unwrap();
        let mut program = Command::new(&copy);
        for (variable, value) in original.get_envs() {
            value.map(|value| program.env(variable, value));
        }
        program.stdout(Stdio::piped()).stderr(Stdio::piped());
        let (run, _, pages) = run_05(&mut program, |processes| {
            fs::remove_file(&copy).unwrap();
            processes.iter().take(dead).copied().for_each(kill);
        });
        let errors = |text| run.stderr.iter().filter(|line| line.contains(text)).count();
        assert_eq!(run.read().len() + errors("Could not read "), pages, "{run:#?}");
        assert_eq!(errors("cannot start a worker process: "), dead, "{run:#?}");
        assert_eq!(errors(": no worker process is left") > 0, dead == cpus(), "{run:#?}");
    }
}

#[test]
fn a_failed_set_up_closes_each_place_once() {
    let mut program = program("05_io_multiprocessing");
    // Without certificates no client can be made.
    program.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    let run = Run::from(program.args(["http://127.0.0.1:1/"; 100]).output().unwrap());
    let errors = |text| run.stderr.iter().filter(|line| line.starts_with(text)).count();
    assert_eq!(errors("cannot start a worker process: "), cpus().min(100), "{run:#?}");
    assert_eq!(errors("Could not read http://127.0.0.1:1/: no worker"), 100, "{run:#?}");
    assert_eq!(run.status, Some(1));
}

#[test]
fn workers_end_with_their_pool() {
    let (site, mut pool) = start("05_io_multiprocessing", cpus());
    let mut downloads = connections(&site, &mut pool, cpus());
    for download in &mut downloads {
        download.read_exact(&mut [0]).unwrap(); // The worker is in the middle of its download.
    }
    pool.kill().unwrap();
    pool.wait().unwrap();
    for mut download in downloads {
        // A worker that lived on would keep its connection open until it gives up, after 10 s.
        download.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        let end = download.read_to_end(&mut Vec::new());
        let reset = |error: &io::Error| error.kind() == ErrorKind::ConnectionReset;
        assert!(end.as_ref().err().is_none_or(reset), "{end:?}");
    }
}

#[test]
fn a_line_break_in_a_url_is_named() {
    let run = Run::with("05_io_multiprocessing", &["http://127.0.0.1:1/a\nb"]);
    assert!(run.stderr.iter().any(|line| line.contains(": it contains a line break")), "{run:#?}");
}

/// Two lines that come together are worked on one after the other, in the main thread.
#[test]
fn a_worker_answers_line_by_line() {
    let site = Site::open();
    let mut worker = program("05_io_multiprocessing");
    let mut worker = worker.arg("--worker").stdin(Stdio::piped()).spawn().unwrap();
    let lines = format!("{}\nno-url\n{}\n", site.url("/hold"), site.url("/hold"));
    worker.stdin.as_mut().unwrap().write_all(lines.as_bytes()).unwrap();
    let answers = BufReader::new(worker.stdout.take().unwrap()).lines().map(Result::unwrap);
    let signs: Vec<_> = answers.take(4).map(|line| line.starts_with('+')).collect();
    assert_eq!(signs, [true, true, false, true]); // The first says that it is ready.
    assert_eq!(site.held.lock().unwrap().values().next().unwrap().1, 1);
    drop(worker.stdin.take());
    assert!(worker.wait().unwrap().success());
}
