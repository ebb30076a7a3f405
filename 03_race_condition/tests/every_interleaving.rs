//! The proof: loom runs two threads in every order in which they can take turns, so these are all
//! the possible results, not only those seen so far. (It does not reorder `Relaxed` operations on
//! different variables. Each model has one variable, but for the barrier's.)

use loom::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};
use loom::sync::{Arc, Mutex};
use std::collections::BTreeSet;

/// A counter, and how many threads have not come to the barrier yet.
struct Shared {
    atomic: AtomicUsize,
    mutex: Mutex<usize>,
    missing: AtomicUsize,
}

/// Everything that the counters can add up to after two threads have called `increment` once each.
fn results(increment: fn(&Shared)) -> BTreeSet<usize> {
    // std's, because it must outlast each interleaving.
    let results = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let seen = results.clone();
    loom::model(move || {
        let (atomic, mutex, missing) = (AtomicUsize::new(0), Mutex::new(0), AtomicUsize::new(2));
        let shared = Arc::new(Shared { atomic, mutex, missing });
        let other = Arc::clone(&shared);
        let thread = loom::thread::spawn(move || increment(&other));
        increment(&shared);
        thread.join().unwrap();
        let counted = shared.atomic.load(Relaxed) + *shared.mutex.lock().unwrap();
        seen.lock().unwrap().insert(counted);
    });
    results.lock().unwrap().clone()
}

#[test]
fn load_then_store_may_lose_an_update() {
    let results = results(|shared| {
        let value = shared.atomic.load(Relaxed);
        shared.atomic.store(value + 1, Relaxed);
    });
    assert_eq!(results, BTreeSet::from([1, 2]));
}

#[test]
fn with_a_barrier_between_them_load_and_store_always_lose_an_update() {
    let results = results(|shared| {
        let value = shared.atomic.load(Relaxed);
        // What std's `Barrier` does; loom has none.
        shared.missing.fetch_sub(1, AcqRel);
        while shared.missing.load(Acquire) > 0 {
            loom::thread::yield_now();
        }
        shared.atomic.store(value + 1, Relaxed);
    });
    assert_eq!(results, BTreeSet::from([1]));
}

#[test]
fn a_mutex_never_loses_an_update() {
    let results = results(|shared| *shared.mutex.lock().unwrap() += 1);
    assert_eq!(results, BTreeSet::from([2]));
}

#[test]
fn fetch_add_never_loses_an_update() {
    let results = results(|shared| {
        shared.atomic.fetch_add(1, Relaxed);
    });
    assert_eq!(results, BTreeSet::from([2]));
}
