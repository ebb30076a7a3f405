//! Work that never waits: one sum in five ways, to see which of them use all CPUs.
//!
//! ```text
//! cargo run --release --bin 06_cpu_bound
//!
//! ==  the program works, here on 2 CPUs; it never waits
//!
//! sequential  ==============================
//! threads     ===============
//!             ===============
//! async       ==============================   tasks take turns when they wait: these never do
//! processes   ===============
//!             ===============
//! rayon       ===============
//!             ===============
//! ```
//!
//! Since the steps before: there is nothing to wait for, so only more CPUs help. Python's threads
//! take turns at its one lock, the GIL (but in the free-threaded build), so that only its processes
//! are faster here.
//!
//! Why it rocks: Rust's threads run on all CPUs at once, and rayon makes that one word, `par_iter`.
//!
//! Its problem: no more is to be had than there are CPUs, and async, so good at waiting, wins nothing.

#![forbid(unsafe_code)]

mod console;
#[cfg(test)]
mod way_by_way;
mod worker_process;

use anyhow::{Context, Result};
use rayon::prelude::*;
use std::env;
use std::hint::black_box;
use std::io::{self, Write};
use std::process::{self, Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use tokio::task::JoinSet;
use worker_process::sum_by;

/// What the ways are given to do: `fib`, as a Python program would give it to a pool's `map`.
type Work = fn(u32) -> u64;

/// The one argument of a process that is to work for another.
const WORKER: &str = "--worker";

fn main() -> Result<()> {
    if env::args_os().skip(1).eq([WORKER]) {
        return worker();
    }
    let n = console::number_from_args();
    // The compiler cannot look into a black box. If it saw 20 times the same input, it could
    // compute the result once and multiply it.
    let inputs = black_box([n; 20]);
    let mut table = console::Table::new(n);
    table.time("sequential", || Ok(sequential(fib, &inputs)))?;
    table.time("threads", || Ok(threads(fib, &inputs)))?;
    table.time("async", || Ok(tasks(fib, &inputs)))?;
    table.time("processes", || processes(&inputs))?;
    table.time("rayon", || Ok(parallel_iterator(fib, &inputs)))?;
    table.end()
}

/// One after another.
fn sequential(work: Work, inputs: &[u32]) -> u64 {
    inputs.iter().map(|&n| work(n)).sum()
}

/// 5 threads, as in the article, each taking the next input when it is done with one. For work like
/// this there should be as many threads as CPUs: of 8 CPUs, 3 would stand idle here.
fn threads(work: Work, inputs: &[u32]) -> u64 {
    let queue = Mutex::new(inputs.iter());
    // The lock is held in here only. `while let Some(n) = queue.lock()…` would hold it until the
    // end of the loop's body, and the threads would work one at a time.
    let next = || queue.lock().expect("no worker panics here").next();
    thread::scope(|scope| {
        let workers = [(); 5].map(|()| {
            scope.spawn(|| {
                let mut sum = 0;
                while let Some(&n) = next() {
                    sum += work(n);
                }
                sum
            })
        });
        let sums = workers.map(|worker| worker.join().expect("the work does not panic"));
        sums.iter().sum()
    })
}

/// 20 tasks on one thread. A task gives way to the next one at an `.await` that has to wait, and
/// there is none in the work: so each runs from its start to its end, and nothing is won.
///
/// Worse, nothing else on this thread moves in the meantime: a server would answer nobody, and no
/// timer would go off. In such a program work goes to `tokio::task::spawn_blocking`, which runs it
/// on another thread, and the task awaits the result. It starts a thread for each, up to 512, so for
/// much work take rayon's pool instead.
#[tokio::main(flavor = "current_thread")]
async fn tasks(work: Work, inputs: &[u32]) -> u64 {
    let tasks: JoinSet<u64> = inputs.iter().map(|&n| async move { work(n) }).collect();
    tasks.join_all().await.iter().sum()
}

/// One process per CPU, each given the next input when it is done with one. A function cannot be
/// sent to a process, only bytes can (`worker_process.rs`): the workers are this same program, which
/// knows its work.
fn processes(inputs: &[u32]) -> Result<u64> {
    let queue = Arc::new(Mutex::new(Vec::from(inputs).into_iter()));
    let (sender, sums) = mpsc::channel();
    for _ in 0..thread::available_parallelism()?.get() {
        let worker = start_worker()?;
        let (queue, sender) = (Arc::clone(&queue), sender.clone());
        // Not a scoped thread: a scope waits for all its threads, and the error of one worker
        // should not wait for the others to be done. When `main` returns the error, this process
        // ends, and the workers with it.
        thread::spawn(move || {
            let next = || queue.lock().expect("no worker panics here").next();
            sender.send(sum_by(worker, next))
        });
    }
    drop(sender); // `sums` ends when no thread has a sender any more.
    sums.iter().sum()
}

fn start_worker() -> Result<Child> {
    let mut program = Command::new(env::current_exe()?);
    let piped = program.stdin(Stdio::piped()).stdout(Stdio::piped());
    let worker = piped.arg(WORKER).spawn();
    worker.context("cannot start a worker process")
}

/// What a worker process does.
fn worker() -> Result<()> {
    let (sender, lines) = mpsc::channel();
    // stdin ends when the other process wants no more or has died. Its end is waited for on a
    // thread of its own, because it is to end this process also in the middle of `fib(50)`.
    thread::spawn(move || {
        for line in io::stdin().lines().map_while(Result::ok) {
            sender.send(line).ok(); // Fails when this process is about to end anyway.
        }
        process::exit(0)
    });
    for line in lines {
        let result = fib(line.parse()?);
        if writeln!(io::stdout(), "{result}").is_err() {
            break; // Nobody is there to read it.
        }
    }
    Ok(())
}

/// rayon's pool: one thread per CPU. `par_iter` in place of `iter` would do.
///
/// `with_max_len(1)` makes the comparison fair. Without it rayon hands out the 20 inputs to 2 threads
/// in pieces of up to 5, and one thread may still have 5 to do while the other has none. The other
/// ways hand out one input at a time.
fn parallel_iterator(work: Work, inputs: &[u32]) -> u64 {
    let inputs = inputs.par_iter().with_max_len(1);
    inputs.map(|&n| work(n)).sum()
}

/// A Fibonacci number in the slow way, so that there is something to do. The compiler
/// turns the last call into a loop, which is faster where the last call is `fib(n - 2)`.
fn fib(n: u32) -> u64 {
    if n < 2 {
        u64::from(n)
    } else {
        fib(n - 1) + fib(n - 2)
    }
}
