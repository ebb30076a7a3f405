//! What this step claims, but for its speed, which depends on the machine.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

fn run(arg: &str) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_06_cpu_bound"));
    program.arg(arg).output().unwrap()
}

#[test]
fn five_ways_have_the_same_and_the_right_sum() {
    let stdout = String::from_utf8(run("20").stdout).unwrap();
    let notice = "This is a debug build. Add --release to see the real times.\n";
    assert_eq!(stdout.starts_with(notice), cfg!(debug_assertions));
    // fib(20) is 6,765.
    let rows: Vec<_> = stdout.lines().filter(|row| row.contains(" 135300 ")).collect();
    let ways = rows.iter().map(|row| row.split(' ').next().unwrap());
    let ways: Vec<_> = ways.collect();
    assert_eq!(ways, ["sequential", "threads", "async", "processes", "rayon"]);
    assert!(rows[0].ends_with(" 1.00 x"), "{stdout}");
}

#[test]
fn anything_but_a_number_up_to_50_gets_the_usage() {
    for wrong in ["--help", "51", "-1", "3.5", ""] {
        let run = run(wrong);
        assert!(run.stderr.starts_with(b"Error: usage: 06_cpu_bound [N]"));
        assert_eq!((run.stdout.len(), run.status.code()), (0, Some(1)));
    }
}

#[test]
fn a_worker_answers_line_by_line_and_ends_with_its_pool_in_the_middle_of_its_work() {
    let mut worker = Command::new(env!("CARGO_BIN_EXE_06_cpu_bound"));
    worker.arg("--worker").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut worker = worker.spawn().unwrap();
    let mut stdin = worker.stdin.take().unwrap();
    let mut stdout = BufReader::new(worker.stdout.take().unwrap());
    for (question, answer) in
        [("0", "+0\n"), ("20", "+6765\n"), ("x", "-invalid digit found in string\n")]
    {
        writeln!(stdin, "{question}").unwrap();
        let mut line = String::new();
        stdout.read_line(&mut line).unwrap();
        assert_eq!(line, answer);
    }
    writeln!(stdin, "48").unwrap(); // It would compute for minutes.
    drop(stdin);
    assert_eq!(stdout.read_to_end(&mut Vec::new()).unwrap(), 0);
    assert!(worker.wait().unwrap().success());
}
