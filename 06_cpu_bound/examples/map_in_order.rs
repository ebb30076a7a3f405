//! Any function over any list, on all CPUs (it pays if each call takes a while), and the results
//! come back in the order of the list: Python's `multiprocessing.Pool().map`, without the
//! processes.
//!
//! Use this for anything that computes. In an async program, use `inside_async`.
//!
//! ```text
//! cargo add anyhow rayon
//! ```

#![forbid(unsafe_code)]

use anyhow::{Context, Result};
use rayon::prelude::*;

fn main() -> Result<()> {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    if args.is_empty() {
        args = ["1000003", "1000005", "1000007"].map(String::from).to_vec();
    }
    // A function that can fail: a list of all results, or one of the errors. (To have both, collect
    // into a `Vec<Result<u64>>`.)
    let numbers = args.par_iter().map(|arg| parse(arg));
    let numbers = numbers.collect::<Result<Vec<u64>>>()?;
    // A function that can't fail: a list of its results.
    let factors: Vec<u64> = numbers.par_iter().map(|&n| smallest_factor(n)).collect();

    for (number, factor) in numbers.iter().zip(factors) {
        println!("The smallest factor of {number} is {factor}");
    }
    Ok(())
}

fn parse(text: &str) -> Result<u64> {
    text.parse().with_context(|| format!("not a number: {text}"))
}

/// The smallest factor from 2 on, or the number itself.
fn smallest_factor(n: u64) -> u64 {
    (2..=n.isqrt()).find(|factor| n % factor == 0).unwrap_or(n)
}
