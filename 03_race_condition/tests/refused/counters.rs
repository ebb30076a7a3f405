// Four ways to count in five threads that Python accepts, one of them the article's. Rust refuses all
// of them: `rustc --edition=2024 03_race_condition/tests/refused/counters.rs`.

use std::{cell::Cell, rc::Rc, thread};

// E0499: only one thread at a time may borrow a variable to change it. (A `Mutex` or an atomic number
// can be changed through a shared reference.)
fn a_variable() {
    let mut counter = 0;
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| counter += 1);
        }
    });
}

// E0373: a thread that is not scoped may run on when this function has returned and the variable is
// gone. In Python, the closure keeps it alive. (In Rust, an `Arc` does. With `move`, as the compiler
// suggests, the thread changes a copy of its own.)
fn a_variable_that_may_be_gone() {
    let mut counter = 0;
    let thread = thread::spawn(|| counter += 1);
    thread.join().unwrap();
}

// E0277: an `Rc` counts its owners with plain loads and stores, so two threads could lose count and
// free the value while one still uses it. (An `Arc` counts with atomic ones.)
fn a_shared_object() {
    let counter = Rc::new(Cell::new(0));
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| counter.set(counter.get() + 1));
        }
    });
}

// E0133: any thread can change a `static mut` at any time, so using one is `unsafe`. This is the
// article's program. (A static atomic number needs no `mut`.)
static mut COUNTER: usize = 0;

fn a_global() {
    thread::scope(|scope| {
        for _ in 0..5 {
            scope.spawn(|| COUNTER += 1);
        }
    });
}

fn main() {}
