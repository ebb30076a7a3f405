//! The SHA-256 of each file, computed on all CPUs, in the order of the list and as `sha256sum` prints
//! it (but for a name with a backslash or a line break, or one that is not UTF-8): Python's
//! `multiprocessing.Pool().map`, without the processes. A file that can't be read is reported on
//! stderr, and the others are done. Nothing is printed before all are done.
//!
//! Use this for any function that computes for a while; in an async program, `inside_async`. To stop
//! at the first error, collect into a `Result<Vec<_>, _>`.

#![forbid(unsafe_code)]

use anyhow::{Result, ensure};
use digest_io::IoWrapper;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::{env, fs::File, io, path::PathBuf};

fn main() -> Result<()> {
    // `args` would panic at a name that is not UTF-8.
    let files: Vec<PathBuf> = env::args_os().skip(1).map(PathBuf::from).collect();
    ensure!(!files.is_empty(), "usage: cargo run --release [--example map_in_order] -- FILE...");
    let hashes: Vec<_> = files.par_iter().map(sha256).collect();
    for (file, hash) in files.iter().zip(&hashes) {
        match hash {
            Ok(hash) => println!("{hash}  {}", file.display()),
            Err(error) => eprintln!("Could not read {}: {error}", file.display()),
        }
    }
    ensure!(hashes.iter().all(Result::is_ok), "not all files could be read");
    Ok(())
}

/// Reads the file in pieces, so that a large one takes no more memory than a small one.
fn sha256(file: &PathBuf) -> io::Result<String> {
    let mut hasher = IoWrapper(Sha256::new());
    io::copy(&mut File::open(file)?, &mut hasher)?;
    Ok(hex::encode(hasher.0.finalize()))
}
