//! What this step claims, seen by its own practice site or by one that never answers.

use std::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_04_io_asyncio");

/// The numbers of connections and of requests at once that the practice site saw.
fn connections_and_requests(run: &mut Command) -> (usize, usize) {
    let run = run.output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    assert_eq!(stdout.matches("Read ").count(), 160, "{stdout}");
    assert_eq!(run.status.code(), Some(0));
    let (_, seen) = stdout.split_once("The practice site saw ").unwrap();
    let mut numbers = seen.split(' ').filter_map(|word| word.parse().ok());
    (numbers.next().unwrap(), numbers.next().unwrap())
}

#[test]
fn eighty_downloads_are_in_flight_at_once_and_connections_are_used_again() {
    let (connections, requests) = connections_and_requests(&mut Command::new(PROGRAM));
    assert_eq!(requests, 80);
    // A download may start before the one before it has given its connection back.
    assert!((80..=120).contains(&connections), "{connections}");
}

/// That is how many macOS allows.
#[test]
#[cfg(unix)]
fn a_run_needs_no_more_than_256_open_files() {
    let limited = "ulimit -n 256; exec \"$0\"";
    connections_and_requests(Command::new("sh").args(["-c", limited, PROGRAM]));
}

/// Linux shows the threads of a process as files.
#[test]
#[cfg(target_os = "linux")]
fn all_downloads_share_one_thread() {
    let site = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", site.local_addr().unwrap());
    let mut run = Command::new(PROGRAM).args([url.as_str(); 50]).spawn().unwrap();
    let in_flight: Vec<_> = site.incoming().take(50).collect();
    let threads = std::fs::read_dir(format!("/proc/{}/task", run.id()));
    let threads = threads.unwrap().count();
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!((in_flight.len(), threads), (50, 1));
}
