//! What this step claims, but for its speed, which depends on the machine.

use std::process::{Command, Output};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_06_cpu_bound")).args(args).output().unwrap()
}

#[test]
fn calls_overlap_where_threads_or_processes_make_them() {
    let run = run(&["30"]);
    let stdout = String::from_utf8_lossy(&run.stdout);
    let cpus = std::thread::available_parallelism().unwrap().get().min(20);
    // With very many CPUs, the last threads may come too late.
    let [one, five, all] = [1..=1, 5..=5, cpus.min(4)..=cpus];
    let mut lines =
        stdout.lines().skip_while(|line| !line.contains("under way at once")).peekable();
    for (way, calls) in [
        ("sequential", &one),
        ("threads", &five),
        ("async", &one),
        ("processes", &all),
        ("rayon", &all),
    ] {
        let (head, at_once) =
            lines.next().unwrap().split_once("  calls under way at once: ").unwrap();
        let at_once: usize = at_once.parse().unwrap();
        assert!(head.starts_with(way) && calls.contains(&at_once), "{stdout}");
        assert!(way != "sequential" || head.ends_with(" s  speed-up 1.00"), "{stdout}");
        // A row for each thread, of whole boxes as far as the drawing goes; at most five.
        let is_row = |row: &&str| row.len() <= 80 && row.starts_with([' ', '[', '|']);
        let rows = std::iter::from_fn(|| lines.next_if(is_row)).count();
        assert!((at_once.min(5)..=5).contains(&rows), "{stdout}");
        lines.next_if(|line| at_once > 5 && line.ends_with(" more rows like these"));
    }
    // fib(30) is 832,040.
    assert_eq!(lines.next(), Some("Each sum is 16640800."), "{stdout}");
    assert_eq!(stdout.contains("This is a debug build."), cfg!(debug_assertions), "{stdout}");
    assert_eq!((run.status.code(), run.stderr.len()), (Some(0), 0), "{run:?}");
}

#[test]
fn wrong_arguments_get_the_usage() {
    for wrong in [&["51"][..], &["-1"], &["3.5"], &[""], &["20", "20"]] {
        assert!(run(wrong).stderr.starts_with(b"Usage: "), "{wrong:?}");
    }
}

/// The system's loader complains in each process.
#[test]
#[cfg(all(target_os = "linux", target_env = "gnu"))]
fn what_a_process_says_is_seen() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_06_cpu_bound"));
    let run = program.arg("1").env("LD_PRELOAD", "nowhere.so").output().unwrap();
    assert!(String::from_utf8_lossy(&run.stderr).matches("nowhere.so").count() > 20, "{run:?}");
}
