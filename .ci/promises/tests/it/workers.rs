//! Step 05's workers, and how many threads and files the steps need. (Only Linux shows a process's
//! threads as files, and only unix has these signals and limits.)

#![cfg(target_os = "linux")]

use crate::site::Site;
use crate::{Run, allow_256_files, command, program, wait, within};
use rustix::process::{Pid, Signal, kill_process};
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Write;
use std::process::{Child, Command};
use std::{path::Path, thread};

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

#[test]
fn eighty_downloads_share_one_thread() {
    let (_, mut run) = start("04_io_asyncio", 90, 80);
    let threads = fs::read_dir(format!("/proc/{}/task", run.id())).unwrap().count();
    run.kill().unwrap();
    assert_eq!((threads, run.wait().unwrap().success()), (1, false));
}

#[test]
fn a_run_needs_at_most_256_files() {
    let run = program("04_io_asyncio").spawn().unwrap();
    allow_256_files(&run);
    Run::of(run).ends(0, 0).prints("Downloaded 160 sites in ");
}

/// Runs step 05 with five pages for each CPU. As soon as each process waits for one, calls `with` with
/// the processes, before they get an answer. Returns the run and the number of pages.
fn run_05(program: &mut Command, with: impl Fn(&[i32])) -> (Run, usize) {
    let site = Site::open();
    let urls = vec![site.url("/gate"); 5 * cpus()];
    let mut pool = program.args(&urls).spawn().unwrap();
    wait(&mut pool, || site.asked("/gate") == cpus());
    let threads = fs::read_dir(format!("/proc/{}/task", pool.id())).unwrap();
    let children = |thread: fs::DirEntry| fs::read_to_string(thread.path().join("children"));
    let children: String = threads.map(|thread| thread.and_then(children).unwrap()).collect();
    with(&children.split_whitespace().map(|id| id.parse().unwrap()).collect::<Vec<_>>());
    site.seen().gate_is_open = true;
    (Run::of(pool), urls.len())
}

fn kill(processes: &[i32]) {
    for process in processes {
        kill_process(Pid::from_raw(*process).unwrap(), Signal::KILL).unwrap();
    }
}

#[test]
fn a_killed_worker_loses_one_url() {
    let (run, pages) = run_05(&mut program("05_io_multiprocessing"), |all| kill(&all[..1]));
    assert_eq!(run.ends(1, 1).read().len(), pages - 1);
    assert!(run.stderr[0].contains(" died (signal: 9 (SIGKILL))"), "{run:#?}");
}

/// What a worker prints by accident, here from outside, is no answer.
#[test]
fn a_stray_line_is_no_answer() {
    let (run, pages) = run_05(&mut program("05_io_multiprocessing"), |all| {
        let stdout = File::options().write(true).open(format!("/proc/{}/fd/1", all[0]));
        stdout.unwrap().write_all(b"+ caf\xe9\n").unwrap();
    });
    assert_eq!(run.ends(1, 1).read().len(), pages - 1);
    assert!(run.read().iter().all(|line| line.starts_with("Read 4 bytes ")), "{run:#?}");
    assert!(run.stderr[0].ends_with(" said \"+ caf\u{fffd}\""), "{run:#?}");
}

#[test]
fn what_no_worker_is_left_for_is_named() {
    for dead in [cpus() - 1, cpus()] {
        // A program that is removed while it runs can't start a process.
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program_{dead}"));
        fs::remove_file(&copy).ok();
        fs::hard_link(program("05_io_multiprocessing").get_program(), &copy).unwrap();
        let (run, pages) = run_05(&mut command(&copy), |all| {
            fs::remove_file(&copy).unwrap();
            kill(&all[..dead]);
        });
        assert_eq!(run.read().len() + run.errors("Could not read "), pages, "{run:#?}");
        let start = format!("cannot start a worker process: {}", copy.display());
        assert_eq!(run.errors(&start), dead, "{run:#?}");
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
    let why = "said \"set-up failed: cannot make a client: builder error: ";
    let said = |line: &&String| line.starts_with("cannot start a worker") && line.contains(why);
    assert_eq!(run.stderr.iter().filter(said).count(), cpus().min(100), "{run:#?}");
    assert_eq!(run.errors("Could not read http://127.0.0.1:1/: no worker"), 100, "{run:#?}");
    run.ends(1, 100 + cpus().min(100));
}

#[test]
fn a_process_outlives_errors() {
    let run = Run::with("05_io_multiprocessing", &["no-url", "line\nbreak"].repeat(3 * cpus()));
    let start = "Could not read no-url in process ";
    let process = |line: &String| Some(line.strip_prefix(start)?.split(':').next()?.to_owned());
    let processes: BTreeSet<_> = run.stderr.iter().filter_map(process).collect();
    let broken = run.stderr.iter().filter(|line| line.contains(": it contains a line break"));
    assert_eq!(broken.count(), 3 * cpus(), "{run:#?}");
    assert!((1..=cpus()).contains(&processes.len()), "{run:#?}");
}

#[test]
fn workers_end_with_their_pool() {
    let (site, mut pool) = start("05_io_multiprocessing", cpus(), cpus());
    pool.kill().unwrap();
    pool.wait().unwrap();
    // A worker that lived on would wait until it gives up, after 10 s.
    assert!(within(8, || site.seen().given_up == cpus()));
}
