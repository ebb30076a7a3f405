//! What this step claims, seen by its own practice site.

use std::process::Command;

#[test]
fn eighty_downloads_are_in_flight_at_once() {
    let run = Command::new(env!("CARGO_BIN_EXE_04_io_asyncio")).output().unwrap();
    let stdout = String::from_utf8_lossy(&run.stdout);
    assert_eq!(stdout.matches("Read ").count(), 160, "{run:?}");
    let (_, seen) = stdout.split_once("The practice site saw ").unwrap();
    let numbers: Vec<usize> = seen.split(' ').filter_map(|word| word.parse().ok()).collect();
    // A download may start before the one before it has given its connection back.
    assert!((80..=120).contains(&numbers[0]) && numbers[1] == 80, "{stdout}");
    assert_eq!(run.status.code(), Some(0), "{run:?}");
}
