//! What this step claims, but for its speed, which depends on the machine.

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_06_cpu_bound")).args(args).output().unwrap()
}

#[test]
fn five_ways_give_the_right_sum() {
    let run = run(&["20"]);
    let stdout = String::from_utf8_lossy(&run.stdout);
    // fib(20) is 6,765.
    let rows: Vec<_> = stdout.lines().filter(|row| row.contains(" 135300 ")).collect();
    let ways: Vec<_> = rows.iter().filter_map(|row| row.split(' ').next()).collect();
    assert_eq!(ways, ["sequential", "threads", "async", "processes", "rayon"], "{run:?}");
    assert!(rows[0].ends_with(" 1.00 x"), "{stdout}");
    assert_eq!(stdout.contains("This is a debug build."), cfg!(debug_assertions), "{stdout}");
}

#[test]
fn wrong_arguments_get_the_usage() {
    for wrong in [&["--hlep"][..], &["51"], &["-1"], &["3.5"], &[""], &["20", "20"]] {
        let run = run(wrong);
        assert!(run.stderr.starts_with(b"Usage: cargo run --release --bin 06_cpu_bound"));
        assert_eq!((run.stdout.len(), run.status.code()), (0, Some(2)), "{run:?}");
    }
}

/// A program that is removed while it runs can't start a process.
#[test]
#[cfg(target_os = "linux")]
fn a_process_without_a_program_fails() {
    let copy = concat!(env!("CARGO_TARGET_TMPDIR"), "/removed");
    std::fs::remove_file(copy).ok();
    std::fs::hard_link(env!("CARGO_BIN_EXE_06_cpu_bound"), copy).unwrap();
    let run = Command::new(copy).arg("32").stderr(std::process::Stdio::piped()).spawn().unwrap();
    std::fs::remove_file(copy).unwrap();
    let run = run.wait_with_output().unwrap();
    assert!(run.stderr.starts_with(b"Error: cannot start a process"), "{run:?}");
    assert_eq!(run.status.code(), Some(1));
}
