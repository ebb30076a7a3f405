//! Step 05's workers, and how many threads and files the steps need. (Only Linux shows a process's
//! threads as files, and only unix has these signals and limits.)

#![cfg(target_os = "linux")]

use crate::site::Site;
use crate::{Run, allow_256_files, command, lines, program, wait, within};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::process::{Child, Command, Stdio};
use std::{env, path::Path, thread};

fn cpus() -> usize {
    thread::available_parallelism().unwrap().get()
}

/// A program that downloads so many times from a site that never answers, when it has asked so often.
fn start(step: &str, downloads: usize, in_flight: usize) -> (Site, Child) {
    let site = Site::open();
    let mut run = program(step).args(vec![site.url("/never"); downloads]).spawn().unwrap();
    wait(&mut run, || site.asked("/never") == in_flight);
    (site, run)
}

fn threads_of(mut program: Child) -> usize {
    let threads = fs::read_dir(format!("/proc/{}/task", program.id())).unwrap().count();
    program.kill().unwrap();
    program.wait().unwrap();
    threads
}

#[test]
fn five_threads_share_one_client() {
    // `main`, the five workers, and the one in which a blocking client does its work.
    assert_eq!(threads_of(start("02_io_threading", 9, 5).1), 1 + 5 + 1);
}

#[test]
fn fifty_downloads_share_one_thread() {
    assert_eq!(threads_of(start("04_io_asyncio", 50, 50).1), 1);
}

#[test]
fn a_run_needs_at_most_256_files() {
    let run = program("04_io_asyncio").spawn().unwrap();
    allow_256_files(&run);
    Run::of(run).ends(0, 0).prints("Downloaded 160 sites in ");
}

/// Runs step 05 with 20 pages for each CPU. As soon as each process has read one, calls `with` with
/// the processes. Returns the run and the number of pages.
fn run_05(program: &mut Command, with: impl Fn(&BTreeSet<i32>)) -> (Run, usize) {
    let urls = vec![Site::open().url("/hold"); (20 * cpus()).min(400)];
    // A file, because a pipe that nobody reads yet may become full.
    let path = format!("{}/errors_{:?}", env!("CARGO_TARGET_TMPDIR"), thread::current().id());
    let mut pool = program.args(&urls).stderr(File::create(&path).unwrap()).spawn().unwrap();
    let (mut stdout, mut processes) = (Vec::new(), BTreeSet::new());
    for line in lines(&mut pool) {
        if let Some((_, process)) = line.split_once(" in process ") {
            if processes.insert(process.parse().unwrap()) && processes.len() == cpus() {
                with(&processes);
            }
        }
        stdout.push(line);
    }
    assert!(processes.len() >= cpus(), "{stdout:#?}");
    let stderr = fs::read_to_string(path).unwrap().lines().map(str::to_owned).collect();
    (Run { stdout, stderr, status: pool.wait().unwrap().code() }, urls.len())
}

fn kill(processes: &BTreeSet<i32>, count: usize) {
    for process in processes.iter().take(count) {
        kill_process(Pid::from_raw(*process).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn a_killed_worker_loses_one_url() {
    let mut program = program("05_io_multiprocessing");
    let (run, pages) = run_05(&mut program, |processes| kill(processes, 1));
    // None, if it has just answered its last URL.
    let lost = run.stderr.len();
    assert!(lost <= 1 && lost + run.read().len() == pages, "{run:#?}");
    assert!(run.stderr.iter().all(|line| line.contains(" died (signal: 9 (SIGKILL))")), "{run:#?}");
    run.ends(i32::from(lost > 0), lost);
}

#[test]
fn places_without_a_worker_close() {
    for dead in [cpus() - 1, cpus()] {
        // A program that is removed while it runs can't start a process.
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program_{dead}"));
        fs::remove_file(&copy).ok();
        fs::hard_link(program("05_io_multiprocessing").get_program(), &copy).unwrap();
        let (run, pages) = run_05(&mut command(&copy), |processes| {
            fs::remove_file(&copy).unwrap();
            kill(processes, dead);
        });
        assert_eq!(run.read().len() + run.errors("Could not read "), pages, "{run:#?}");
        assert_eq!(run.errors("cannot start a worker process: "), dead, "{run:#?}");
        let is_left = |line: &String| line.ends_with(": no worker process is left");
        assert_eq!(run.stderr.iter().any(is_left), dead == cpus(), "{run:#?}");
    }
}

#[test]
fn a_failed_set_up_is_said_once() {
    let mut program = program("05_io_multiprocessing");
    // Without certificates no client can be made.
    program.env("SSL_CERT_FILE", "/nonexistent").env("SSL_CERT_DIR", "/nonexistent");
    let run = Run::of(program.args(["http://127.0.0.1:1/"; 100]).spawn().unwrap());
    assert_eq!(run.errors("cannot start a worker process: "), cpus().min(100), "{run:#?}");
    assert_eq!(run.errors("Could not read http://127.0.0.1:1/: no worker"), 100, "{run:#?}");
    run.ends(1, 100 + cpus().min(100));
}

#[test]
fn workers_end_with_their_pool() {
    let (site, mut pool) = start("05_io_multiprocessing", cpus(), cpus());
    pool.kill().unwrap();
    pool.wait().unwrap();
    // A worker that lived on would keep its connection open until it gives up, after 10 s.
    assert!(within(8, || *site.open.lock().unwrap() == 0));
}

#[test]
fn a_line_break_is_no_url() {
    let run = Run::with("05_io_multiprocessing", &["http://127.0.0.1:1/a\nb"]);
    assert!(run.stderr.iter().any(|line| line.contains(": it contains a line break")), "{run:#?}");
}

/// Two lines that come together are worked on one after the other, in the main thread.
#[test]
fn a_worker_answers_line_by_line() {
    let site = Site::open();
    let mut worker = program("05_io_multiprocessing");
    let mut worker = worker.arg("--worker").stdin(Stdio::piped()).spawn().unwrap();
    let questions = format!("{}\nno-url\n{}\n", site.url("/hold"), site.url("/hold"));
    worker.stdin.as_mut().unwrap().write_all(questions.as_bytes()).unwrap();
    let signs: Vec<_> = lines(&mut worker).take(4).map(|line| line.starts_with('+')).collect();
    assert_eq!(signs, [true, true, false, true]); // The first says that it is ready.
    assert_eq!(site.most_held(), 1);
    Run::of(worker).ends(0, 0);
}
