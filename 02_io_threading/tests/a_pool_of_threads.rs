//! What this step claims, seen by its own practice site or by one that never answers.

use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_02_io_threading");

#[test]
fn five_downloads_are_in_flight_at_once_on_five_connections() {
    let run = Command::new(PROGRAM).output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert_eq!(stdout.matches("Read ").count(), 160, "{stdout}");
    let seen = "\nThe practice site saw 5 connections and at most 5 requests at once.\n";
    assert!(stdout.contains(seen), "{stdout}");
    assert_eq!(run.status.code(), Some(0));
}

/// Linux shows the threads of a process as files.
#[test]
#[cfg(target_os = "linux")]
fn five_threads_share_one_client() {
    let site = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", site.local_addr().unwrap());
    let mut run = Command::new(PROGRAM).args([url.as_str(); 9]).spawn().unwrap();
    let in_flight: Vec<_> = site.incoming().take(5).collect();
    let threads = std::fs::read_dir(format!("/proc/{}/task", run.id()));
    let threads = threads.unwrap().count();
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(in_flight.len(), 5);
    // `main`, the five workers, and the one in which a blocking client does its work.
    assert_eq!(threads, 1 + 5 + 1);
}
