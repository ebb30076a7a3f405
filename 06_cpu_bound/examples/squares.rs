//! The sum of the squares below 5,000,000, the work that the article's first edition gave to the CPU.
//!
//! ```text
//! cargo run --example squares
//! cargo run --release --example squares
//! ```
//!
//! The first ends in a panic: the sum does not fit in a `u64`, as it does in Python's integers. The
//! second prints a wrong sum after some 100 nanoseconds: a release build does not look for the
//! overflow, and the compiler has put a formula in place of the loop.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

fn main() {
    // The compiler cannot look into a black box. It would compute the sum of a number that it knows.
    let n: u64 = black_box(5_000_000);
    let start = Instant::now();
    let sum: u64 = (0..n).map(|i| i * i).sum();
    println!("{} in {:?}", black_box(sum), start.elapsed());
}
