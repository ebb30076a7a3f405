//! What only this step teaches: a hundred downloads at once, on one thread, in flat memory.

const PROGRAM: &str = env!("CARGO_BIN_EXE_04_io_asyncio");

mod every_io_step;

use axum::{Router, routing::get};
use every_io_step::{practice_site::PracticeSite, program, run};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use tokio::time::sleep;

#[test]
fn a_hundred_downloads_are_in_flight_at_once_and_never_more() {
    // Nobody is answered before a hundred ask, and then not at once, so that one more would be seen.
    let barrier = Arc::new(Barrier::new(100));
    let page = async move || {
        barrier.wait().await;
        sleep(Duration::from_millis(50)).await;
        "page"
    };
    let site = PracticeSite::open(Router::new().route("/", get(page))).unwrap();
    assert_eq!(run(&vec![site.url("/"); 300]).read().len(), 300);
    assert_eq!(site.most_in_flight(), 100);
}

#[test]
fn a_site_that_never_answers_holds_nobody_up() {
    let pages = Router::new()
        .route("/never", get(std::future::pending::<()>))
        .route("/", get("page"));
    let site = PracticeSite::open(pages).unwrap();
    let urls = [vec![site.url("/never")], vec![site.url("/"); 200]].concat();
    let start = Instant::now();
    let mut run = program()
        .args(&urls)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines().take(200);
    assert!(
        lines
            .map(Result::unwrap)
            .all(|line| line.starts_with("Read 4 bytes from "))
    );
    // All others are read before that one is given up, and it is still awaited.
    assert!(start.elapsed() < Duration::from_secs(10));
    assert!(run.try_wait().unwrap().is_none());
    run.kill().unwrap();
    run.wait().unwrap();
}

/// Linux alone shows the threads, the files and the memory of a program as files.
#[cfg(target_os = "linux")]
mod on_linux {
    use super::*;
    use axum::extract::Path;
    use std::fs;
    use std::process::{Child, Command};
    use tokio::sync::Semaphore;

    #[test]
    fn all_of_the_work_is_done_on_one_thread() {
        let (mut run, gate) = run_to_the_last_of(100, "exec \"$@\"");
        let threads = fs::read_dir(format!("/proc/{}/task", run.id()))
            .unwrap()
            .count();
        gate.add_permits(1);
        assert!(run.wait().unwrap().success());
        assert_eq!(threads, 1);
    }

    #[test]
    fn twenty_thousand_downloads_need_few_files_and_no_more_memory_than_a_hundred() {
        let [few, many] = [100, 20_000].map(|urls| {
            let (mut run, gate) = run_to_the_last_of(urls, "ulimit -n 256; exec \"$@\"");
            let status = fs::read_to_string(format!("/proc/{}/status", run.id())).unwrap();
            gate.add_permits(1);
            assert!(run.wait().unwrap().success());
            let most = status
                .lines()
                .find_map(|line| line.strip_prefix("VmHWM:"))
                .unwrap();
            let kilobytes = most.trim().strip_suffix(" kB").unwrap();
            kilobytes.parse::<usize>().unwrap()
        });
        // The pages together are 200 MB. The list of URLs is 2 MB, and what a busy machine lets pile
        // up in buffers is more than that.
        assert!(
            many < few + 40_000,
            "{few} kB at 100 downloads, {many} kB at 20,000"
        );
    }

    /// Runs the program with this many URLs, by a shell, until all but the last are read. That one
    /// is answered when the gate gives a permit.
    fn run_to_the_last_of(urls: usize, shell: &str) -> (Child, Arc<Semaphore>) {
        let gate = Arc::new(Semaphore::new(0));
        let last = gate.clone();
        let page = async move |Path(number): Path<usize>| {
            if number == urls - 1 {
                last.acquire().await.unwrap().forget();
            }
            ".".repeat(10_000)
        };
        let site = PracticeSite::open(Router::new().route("/{number}", get(page))).unwrap();
        let mut run = Command::new("sh")
            .args(["-c", shell, "sh", PROGRAM])
            .args((0..urls).map(|number| site.url(&format!("/{number}"))))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
        for line in lines.by_ref().take(urls - 1) {
            assert!(line.unwrap().starts_with("Read 10000 bytes from "));
        }
        // Someone must read the rest, or the program would end early.
        std::thread::spawn(|| lines.count());
        (run, gate)
    }
}
