//! One worker process, as the program that started it sees it: a number goes down its standard
//! input, one a line, and the result comes back on its standard output.

use anyhow::{Context, Result, anyhow};
use std::io::{BufRead, BufReader, Write};
use std::process::Child;

/// Has a worker process do the work until there is no more, and waits for its end. Whatever it does
/// but answer with numbers and end well is an error.
pub fn sum_by(mut worker: Child, next: impl Fn() -> Option<u32>) -> Result<u64> {
    let mut sum = ask(&mut worker, next);
    if sum.is_err() {
        worker.kill()?; // If it is still there: else the next line could wait for ever.
    }
    let (id, status) = (worker.id(), worker.wait()?);
    if sum.is_ok() && !status.success() {
        sum = Err(anyhow!("it did not end well"));
    }
    sum.map_err(|error| anyhow!("worker process {id} failed: {error:#} ({status})"))
}

/// Writes one input a line to the worker's stdin, and reads one result a line from its stdout. Its
/// stdin is closed at the end of this function, which tells it to end.
fn ask(worker: &mut Child, next: impl Fn() -> Option<u32>) -> Result<u64> {
    let mut stdin = worker.stdin.take().context("its stdin is no pipe")?;
    let mut stdout = BufReader::new(worker.stdout.take().context("its stdout is no pipe")?);
    let mut sum = 0;
    while let Some(n) = next() {
        writeln!(stdin, "{n}")?;
        let mut line = String::new();
        stdout.read_line(&mut line)?;
        // A line without an end is what a worker had time to say before it died.
        let result: Option<u64> = line.strip_suffix('\n').and_then(|line| line.parse().ok());
        sum += result.with_context(|| format!("it answered {line:?} to {n}"))?;
    }
    Ok(sum)
}
