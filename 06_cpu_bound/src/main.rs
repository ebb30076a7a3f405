//! CPU-bound work, five ways: one sum that never waits, to see which of them use all CPUs.
//!
//! ```text
//! cargo run --release --bin 06_cpu_bound
//!
//! CPUs: 2. fib(35), 20 times; speed-ups are over sequential.
//! A box is a call, as wide as the time it took, waiting for a CPU included.
//! A row is a thread; in processes, it starts a process for each box.
//! sequential     0.541 s  speed-up 1.00  calls under way at once: 1
//! [=][=][=][=][=][=][=][=][=][=][=][=][=][=][=][=][=][=][=][=]
//! threads        0.279 s  speed-up 1.94  calls under way at once: 5
//! [====][=======][=======][=====]
//! [=====][=====][======][=====]
//! [====][=======][====][=====]
//! [=======][=======][====][====]
//!  [=====][====][======][=====]
//! …
//! ```
//!
//! Since step 02: the threads compute, and don't wait. So at any instant only as many get on as there
//! are CPUs.

#![forbid(unsafe_code)]

mod drawing;

use anyhow::{Context, Result, ensure};
use drawing::{Way, compare, logged, print};
use rayon::prelude::*;
use std::process::{self, Command, Stdio};
use std::{env, sync::Mutex, thread};
use tokio::task::JoinSet;

const USAGE: &str = "Usage: cargo run --release --bin 06_cpu_bound -- [N]
Computes fib(N) 20 times in each of five ways. N is a number from 0 to 50; without it, 35.";

fn main() -> Result<()> {
    let args: Vec<_> = env::args_os().skip(1).map(|arg| arg.to_string_lossy().into()).collect();
    let n = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => 35,
        [n] if n.parse().is_ok_and(|n: u32| n <= 50) => n.parse()?,
        ["--worker", n] => return print(fib(n.parse()?)),
        ["--help" | "-h"] => return print(USAGE),
        _ => {
            eprintln!("{USAGE}");
            process::exit(2);
        }
    };
    let ways: [Way; 5] = [
        ("sequential", |inputs| Ok(sequential(inputs))),
        ("threads", |inputs| Ok(threads(inputs))),
        ("async", |inputs| Ok(tasks(inputs))),
        ("processes", processes),
        ("rayon", |inputs| Ok(parallel_iterator(inputs))),
    ];
    compare(n, ways)
}

/// One after another.
fn sequential(inputs: &[u32]) -> u64 {
    inputs.iter().map(|&n| logged_fib(n)).sum()
}

/// Five threads, as in the article; each takes the next input when it is done with one. For work
/// like this there should be as many threads as CPUs: on 8 CPUs, three would be idle here.
fn threads(inputs: &[u32]) -> u64 {
    // The lock is held only inside this closure, and not while the thread computes.
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().unwrap().next();
    let work = || {
        let mut sum = 0;
        while let Some(&n) = next() {
            sum += logged_fib(n);
        }
        sum
    };
    thread::scope(|pool| {
        let pool: Vec<_> = (0..5).map(|_| pool.spawn(work)).collect();
        pool.into_iter().map(|thread| thread.join().unwrap()).sum()
    })
}

/// 20 tasks on one thread. A task gives way to the next one at an `.await` that has to wait, and
/// there is none in this work: so each runs from its start to its end.
///
/// Worse, nothing else on this thread runs meanwhile: a server would answer nobody, and no timer
/// would go off. So in an async program, give work like this to other threads: rayon's, or tokio's
/// own for blocking calls (`spawn_blocking`).
#[tokio::main(flavor = "current_thread")]
async fn tasks(inputs: &[u32]) -> u64 {
    let tasks: JoinSet<u64> = inputs.iter().map(|&n| async move { logged_fib(n) }).collect();
    tasks.join_all().await.iter().sum()
}

/// A process for each input, as many at once as there are CPUs.
fn processes(inputs: &[u32]) -> Result<u64> {
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().unwrap().next();
    let work = || -> Result<u64> {
        let mut sum = 0;
        while let Some(&n) = next() {
            sum += fib_in_a_process(n)?;
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
    inputs.par_iter().map(|&n| logged_fib(n)).sum()
}

/// A function can't be sent to a process, but text can, and the process is this same program, which
/// has the function.
fn fib_in_a_process(n: u32) -> Result<u64> {
    let mut program = Command::new(env::current_exe()?);
    let program = program.args(["--worker", &n.to_string()]).stderr(Stdio::inherit());
    let output = logged(|| program.output()).context("cannot start a process")?;
    ensure!(output.status.success(), "a process died ({})", output.status);
    Ok(String::from_utf8(output.stdout)?.trim().parse()?)
}

/// What the other ways call: `fib`, logged for the drawing.
fn logged_fib(n: u32) -> u64 {
    logged(|| fib(n))
}

/// A Fibonacci number, computed the slow way to have something to do.
fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
