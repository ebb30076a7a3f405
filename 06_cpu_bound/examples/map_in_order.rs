//! Any function over any list, on all CPUs, and the results come back in the order of the list:
//! Python's `multiprocessing.Pool().map`, without the processes.
//!
//! Take this for whatever computes. In an async program, take `inside_async`.
//!
//! ```text
//! cargo add anyhow rayon
//! ```

#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use rayon::prelude::*;

fn main() -> Result<()> {
    let mut numbers: Vec<String> = std::env::args().skip(1).collect();
    if numbers.is_empty() {
        numbers = ["1000003", "1000005", "1000007"].map(String::from).to_vec();
    }
    // A function that can't fail: a list of its results.
    let lengths: Vec<usize> = numbers.par_iter().map(String::len).collect();
    // A function that can fail: a list of all results, or one of the errors. (For a list of results
    // and errors, collect into `Vec<Result<u64>>`.)
    let divisors = numbers.par_iter().map(|number| smallest_divisor(number));
    let divisors = divisors.collect::<Result<Vec<u64>>>()?;

    for ((number, length), divisor) in numbers.iter().zip(lengths).zip(divisors) {
        println!("{number} has {length} digits, and its smallest divisor is {divisor}");
    }
    Ok(())
}

fn smallest_divisor(number: &str) -> Result<u64> {
    let n: u64 = number
        .parse()
        .with_context(|| format!("not a number: {number}"))?;
    let divisor = (2..=n.isqrt()).find(|divisor| n % divisor == 0);
    Ok(divisor.unwrap_or(n))
}
