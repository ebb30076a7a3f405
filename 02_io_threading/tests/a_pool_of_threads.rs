//! What this step claims, seen by its own practice site.

use std::process::Command;

#[test]
fn five_downloads_are_in_flight_at_once() {
    let run = Command::new(env!("CARGO_BIN_EXE_02_io_threading")).output().unwrap();
    let stdout = String::from_utf8_lossy(&run.stdout);
    assert_eq!(stdout.matches("Read ").count(), 160, "{run:?}");
    let seen = "\nThe practice site saw 5 connections and at most 5 requests at once.\n";
    assert!(stdout.contains(seen), "{run:?}");
    assert_eq!(run.status.code(), Some(0), "{run:?}");
}
