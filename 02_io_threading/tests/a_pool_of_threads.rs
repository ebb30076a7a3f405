//! What only this step teaches: five threads share a list and a client, and nothing that may not
//! be shared.

const PROGRAM: &str = env!("CARGO_BIN_EXE_02_io_threading");

mod compiler;
mod every_io_step;

use axum::{Router, routing::get};
use every_io_step::{practice_site::PracticeSite, program, run};
use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::Barrier;
use tokio::time::sleep;

/// A site that answers nobody before this many ask, so that a program that asks for fewer at once
/// gets no answer in its 10 s; and then not at once, so that one more would be seen.
fn site_for(requests_at_once: usize) -> PracticeSite {
    let barrier = Arc::new(Barrier::new(requests_at_once));
    let page = async move || {
        barrier.wait().await;
        sleep(Duration::from_millis(50)).await;
        "page"
    };
    PracticeSite::open(Router::new().route("/", get(page))).unwrap()
}

#[test]
fn five_downloads_are_in_flight_at_once_on_five_connections() {
    let site = site_for(5);
    assert_eq!(run(&vec![site.url("/"); 15]).read().len(), 15);
    assert_eq!((site.most_in_flight(), site.connections()), (5, 5));
}

#[test]
fn three_sites_are_three_downloads_at_once() {
    let site = site_for(3);
    assert_eq!(run(&vec![site.url("/"); 3]).read().len(), 3);
    assert_eq!((site.most_in_flight(), site.connections()), (3, 3));
}

#[test]
fn a_site_that_fails_takes_no_worker_with_it() {
    let site = site_for(5);
    let urls = [vec![site.url("/nowhere"); 10], vec![site.url("/"); 5]].concat();
    let run = run(&urls);
    assert_eq!((run.read().len(), run.stderr.len()), (5, 10), "{run:#?}");
}

#[test]
fn a_site_that_never_answers_holds_up_one_worker_and_no_other() {
    let never = get(std::future::pending::<()>);
    let site = PracticeSite::open(Router::new().route("/never", never).route("/", get("page")));
    let site = site.unwrap();
    let urls = [vec![site.url("/never")], vec![site.url("/"); 20]].concat();
    let start = Instant::now();
    let mut run = program()
        .args(&urls)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(run.stdout.take().unwrap()).lines().take(20);
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

#[test]
fn what_is_not_thread_safe_is_refused_by_the_compiler() {
    compiler::refuses("rc", &["E0277"]);
    compiler::refuses("ref_cell", &["E0277"]);
}

#[test]
fn what_may_not_be_shared_can_be_made_once_for_each_thread() {
    compiler::accepts("thread_local");
}
