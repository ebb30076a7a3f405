//! A race condition: five threads count to 500,000 in three ways, and one of these loses updates in
//! every run.
//!
//! ```text
//! cargo run --bin 03_race_condition
//!
//! counter   thread A       thread B
//!    0      load: 0
//!    0                     load: 0
//!    1                     store: 0 + 1
//!    1      store: 0 + 1                   over B's update, which is lost
//! ```
//!
//! Since step 02: the threads share a number that all of them change, where they shared a list from
//! which each took what no other had.
//!
//! The load is atomic and so is the store, but the pair is not. Between them is a window in which
//! other threads count on. A `Mutex` keeps them out of it, and `fetch_add` has no window.
//!
//! Why Rust rocks here: the careless version, a plain number that five threads change, does not
//! compile (`tests/refused/`). The problem: this one does. The compiler knows that each step is
//! safe, not that the two belong together.

#![forbid(unsafe_code)]

#[cfg(test)]
mod every_interleaving;
mod table;

// In the tests only, loom's types stand in for std's, and loom runs the functions below in every
// order in which threads can take turns. Skip this on a first reading.
#[cfg(test)]
use loom::sync::{Mutex, atomic::AtomicU64};
#[cfg(not(test))]
use std::sync::{Mutex, atomic::AtomicU64};

use std::sync::{Barrier, atomic::Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

const THREADS: usize = 5;
const INCREMENTS: usize = 500_000;

fn main() {
    table::take_no_arguments();
    table::print_head();

    let counter = AtomicU64::new(0);
    let wait_in_the_window = |all_five: &Barrier| {
        load_then_store(&counter, || {
            all_five.wait();
        });
    };
    let time = in_five_threads(wait_in_the_window, || load_then_store(&counter, || {}));
    table::print_row("load, then store", counter.into_inner(), time);

    // The cures wait before they count. A thread that held the lock while it waits for the others
    // would wait for ever, because they need the lock first; and `fetch_add` has no middle.
    let counter = Mutex::new(0);
    let wait_first = |all_five: &Barrier| {
        all_five.wait();
        lock_and_add(&counter);
    };
    let time = in_five_threads(wait_first, || lock_and_add(&counter));
    table::print_row("Mutex", counter.into_inner().unwrap(), time);

    let counter = AtomicU64::new(0);
    let wait_first = |all_five: &Barrier| {
        all_five.wait();
        fetch_add(&counter);
    };
    let time = in_five_threads(wait_first, || fetch_add(&counter));
    table::print_row("fetch_add", counter.into_inner(), time);
}

/// The race: what other threads store in the window, this store writes over.
///
/// Without `in_the_window` the window is still there, a few instructions wide. But then it is luck
/// whether two threads meet in it, and a run may lose nothing.
fn load_then_store(counter: &AtomicU64, in_the_window: impl FnOnce()) {
    let value = counter.load(Relaxed);
    in_the_window();
    counter.store(value + 1, Relaxed);
}

/// One cure: whoever holds the lock is alone with the number, from the load to the store. (`unwrap`
/// panics only where another thread has panicked while it held the lock.)
fn lock_and_add(counter: &Mutex<u64>) {
    *counter.lock().unwrap() += 1;
}

/// The other cure: load, add and store in one step. It is `Relaxed` too, so that was not the fault:
/// `Relaxed` says nothing of other variables, but each step on this one is whole.
fn fetch_add(counter: &AtomicU64) {
    counter.fetch_add(1, Relaxed);
}

/// Five threads make 500,000 increments in all, 100,000 each: the first with `first`, the others with
/// `later`. `first` is given a barrier, where a thread waits until all five are there. Returns how
/// long it took.
///
/// In the race, where they wait in the window, all five have then loaded 0 and all will store 1. So
/// at least four updates are lost, in every run on any machine. Most often it is far more, because
/// a thread that wakes up late stores its 1 over all that the others have counted since.
fn in_five_threads(first: impl Fn(&Barrier) + Sync, later: impl Fn() + Sync) -> Duration {
    let all_five = Barrier::new(THREADS);
    let start = Instant::now();
    // Scoped threads are joined before `scope` returns, so they may borrow: no `Arc` is needed.
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                first(&all_five);
                for _ in 1..INCREMENTS / THREADS {
                    later();
                }
            });
        }
    });
    start.elapsed()
}
