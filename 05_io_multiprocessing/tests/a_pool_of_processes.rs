//! What this step claims, seen by its own practice site.

use std::collections::BTreeSet;
use std::process::Command;

#[test]
fn there_is_a_process_for_each_cpu() {
    let run = Command::new(env!("CARGO_BIN_EXE_05_io_multiprocessing")).output().unwrap();
    let stdout = String::from_utf8_lossy(&run.stdout);
    let ids: BTreeSet<_> =
        stdout.lines().filter_map(|line| Some(line.split_once(" in process ")?.1)).collect();
    let cpus = std::thread::available_parallelism().unwrap().get().min(160);
    // With very many CPUs, the first processes are done before the last ones have started.
    assert!((cpus.min(16)..=cpus).contains(&ids.len()), "{run:?}");
    let (_, seen) = stdout.split_once("The practice site saw ").unwrap();
    let numbers: Vec<usize> = seen.split(' ').filter_map(|word| word.parse().ok()).collect();
    // Each has a connection of its own.
    assert_eq!(numbers[0], ids.len(), "{stdout}");
    assert!((cpus.min(2)..=cpus).contains(&numbers[1]), "{stdout}");
    assert_eq!((run.status.code(), run.stderr.len()), (Some(0), 0), "{run:?}");
}
