//! The proof. loom plays the lesson's own functions through every order in which threads can take
//! turns, so these are all the outcomes that there are, and not those that came up so far. (It does
//! not reorder `Relaxed` operations on different variables. Here there is one: the counter.)

use super::{fetch_add, load_then_store, lock_and_add};
use loom::sync::{
    Mutex,
    atomic::{AtomicU64, AtomicUsize},
};
use loom::thread;
use std::collections::BTreeSet;
use std::sync::{
    self, Arc,
    atomic::Ordering::{AcqRel, Acquire},
};

#[test]
fn load_then_store_can_lose_all_updates_but_one_with_nothing_in_the_window() {
    let increment = |counter: &AtomicU64| load_then_store(counter, || {});
    let race = |threads| {
        outcomes(
            threads,
            || AtomicU64::new(0),
            increment,
            AtomicU64::into_inner,
        )
    };
    assert_eq!(race(2), BTreeSet::from([1, 2]));
    assert_eq!(race(3), BTreeSet::from([1, 2, 3]));
}

/// The program waits in the window. Then there is no luck in it. (Three threads would take loom
/// minutes here.)
#[test]
fn load_then_store_always_loses_an_update_where_both_threads_wait_in_the_window() {
    let new = || (AtomicU64::new(0), AtomicUsize::new(2));
    let increment = |(counter, missing): &(_, AtomicUsize)| {
        load_then_store(counter, || {
            // What std's `Barrier` does; loom has none.
            missing.fetch_sub(1, AcqRel);
            while missing.load(Acquire) > 0 {
                thread::yield_now();
            }
        });
    };
    let race = outcomes(2, new, increment, |(counter, _)| counter.into_inner());
    assert_eq!(race, BTreeSet::from([1]));
}

/// The diagram in the header: all of thread B's increment happens in thread A's window.
#[test]
fn an_increment_in_the_window_of_another_is_lost() {
    loom::model(|| {
        let counter = AtomicU64::new(0);
        load_then_store(&counter, || load_then_store(&counter, || {}));
        assert_eq!(counter.into_inner(), 1);
    });
}

#[test]
fn a_mutex_loses_no_update() {
    let into_inner = |counter: Mutex<_>| counter.into_inner().unwrap();
    let cure = |threads| outcomes(threads, || Mutex::new(0), lock_and_add, into_inner);
    assert_eq!(cure(2), BTreeSet::from([2]));
    assert_eq!(cure(3), BTreeSet::from([3]));
}

#[test]
fn fetch_add_loses_no_update() {
    let cure = |threads| {
        outcomes(
            threads,
            || AtomicU64::new(0),
            fetch_add,
            AtomicU64::into_inner,
        )
    };
    assert_eq!(cure(2), BTreeSet::from([2]));
    assert_eq!(cure(3), BTreeSet::from([3]));
}

/// All that a new counter can stand at once each of so many threads has incremented it.
fn outcomes<Counter: Send + Sync + 'static>(
    threads: usize,
    new: impl Fn() -> Counter + Send + Sync + 'static,
    increment: impl Fn(&Counter) + Copy + Send + Sync + 'static,
    into_inner: impl Fn(Counter) -> u64 + Send + Sync + 'static,
) -> BTreeSet<u64> {
    // std's types, because these are to outlast each interleaving.
    let outcomes = Arc::new(sync::Mutex::new(BTreeSet::new()));
    let seen = outcomes.clone();
    loom::model(move || {
        let counter = Arc::new(new());
        let others: Vec<_> = (1..threads)
            .map(|_| {
                let counter = Arc::clone(&counter);
                thread::spawn(move || increment(&counter))
            })
            .collect();
        increment(&counter);
        for thread in others {
            thread.join().unwrap();
        }
        let counter = Arc::try_unwrap(counter).ok().unwrap();
        seen.lock().unwrap().insert(into_inner(counter));
    });
    outcomes.lock().unwrap().clone()
}
