//! What the program prints, and that every run loses updates, and which.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_03_race_condition");

#[test]
fn updates_are_lost_by_load_then_store_and_by_nothing_else() {
    for _ in 0..20 {
        let run = run(&[]);
        let table = String::from_utf8(run.stdout).unwrap();
        let counts: Vec<(&str, Vec<u32>)> = table.lines().skip(1).map(counts).collect();
        let [race, mutex, fetch_add] = counts.as_slice() else {
            panic!("{table}")
        };
        let ("load, then store", [500_000, counted, lost]) = (race.0, race.1.as_slice()) else {
            panic!("{table}")
        };
        // All five threads store a 1 first, and only one of these can count.
        assert!(*lost >= 4, "{table}");
        assert_eq!(counted + lost, 500_000, "{table}");
        assert_eq!(*mutex, ("Mutex", vec![500_000, 500_000, 0]), "{table}");
        assert_eq!(*fetch_add, ("fetch_add", vec![500_000, 500_000, 0]));
        assert_eq!(
            (run.stderr.as_slice(), run.status.code()),
            (&[][..], Some(0))
        );
    }
}

#[test]
fn the_columns_are_aligned_below_their_heads() {
    let table = String::from_utf8(run(&[]).stdout).unwrap();
    let head = table.lines().next().unwrap();
    let heads: Vec<_> = head.split_whitespace().collect();
    assert_eq!(heads, ["way", "expected", "counted", "lost", "time"]);
    for line in table.lines() {
        assert_eq!(line.len(), head.len(), "{table}");
        for column in ["expected", "counted", "lost"] {
            let (_, right) = head.split_once(column).unwrap();
            let end = head.len() - right.len();
            assert!(
                !line[..end].ends_with(' ') && line[end..].starts_with(' '),
                "{table}"
            );
        }
    }
}

#[test]
fn help_is_given_to_who_asks() {
    for help in ["--help", "-h"] {
        let run = run(&[help.as_ref()]);
        assert!(run.stdout.starts_with(b"Usage: 03_race_condition\n"));
        assert_eq!((run.stderr.len(), run.status.code()), (0, Some(0)));
    }
}

#[test]
fn any_other_argument_gets_the_usage() {
    for wrong in ["", "5", "--hlep"] {
        is_wrong(wrong.as_ref());
    }
}

#[test]
#[cfg(unix)]
fn an_argument_that_is_not_utf_8_gets_the_usage() {
    use std::os::unix::ffi::OsStrExt;
    is_wrong(OsStr::from_bytes(b"\xff"));
}

#[test]
fn a_run_whose_output_nobody_reads_on_ends_quietly() {
    let mut run = Command::new(PROGRAM)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("way"));
    drop(lines);
    let rest = run.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(rest.stderr).unwrap(), "");
    assert_eq!(rest.status.code(), Some(0));
}

fn is_wrong(argument: &OsStr) {
    let run = run(&[argument]);
    let complaint = format!(
        "\"{}\" is one argument too many.",
        argument.to_string_lossy()
    );
    let stderr = String::from_utf8(run.stderr).unwrap();
    let lines: Vec<_> = stderr.lines().take(2).collect();
    assert_eq!(lines, [&complaint, "Usage: 03_race_condition"]);
    assert_eq!((run.stdout.len(), run.status.code()), (0, Some(2)));
}

/// A line's way, and its numbers but for the time.
fn counts(line: &str) -> (&str, Vec<u32>) {
    let end = line.find("  ").unwrap();
    let numbers = line[end..].split_whitespace();
    let numbers = numbers.map_while(|number| number.parse().ok());
    (&line[..end], numbers.collect())
}

fn run(arguments: &[&OsStr]) -> Output {
    Command::new(PROGRAM).args(arguments).output().unwrap()
}
