//! Work that never waits: one sum in five ways, to see which of them use all CPUs.
//!
//! ```text
//! cargo run --release --bin 06_cpu_bound
//!
//! on 2 CPUs; ==== means at work
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
//! Since the steps before: nothing waits here, so only more CPUs help. Python's threads take turns
//! at its global interpreter lock (the GIL, which only the free-threaded build leaves out), so there
//! only processes are faster.
//!
//! Why it rocks: Rust's threads run on all CPUs at once, and with rayon that takes one word,
//! `par_iter`.
//!
//! The problem: it gets no faster than the number of your CPUs allows. And async, so good at
//! waiting, is no faster here at all: its tasks take turns when they wait, and these never do. (On
//! tokio's default runtime, which has a thread for each CPU, spawned tasks use them all.)

#![forbid(unsafe_code)]

mod worker;

use anyhow::{Context, Result, ensure};
use rayon::prelude::*;
use std::hint::black_box;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;
use std::{env, thread};
use tokio::task::JoinSet;
use worker::Worker;

/// A way to compute the sum of `fib` over all inputs.
type Way = fn(&[u32]) -> Result<u64>;

const WAYS: [(&str, Way); 5] = [
    ("sequential", |inputs| Ok(sequential(inputs))),
    ("threads", |inputs| Ok(threads(inputs))),
    ("async", |inputs| Ok(tasks(inputs))),
    ("processes", processes),
    ("rayon", |inputs| Ok(parallel_iterator(inputs))),
];

fn main() -> Result<()> {
    let arg = env::args_os().nth(1).unwrap_or("35".into());
    if arg == "--worker" {
        worker::serve(|n| Ok(fib(n.parse()?)));
    }
    let n = arg.to_str().and_then(|arg| arg.parse().ok());
    let n = n.filter(|n| *n <= 50);
    let n = n.context("usage: 06_cpu_bound [N], where N is a number from 0 to 50")?;
    if cfg!(debug_assertions) {
        println!("This is a debug build. Add --release to see the real times.");
    }
    // The compiler can't look into a black box. If it saw that all 20 inputs are the same, it could
    // compute the result once and multiply it.
    let inputs = black_box([n; 20]);
    let work = format!("fib({n}), 20 times");
    println!("{work:<18}{:>12}{:>12}{:>12}", "sum", "time", "speed-up");
    let mut first = None;
    for (name, way) in WAYS {
        let start = Instant::now();
        let sum = way(&inputs)?;
        let seconds = start.elapsed().as_secs_f64();
        let (expected, base) = *first.get_or_insert((sum, seconds));
        ensure!(sum == expected, "{name}: the sum is {sum}, not {expected}");
        let speed_up = base / seconds;
        println!("{name:<12}{sum:>18}{seconds:>10.3} s{speed_up:>10.2} x");
    }
    println!("CPUs: {}", thread::available_parallelism()?);
    Ok(())
}

/// One after another.
fn sequential(inputs: &[u32]) -> u64 {
    inputs.iter().map(|&n| fib(n)).sum()
}

/// Five threads, as in the article; each takes the next input when it is done with one. For work
/// like this there should be as many threads as CPUs: on 8 CPUs, three would be idle here.
fn threads(inputs: &[u32]) -> u64 {
    // The lock is held only inside this closure. In `while let Some(n) = queue.lock()…` it would be
    // held until the work is done.
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().expect("no thread panics here").next();
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
/// Worse, nothing else on this thread moves meanwhile: a server would answer nobody, and no timer
/// would go off. So in an async program, give work like this to other threads: rayon's, or tokio's
/// own for blocking calls (`spawn_blocking`).
#[tokio::main(flavor = "current_thread")]
async fn tasks(inputs: &[u32]) -> u64 {
    let tasks: JoinSet<u64> = inputs.iter().map(|&n| async move { fib(n) }).collect();
    tasks.join_all().await.iter().sum()
}

/// One process per CPU. A function can't be sent to a process, but text can (`worker.rs`), and the
/// process is this same program, which has the function.
fn processes(inputs: &[u32]) -> Result<u64> {
    let queue = Mutex::new(inputs.iter());
    let next = || queue.lock().expect("no thread panics here").next();
    let work = || {
        let (mut worker, mut sum) = (Worker::default(), 0);
        while worker.start_if_needed() {
            let Some(n) = next() else { break };
            sum += worker.ask(&n.to_string())?.parse::<u64>()?;
        }
        Ok(sum)
    };
    let processes = thread::available_parallelism()?.get().min(inputs.len());
    thread::scope(|pool| {
        let pool: Vec<_> = (0..processes).map(|_| pool.spawn(work)).collect();
        pool.into_iter()
            .map(|worker| worker.join().expect("no thread panics here"))
            .sum()
    })
}

/// rayon's pool: one thread per CPU. `par_iter` in place of `iter` is all that it takes.
fn parallel_iterator(inputs: &[u32]) -> u64 {
    inputs.par_iter().map(|&n| fib(n)).sum()
}

/// A Fibonacci number in the slow way, to have something to do.
fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}
