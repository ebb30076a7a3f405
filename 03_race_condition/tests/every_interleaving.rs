//! The proof: loom runs two threads in every order in which they can take turns, so these are all
//! the possible results, not only those seen so far. (It does not reorder `Relaxed` operations on
//! different variables. Each model has one variable, but for the barrier's.)

use loom::sync::atomic::{AtomicUsize, Ordering::AcqRel, Ordering::Acquire, Ordering::Relaxed};
use loom::sync::{Arc, Mutex};
use std::collections::BTreeSet;

/// A number to count with, another, and how many threads have come to the barrier.
type Shared = (AtomicUsize, Mutex<usize>, AtomicUsize);

/// Everything that the numbers can add up to after two threads have called `increment` once each.
fn results(increment: fn(&Shared)) -> Vec<usize> {
    // std's, because it must outlast each interleaving.
    let results = std::sync::Arc::new(std::sync::Mutex::new(BTreeSet::new()));
    let seen = results.clone();
    loom::model(move || {
        let shared = Arc::new((AtomicUsize::new(0), Mutex::new(0), AtomicUsize::new(0)));
        let other = Arc::clone(&shared);
        let thread = loom::thread::spawn(move || increment(&other));
        increment(&shared);
        thread.join().unwrap();
        let counted = shared.0.load(Relaxed) + *shared.1.lock().unwrap();
        seen.lock().unwrap().insert(counted);
    });
    results.lock().unwrap().iter().copied().collect()
}

#[test]
fn load_then_store_may_lose_an_update() {
    let results = results(|(counter, ..)| {
        let value = counter.load(Relaxed);
        counter.store(value + 1, Relaxed);
    });
    assert_eq!(results, [1, 2]);
}

#[test]
fn with_a_barrier_an_update_is_lost() {
    let results = results(|(counter, _, arrived)| {
        let value = counter.load(Relaxed);
        // What a barrier amounts to; loom has none.
        arrived.fetch_add(1, AcqRel);
        while arrived.load(Acquire) < 2 {
            loom::thread::yield_now();
        }
        counter.store(value + 1, Relaxed);
    });
    assert_eq!(results, [1]);
}

#[test]
fn a_mutex_never_loses_an_update() {
    assert_eq!(results(|(_, counter, _)| *counter.lock().unwrap() += 1), [2]);
}

#[test]
fn fetch_add_never_loses_an_update() {
    let results = results(|(counter, ..)| {
        counter.fetch_add(1, Relaxed);
    });
    assert_eq!(results, [2]);
}

/// So what is proved here holds there.
#[test]
fn the_lesson_runs_the_same_statements() {
    let [lesson, proof] = [include_str!("../src/main.rs"), include_str!("every_interleaving.rs")];
    for way in [
        "counter.load(Relaxed);\n        counter.store(value + 1, Relaxed);\n    });",
        "| *counter.lock().unwrap() += 1)",
        "| {\n        counter.fetch_add(1, Relaxed);\n    });",
    ] {
        assert!(lesson.contains(way) && proof.contains(way), "{way}");
    }
}
