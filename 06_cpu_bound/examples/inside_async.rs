//! Heavy work in an async program: rayon's threads do it, on all CPUs, and the task awaits the result.
//! Meanwhile the runtime stays awake, as the ticks show. Without `spawn_blocking`, nothing ticks until
//! the sum is done. If the work panics, `await` returns that as an error, a `JoinError`.
//!
//! Nothing stops work that has begun: if this future is dropped (by a time limit, say), the sum is
//! computed all the same, and the program does not end before it, unless it calls
//! `std::process::exit`. Don't start more of it than your CPUs can do; it would pile up.

#![forbid(unsafe_code)]

use rayon::prelude::*;
use std::time::Duration;
use tokio::{task, time};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), task::JoinError> {
    let mut tick = time::interval(Duration::from_millis(20));
    task::spawn(async move {
        loop {
            tick.tick().await;
            println!("tick");
        }
    });
    let sum = task::spawn_blocking(|| [35; 20].into_par_iter().map(fib).sum::<u64>()).await?;
    println!("The sum is {sum}");
    Ok(())
}

fn fib(n: u32) -> u64 {
    if n < 2 { u64::from(n) } else { fib(n - 1) + fib(n - 2) }
}
