//! The sum of the squares below 5,000,000, the work that the article's first edition gave to the CPU.
//!
//! ```text
//! cargo run --example squares
//! cargo run --release --example squares
//! ```
//!
//! The first ends in a panic: the sum does not fit in a `u64`, and Python's integers have no limit.
//! The second prints a wrong sum after some 100 nanoseconds: a release build does not look for the
//! overflow, and the compiler has put a formula in place of the loop.

#![forbid(unsafe_code)]

use std::hint::black_box;
use std::time::Instant;

fn main() {
    let start = Instant::now();
    // The compiler cannot look into a black box. Without it, it would know the sum beforehand.
    let n: u64 = black_box(5_000_000);
    let sum: u64 = (0..n).map(|i| i * i).sum();
    println!("{} in {:?}", black_box(sum), start.elapsed());
}
