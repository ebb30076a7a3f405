//! Heavy work in an async program: rayon's threads do it, and the task awaits the result. Meanwhile
//! the runtime stays awake, as the ticks show. With any argument, the work is called directly, and
//! nothing ticks until it is done.
//!
//! For a few calls that block (a file, a database without async), use tokio's own `spawn_blocking`.
//! It starts up to 512 threads, so work that computes is better off in rayon's pool, which has one
//! for each CPU.
//!
//! ```text
//! cargo add anyhow rayon
//! cargo add tokio --features macros,rt,sync,time
//! ```

#![forbid(unsafe_code)]

use anyhow::{Result, anyhow};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::{Instant, interval};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let directly = std::env::args().len() > 1;
    let mut tick = interval(Duration::from_millis(10));
    let mut ticks = 0;
    let work = async { if directly { Ok(fib(38)) } else { in_rayon(|| fib(38)).await } };
    tokio::pin!(work);
    let start = Instant::now();
    let result = loop {
        tokio::select! {
            result = &mut work => break result?,
            _ = tick.tick() => ticks += 1,
        }
    };
    let ms = start.elapsed().as_millis();
    println!("{result} after {ms} ms and {ticks} ticks");
    Ok(())
}

/// Runs the work in rayon's pool. Returns an error if it panics, where rayon would end the program.
async fn in_rayon<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    let (sender, result) = oneshot::channel();
    let caught = move || catch_unwind(AssertUnwindSafe(work));
    rayon::spawn(move || drop(sender.send(caught())));
    result.await?.map_err(|_| anyhow!("the work panicked"))
}

fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
