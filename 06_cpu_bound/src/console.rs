//! The argument of the program and the table that it prints: not the lesson.

use anyhow::{Result, ensure};
use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process;
use std::thread;
use std::time::{Duration, Instant};

const USAGE: &str = concat!(
    "Usage: ",
    env!("CARGO_BIN_NAME"),
    " [N]\n",
    "Computes fib(N) 20 times in each of five ways. N is 0 to 50, and 35 if it is left out."
);

/// Takes `n` from the command line.
///
/// Ends the program with the usage for `--help` (exit status 0) and for what is no such number (2).
pub fn number_from_args() -> u32 {
    let args: Vec<_> = env::args_os().skip(1).collect();
    let args: Vec<_> = args.iter().map(|arg| arg.to_string_lossy()).collect();
    let n = match args.as_slice() {
        [] => Some(35),
        [help] if help == "--help" || help == "-h" => {
            print(USAGE);
            process::exit(0);
        }
        [n] => n.parse().ok().filter(|n| *n <= 50),
        _ => None,
    };
    n.unwrap_or_else(|| {
        let args = args.join(" ");
        let complaint = format!("\"{args}\" is no whole number from 0 to 50.\n{USAGE}");
        print_error(complaint);
        process::exit(2);
    })
}

/// Prints a line for each way as soon as it is done.
pub struct Table {
    ways: usize,
    sum: u64,
    sequential: Duration,
}

impl Table {
    pub fn new(n: u32) -> Self {
        if cfg!(debug_assertions) {
            let release = concat!("cargo run --release --bin ", env!("CARGO_BIN_NAME"));
            print(format!(
                "This is a debug build. `{release}` shows the real times."
            ));
        }
        let times = format!("fib({n}), 20 times");
        print(format!("{times:<18}{:>12}{:>12}", "time", "speed-up"));
        Self {
            ways: 0,
            sum: 0,
            sequential: Duration::ZERO,
        }
    }

    /// Times a way. The first one is what the others are compared with.
    ///
    /// # Errors
    /// When the way fails, and when its sum is not that of the first one.
    pub fn time(&mut self, name: &str, way: impl FnOnce() -> Result<u64>) -> Result<()> {
        let start = Instant::now();
        let sum = way()?;
        let elapsed = start.elapsed();
        if self.ways == 0 {
            (self.sum, self.sequential) = (sum, elapsed);
        }
        let expected = self.sum;
        ensure!(sum == expected, "{name}: the sum is {sum}, not {expected}");
        self.ways += 1;
        let (seconds, speed_up) = (
            elapsed.as_secs_f64(),
            self.sequential.as_secs_f64() / elapsed.as_secs_f64(),
        );
        print(format!("{name:<18}{seconds:>10.3} s{speed_up:>10.2} x"));
        Ok(())
    }

    /// Prints what is to know of all of them.
    ///
    /// # Errors
    /// When the system does not say how many CPUs there are.
    pub fn end(&self) -> Result<()> {
        let (ways, sum, cpus) = (self.ways, self.sum, thread::available_parallelism()?);
        let s = if cpus.get() == 1 { "" } else { "s" };
        print(format!(
            "All {ways} ways have the same sum, {sum}. There are {cpus} CPU{s} to run on."
        ));
        Ok(())
    }
}

/// Prints a line. Ends the program when nobody reads on (`… | head -3`), where `println!` panics.
fn print(line: impl Display) {
    // In one piece, so that the lines of two processes do not mix.
    match io::stdout().write_all(format!("{line}\n").as_bytes()) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::BrokenPipe => process::exit(0),
        Err(error) => {
            print_error(format!("Cannot print: {error}"));
            process::exit(1);
        }
    }
}

/// Prints a line to stderr, where `eprintln!` panics when nobody reads it.
fn print_error(line: impl Display) {
    // Where this fails there is nobody left to tell, and the exit status still says it.
    io::stderr().write_all(format!("{line}\n").as_bytes()).ok();
}
