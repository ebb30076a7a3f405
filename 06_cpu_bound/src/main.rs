//! CPU-bound work, five ways: one sum that never waits, to see which of them use all CPUs.
//!
//! ```text
//! cargo run --release --bin 06_cpu_bound
//!
//! on 2 CPUs: each row is a CPU, ==== means at work
//!
//! sequential  ==============================
//! threads     ===============
//!             ===============
//! async       ==============================   all tasks on one thread
//! processes   ===============
//!             ===============
//! rayon       ===============
//!             ===============
//! ```
//!
//! What is new: nothing waits here, so only more CPUs help. In Python, only the thread that holds the
//! global interpreter lock (GIL) runs Python code. So there you need processes (or, from 3.14, several
//! interpreters, or the build without the GIL).
//!
//! Why it rocks: Rust's threads run on all CPUs at once, and with rayon that takes one import and one
//! word, `par_iter`.
//!
//! The problem: it can't get faster than your number of CPUs. And async, so good at waiting, is no
//! faster here at all: its tasks take turns when they wait, and these never do.

#![forbid(unsafe_code)]

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use std::hint::black_box;
use std::process::{self, Command};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};
use std::{env, thread};
use tokio::task::JoinSet;

const USAGE: &str = "Usage: cargo run --release --bin 06_cpu_bound -- [N]
Computes fib(N) 20 times in each of five ways. N is a number from 0 to 50; without it, 35.";

const WAYS: [&str; 5] = ["sequential", "threads", "async", "processes", "rayon"];

fn main() -> Result<()> {
    let args: Vec<_> = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into()).collect();
    let n = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 35,
        [n] if n.parse().is_ok_and(|n: u32| n <= 50) => n.parse()?,
        ["--worker", n] => {
            println!("{}", fib(n.parse()?));
            return Ok(());
        }
        ["--help" | "-h"] => {
            println!("{USAGE}");
            return Ok(());
        }
        _ => {
            eprintln!("{USAGE}");
            process::exit(2);
        }
    };
    // The compiler can't look into a black box. If it saw that all 20 inputs are the same, it could
    // compute the result once and multiply it.
    let inputs = black_box([n; 20]);
    let cpus = thread::available_parallelism()?;
    println!("CPUs: {cpus}. Other work on this machine spoils the times.");
    // The times of a debug build mean little, so there one try is enough.
    let tries = if cfg!(debug_assertions) { 1 } else { 3 };
    if tries == 1 {
        println!("This is a debug build. Add --release to see the real times.");
    }
    let work = format!("fib({n}), 20 times");
    println!("{work:<18}{:>12}{:>12}{:>12}", "sum", "best time", "speed-up");
    let mut first = None;
    for way in WAYS {
        let (mut sum, mut best) = (0, Duration::MAX);
        for _ in 0..tries {
            let start = Instant::now();
            sum = match way {
                "sequential" => sequential(&inputs),
                "threads" => threads(&inputs),
                "async" => tasks(&inputs),
                "processes" => processes(&inputs)?,
                _ => parallel_iterator(&inputs),
            };
            best = best.min(start.elapsed());
        }
        let seconds = best.as_secs_f64();
        let (expected, base) = *first.get_or_insert((sum, seconds));
        ensure!(sum == expected, "{way}: the sum is {sum}, not {expected}");
        println!("{way:<12}{sum:>18}{seconds:>10.3} s{:>10.2} x", base / seconds);
    }
    Ok(())
}

/// One after another.
fn sequential(inputs: &[u32]) -> u64 {
    inputs.iter().map(|&n| fib(n)).sum()
}

/// Five threads, as in the article; each takes the next input when it is done with one. For work
/// like this there should be as many threads as CPUs: on 8 CPUs, three would be idle here.
fn threads(inputs: &[u32]) -> u64 {
    // The lock is held only inside this closure, and not while the thread computes.
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().unwrap().next();
    let sum = AtomicU64::new(0);
    thread::scope(|pool| {
        for _ in 0..5 {
            pool.spawn(|| {
                while let Some(&n) = next() {
                    sum.fetch_add(fib(n), Relaxed);
                }
            });
        }
    });
    sum.into_inner()
}

/// 20 tasks on one thread. A task gives way to the next one at an `.await` that has to wait, and
/// there is none in this work: so each runs from its start to its end.
///
/// Worse, nothing else on this thread runs meanwhile: a server would answer nobody, and no timer
/// would go off. So in an async program, give work like this to other threads: rayon's, or tokio's
/// own for blocking calls (`spawn_blocking`).
#[tokio::main(flavor = "current_thread")]
async fn tasks(inputs: &[u32]) -> u64 {
    let tasks: JoinSet<u64> = inputs.iter().map(|&n| async move { fib(n) }).collect();
    tasks.join_all().await.iter().sum()
}

/// A process for each input, as many at once as there are CPUs. A function can't be sent to a process,
/// but text can, and the process is this same program, which has the function.
fn processes(inputs: &[u32]) -> Result<u64> {
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().unwrap().next();
    let work = || -> Result<u64> {
        let mut sum = 0;
        while let Some(n) = next() {
            let mut program = Command::new(env::current_exe()?);
            let process = program.args(["--worker", &n.to_string()]).output();
            let output = process.context("cannot start a process")?;
            ensure!(output.status.success(), "a process died ({})", output.status);
            sum += String::from_utf8(output.stdout)?.trim().parse::<u64>()?;
        }
        Ok(sum)
    };
    let cpus = thread::available_parallelism()?.get();
    thread::scope(|pool| {
        let pool: Vec<_> = (0..cpus).map(|_| pool.spawn(work)).collect();
        pool.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// rayon's pool: one thread per CPU. `par_iter` in place of `iter` is all that changes.
fn parallel_iterator(inputs: &[u32]) -> u64 {
    inputs.par_iter().map(|&n| fib(n)).sum()
}

/// A Fibonacci number in the slow way, to have something to do.
fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
