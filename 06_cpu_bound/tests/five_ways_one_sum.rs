//! What a user sees of the program: the table, the usage, and what becomes of a worker process that
//! is killed. Nothing here depends on how long anything takes.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

const WAYS: [&str; 5] = ["sequential", "threads", "async", "processes", "rayon"];

fn program(args: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_06_cpu_bound"));
    program.args(args).env_remove("RUST_BACKTRACE");
    program.stdin(Stdio::null());
    program.stdout(Stdio::piped()).stderr(Stdio::piped());
    program
}

/// The lines of stdout, without the one that only a debug build prints, after a run without errors.
fn table(args: &[&str]) -> Vec<String> {
    let run = program(args).output().unwrap();
    assert_eq!((stderr(&run).as_str(), run.status.code()), ("", Some(0)));
    let stdout = String::from_utf8(run.stdout).unwrap();
    let mut lines: Vec<_> = stdout.lines().map(str::to_owned).collect();
    if cfg!(debug_assertions) {
        let release = "`cargo run --release --bin 06_cpu_bound` shows the real times";
        assert_eq!(
            lines.remove(0),
            format!("This is a debug build. {release}.")
        );
    }
    lines
}

fn stderr(run: &Output) -> String {
    String::from_utf8(run.stderr.clone()).unwrap()
}

#[test]
fn all_five_have_the_same_and_the_right_sum() {
    let mut fib = (0_u64, 1);
    for n in 0..=15 {
        let lines = table(&[&n.to_string()]);
        let sum = format!("All 5 ways have the same sum, {}. ", 20 * fib.0);
        assert!(lines[6].starts_with(&sum), "fib({n}): {lines:#?}");
        fib = (fib.1, fib.0 + fib.1);
    }
}

#[test]
fn the_table_has_a_line_for_each_way_in_the_order_of_the_article() {
    let lines = table(&["20"]);
    let words: Vec<Vec<_>> = lines
        .iter()
        .map(|line| line.split_whitespace().collect())
        .collect();
    assert_eq!(words[0], ["fib(20),", "20", "times", "time", "speed-up"]);
    for (way, words) in WAYS.iter().zip(&words[1..6]) {
        let [name, time, "s", speed_up, "x"] = words[..] else {
            panic!("{lines:#?}")
        };
        assert_eq!(name, *way);
        assert!(time.parse::<f64>().is_ok(), "{lines:#?}");
        assert!(speed_up.parse::<f64>().is_ok(), "{lines:#?}");
    }
    assert!(lines[1].ends_with(" 1.00 x"), "{lines:#?}");
    let width = lines[0].len();
    assert!(lines[..6].iter().all(|line| line.len() == width));
    assert_eq!(lines.len(), 7);
}

#[test]
fn the_number_of_cpus_is_said_at_the_end() {
    let cpus = match thread::available_parallelism().unwrap().get() {
        1 => "1 CPU".to_owned(),
        cpus => format!("{cpus} CPUs"),
    };
    let lines = table(&["5"]);
    assert!(lines[6].ends_with(&format!(" There are {cpus} to run on.")));
}

#[test]
fn a_big_number_is_at_work_at_once_and_says_so() {
    let mut run = program(&["50"]).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.any(|line| line.unwrap().starts_with("fib(50), 20 times ")));
    assert_eq!(run.try_wait().unwrap(), None);
    run.kill().unwrap();
    run.wait().unwrap();
}

#[test]
fn anything_but_one_number_up_to_50_gets_the_usage_and_status_2() {
    for wrong in [
        &["51"][..],
        &["-1"],
        &["99999999999"],
        &["3.5"],
        &["fib"],
        &[""],
        &["--hlep"],
        &["5", "6"],
        &["--worker", "5"],
    ] {
        is_refused(&mut program(wrong), &wrong.join(" "));
    }
}

#[test]
#[cfg(unix)]
fn an_argument_that_is_not_utf_8_gets_the_usage_too() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    is_refused(program(&[]).arg(OsStr::from_bytes(b"\xff")), "\u{fffd}");
}

fn is_refused(program: &mut Command, argument: &str) {
    let mut run = program.spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    if let Some(line) = lines.next() {
        run.kill().unwrap(); // Or it could be at work on it for hours.
        panic!("\"{argument}\" was not refused: {line:?}");
    }
    let run = run.wait_with_output().unwrap();
    let stderr = stderr(&run);
    let complaint = format!("\"{argument}\" is no whole number from 0 to 50.");
    let lines: Vec<_> = stderr.lines().take(2).collect();
    assert_eq!(lines, [&complaint, "Usage: 06_cpu_bound [N]"]);
    assert_eq!(run.status.code(), Some(2));
}

#[test]
fn help_is_given_to_who_asks() {
    for help in ["--help", "-h"] {
        let run = program(&[help]).output().unwrap();
        assert!(run.stdout.starts_with(b"Usage: 06_cpu_bound [N]\n"));
        assert_eq!((run.stderr.len(), run.status.code()), (0, Some(0)));
    }
}

