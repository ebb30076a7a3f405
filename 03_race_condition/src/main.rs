//! A race condition: five threads add to one number, and updates get lost.
//!
//! ```text
//! cargo run --bin 03_race_condition
//!
//! the number   thread A            thread B
//!     0        load: 0
//!     0                            load: 0
//!     1        store: 0 + 1
//!     1                            store: 0 + 1   A's update is lost
//! ```
//!
//! Since step 02: there too, all threads changed one thing, the place in the list, but with a lock
//! around "look and move on". Here, nothing holds the load and the store together.
//!
//! The load is atomic and so is the store: nobody ever sees half a number. But the two together are
//! not. Between them, another thread can load the same value, and then one of the two updates is
//! lost. A `Mutex` lets only one thread at a time into this critical section, and `fetch_add` loads,
//! adds and stores in one step.

#![forbid(unsafe_code)]

use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Barrier, Mutex};
use std::{env, process, thread};

const USAGE: &str = "Usage: cargo run --bin 03_race_condition";

const THREADS: usize = 5;
const INCREMENTS: usize = 1_000;

fn main() {
    if let Some(arg) = env::args_os().nth(1) {
        if arg == "--help" || arg == "-h" {
            return println!("{USAGE}");
        }
        eprintln!("{USAGE}");
        process::exit(2);
    }
    let work = format!("{THREADS} threads, {INCREMENTS} increments each");
    println!("{work:<32}{:>9}{:>8}  loses", "counted", "lost");

    // At the barrier, each thread waits until all five have loaded. So all of them have the same
    // value, and store the same: of five updates, four are lost, every time and on any machine.
    let counter = AtomicUsize::new(0);
    let all_have_loaded = Barrier::new(THREADS);
    in_all_threads(|| {
        let value = counter.load(Relaxed);
        all_have_loaded.wait();
        counter.store(value + 1, Relaxed);
    });
    print_row("load, wait for all, store", counter.into_inner(), "always");

    // Without the barrier the gap between load and store is very short. Whether two threads meet in
    // it is luck.
    let counter = AtomicUsize::new(0);
    in_all_threads(|| {
        let value = counter.load(Relaxed);
        counter.store(value + 1, Relaxed);
    });
    print_row("load, store", counter.into_inner(), "sometimes");

    // The lock is held from the load to the store.
    let counter = Mutex::new(0);
    in_all_threads(|| *counter.lock().unwrap() += 1);
    print_row("Mutex", counter.into_inner().unwrap(), "never");

    // One step in place of two.
    let counter = AtomicUsize::new(0);
    in_all_threads(|| {
        counter.fetch_add(1, Relaxed);
    });
    print_row("fetch_add", counter.into_inner(), "never");
}

/// Runs five threads that each call `increment` 1,000 times, and waits for them. A scope's threads
/// may borrow, because the scope does not end before they do.
fn in_all_threads(increment: impl Fn() + Sync) {
    let all_have_started = Barrier::new(THREADS);
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                all_have_started.wait();
                for _ in 0..INCREMENTS {
                    increment();
                }
            });
        }
    });
}

/// Prints what a way has counted, and when it loses updates: that is about its code, not this run.
fn print_row(way: &str, counted: usize, loses: &str) {
    let lost = THREADS * INCREMENTS - counted;
    let loses = if THREADS > 1 { loses } else { "never" };
    println!("{way:<32}{counted:>9}{lost:>8}  {loses}");
}
