//! The SHA-256 of each file, computed on all CPUs, in the order of the list and as `sha256sum` prints
//! it (but for a name with a backslash or a line break): Python's `multiprocessing.Pool().map`, without
//! the processes. A file that can't be read is reported on stderr, and the others are done.
//!
//! Use this for any function that computes for a while; in an async program, `inside_async`. Each file
//! is read whole, one for each CPU at a time. To stop at the first error, collect into a
//! `Result<Vec<_>, _>`.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{env, fs};

fn main() -> Result<()> {
    let files: Vec<String> = env::args().skip(1).collect();
    ensure!(!files.is_empty(), "usage: cargo run --release -- Cargo.toml src/main.rs");
    let sha256 = |file: &String| fs::read(file).map(|bytes| hex::encode(Sha256::digest(bytes)));
    let hashes: Vec<_> = files.par_iter().map(sha256).collect();
    for (file, hash) in files.iter().zip(&hashes) {
        match hash {
            Ok(hash) => println!("{hash}  {file}"),
            Err(error) => eprintln!("Could not read {file}: {error}"),
        }
    }
    ensure!(hashes.iter().all(Result::is_ok), "not all files could be read");
    Ok(())
}