#[test]
fn a_run_whose_output_nobody_reads_on_ends_quietly() {
    let mut run = program(&["27"]).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().is_ok());
    drop(lines);
    let run = run.wait_with_output().unwrap();
    assert_eq!((stderr(&run).as_str(), run.status.code()), ("", Some(0)));
}

#[test]
fn a_worker_answers_each_line_before_it_gets_the_next() {
    let mut worker = start_worker();
    let mut answers = BufReader::new(worker.stdout.take().unwrap()).lines();
    let mut stdin = worker.stdin.take().unwrap();
    for (n, fib) in [("0", "0"), ("1", "1"), ("10", "55"), ("20", "6765")] {
        writeln!(stdin, "{n}").unwrap();
        assert_eq!(answers.next().unwrap().unwrap(), fib);
    }
    drop(stdin);
    assert!(answers.next().is_none());
    assert!(worker.wait().unwrap().success());
}

/// The end of its input is all that a worker sees of the death of its parent.
#[test]
fn a_worker_ends_with_its_input_also_in_the_middle_of_its_work() {
    let mut worker = start_worker();
    let mut answers = BufReader::new(worker.stdout.take().unwrap()).lines();
    let mut stdin = worker.stdin.take().unwrap();
    stdin.write_all(b"1\n50\n").unwrap();
    assert_eq!(answers.next().unwrap().unwrap(), "1");
    drop(stdin);
    ends(&mut worker);
}

fn start_worker() -> Child {
    program(&["--worker"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap()
}

/// `fib(50)` takes minutes at best: a minute is long enough to tell.
fn ends(process: &mut Child) {
    let start = Instant::now();
    while process.try_wait().unwrap().is_none() {
        if start.elapsed() > Duration::from_secs(60) {
            process.kill().unwrap();
            panic!("it is still there");
        }
        thread::yield_now();
    }
}

/// Linux alone shows its processes as files.
#[cfg(target_os = "linux")]
mod processes {
    use super::*;
    use std::fs;

    /// The state and the parent of a process that is there.
    fn state_and_parent(id: u32) -> Option<(char, u32)> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = stat[stat.rfind(')')? + 2..].split(' ');
        let state = fields.next()?.chars().next()?;
        Some((state, fields.next()?.parse().ok()?))
    }

    fn child_of(parent: u32) -> Option<u32> {
        let names = fs::read_dir("/proc").unwrap().flatten();
        names
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .find(|&id| state_and_parent(id).is_some_and(|(_, other)| other == parent))
    }

    fn signal(id: u32, name: &str) {
        let kill = format!("kill -{name} {id}");
        Command::new("sh").args(["-c", &kill]).status().unwrap();
    }

    /// Runs the program and stops one of its workers in the middle of its work. A worker may be
    /// done before it is stopped: then more work is given to it.
    fn with_a_stopped_worker() -> (Child, u32) {
        for n in 25..=38 {
            let mut run = program(&[&n.to_string()]).spawn().unwrap();
            while run.try_wait().unwrap().is_none() {
                let Some(worker) = child_of(run.id()) else {
                    continue;
                };
                signal(worker, "STOP");
                while let Some((state, parent)) = state_and_parent(worker) {
                    match state {
                        'T' if parent == run.id() => return (run, worker),
                        'Z' => break,
                        _ => thread::yield_now(),
                    }
                }
            }
            assert!(run.wait().unwrap().success());
        }
        panic!("no worker process was ever seen");
    }

    #[test]
    fn are_others_and_one_that_is_killed_is_an_error_and_no_wrong_sum() {
        let (run, worker) = with_a_stopped_worker();
        let id = run.id();
        assert_ne!(worker, id);
        signal(worker, "KILL");
        let run = run.wait_with_output().unwrap();
        let stderr = stderr(&run);
        let start = format!("Error: worker process {worker} failed: ");
        assert!(stderr.starts_with(&start), "{stderr}");
        assert!(stderr.ends_with(" (signal: 9 (SIGKILL))\n"), "{stderr}");
        assert_eq!((stderr.lines().count(), run.status.code()), (1, Some(1)));
        let stdout = String::from_utf8(run.stdout).unwrap();
        assert!(!stdout.contains("processes"), "{stdout}");
        assert!(!stdout.contains("sum"), "{stdout}");
    }

    #[test]
    fn end_when_their_parent_is_killed() {
        let (mut run, worker) = with_a_stopped_worker();
        run.kill().unwrap();
        run.wait().unwrap();
        signal(worker, "CONT");
        let start = Instant::now();
        while state_and_parent(worker).is_some_and(|(state, _)| state != 'Z') {
            assert!(start.elapsed() < Duration::from_secs(60));
            thread::yield_now();
        }
    }
}
