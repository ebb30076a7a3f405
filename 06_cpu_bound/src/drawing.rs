//! Not part of the lesson: it times each way, and draws which thread made which call, and when.

use anyhow::{Context, Result, ensure};
use std::io::{self, ErrorKind, Write};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};
use std::{fmt::Display, hint::black_box, mem, process, sync::Mutex};

/// A call that is over: the thread that made it, when it began and when it ended.
type Call = (ThreadId, Instant, Instant);

/// The calls of this run so far.
static CALLS: Mutex<Vec<Call>> = Mutex::new(Vec::new());

/// Makes a call, and logs it for the drawing.
pub fn logged<T>(call: impl FnOnce() -> T) -> T {
    let begin = Instant::now();
    let result = call();
    CALLS.lock().unwrap().push((thread::current().id(), begin, Instant::now()));
    result
}

/// A name, and a function that adds up what it computes from each input.
pub type Way = (&'static str, fn(&[u32]) -> Result<u64>);

/// Calls each way with 20 times `n`, and prints and draws its best run. The others are compared with the
/// first.
///
/// # Errors
/// That of a way, a sum that is not like the others, or stdout that can't be written.
pub fn compare(n: u32, ways: [Way; 5]) -> Result<()> {
    // The compiler can't look into a black box. If it saw that all 20 inputs are the same, it could
    // compute the result once and multiply it.
    let inputs = black_box([n; 20]);
    let cpus = u32::try_from(thread::available_parallelism()?.get())?;
    print(format!("CPUs: {cpus}. fib({n}), 20 times; speed-ups are over sequential."))?;
    print("A box is a call, as wide as the time it took, waiting for a CPU included.")?;
    print("A row is a thread; in processes, it starts a process for each box.")?;
    // The times of a debug build mean little, so there one run is enough.
    let tries = if cfg!(debug_assertions) { 1 } else { 3 };
    if tries == 1 {
        print("This is a debug build. Add --release to see the real times.")?;
    }
    let (mut first, mut fastest) = (None, Duration::MAX);
    for (name, way) in ways {
        let runs = (0..tries).map(|_| {
            let (start, sum) = (Instant::now(), way(&inputs)?);
            Ok((start.elapsed(), sum, start, mem::take(&mut *CALLS.lock().unwrap())))
        });
        let runs: Vec<_> = runs.collect::<Result<_>>()?;
        let (time, sum, start, calls) = runs.into_iter().min_by_key(|run| run.0).unwrap();
        let (expected, base) = *first.get_or_insert((sum, time));
        ensure!(sum == expected, "{name}: the sum is {sum}, not {expected}");
        fastest = fastest.min(time);
        let (seconds, speed_up) = (time.as_secs_f64(), base.as_secs_f64() / time.as_secs_f64());
        let (most, rows) = draw(calls, start, base);
        print(format!(
            "{name:12}{seconds:8.3} s  speed-up {speed_up:.2}  calls under way at once: {most}"
        ))?;
        rows.iter().take(5).try_for_each(print)?;
        if rows.len() > 5 {
            print(format!("... {} more rows like these", rows.len() - 5))?;
        }
    }
    let (sum, base) = first.unwrap();
    print(format!("Each sum is {sum}."))?;
    // On 8 CPUs, 20 calls take at least three rounds. A third more is slow.
    if fastest > base * 20_u32.div_ceil(cpus) / 20 * 4 / 3 {
        print("Slow for so many CPUs: do other programs run, do CPUs share a core, is N small?")?;
    }
    Ok(())
}

/// Returns how many calls were under way at once, and a row for each thread. 60 columns are the time
/// of the first way; in column 80 the drawing ends.
fn draw(mut calls: Vec<Call>, start: Instant, base: Duration) -> (usize, Vec<String>) {
    calls.sort_by_key(|call| call.1);
    let at_once = |call: &Call| calls.iter().filter(|it| it.1 <= call.1 && call.1 < it.2).count();
    let most_at_once = calls.iter().map(at_once).fold(1, usize::max);
    let width = base.as_nanos() / 60 + 1;
    let column = |at: Instant| (((at - start).as_nanos() + width / 2) / width).min(80) as usize;
    let mut rows = Vec::new();
    while let Some(&(thread, ..)) = calls.first() {
        let mut row = String::new();
        for (_, begin, end) in calls.iter().filter(|call| call.0 == thread) {
            let (from, to) = (column(*begin), column(*end));
            let end = if to < 80 { "]" } else { "=" };
            row = match to - from {
                0 => row,
                1 => format!("{row:from$}|"), // It has no room for two ends.
                width => format!("{row:from$}[{end:=>0$}", width - 1),
            };
        }
        rows.push(row);
        calls.retain(|call| call.0 != thread);
    }
    rows.retain(|row| !row.is_empty()); // A way that is very slow may begin after the drawing's end.
    (most_at_once, rows)
}

/// Prints a line. If nobody reads it any more (`… | head -3`), ends the program silently; `println!`
/// would panic.
pub fn print(line: impl Display) -> Result<()> {
    match writeln!(io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(1),
        result => result.context("cannot print"),
    }
}
