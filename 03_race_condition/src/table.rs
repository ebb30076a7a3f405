//! The arguments, of which there are none, and the table: not the lesson.

use crate::INCREMENTS;
use std::env;
use std::fmt::Display;
use std::io::{self, ErrorKind, Write};
use std::process;
use std::time::Duration;

const USAGE: &str = concat!(
    "Usage: ",
    env!("CARGO_BIN_NAME"),
    "\nCounts to 500,000 in five threads, in three ways. It takes no arguments."
);

/// Ends the program with the usage for `--help` (exit status 0) and for any other argument (2).
pub fn take_no_arguments() {
    // `args` would panic over an argument that is not UTF-8; `args_os` takes it as it is.
    let Some(arg) = env::args_os().nth(1) else {
        return;
    };
    if arg == "--help" || arg == "-h" {
        print(USAGE);
        process::exit(0);
    }
    let arg = arg.to_string_lossy();
    print_error(format!("\"{arg}\" is one argument too many.\n{USAGE}"));
    process::exit(2);
}

pub fn print_head() {
    print_columns("way", "expected", "counted", "lost", "time");
}

pub fn print_row(way: &str, counted: u64, time: Duration) {
    let expected = INCREMENTS as u64;
    let time = format!("{:.1} ms", time.as_secs_f64() * 1000.0);
    print_columns(way, expected, counted, expected - counted, time);
}

fn print_columns(
    way: &str,
    expected: impl Display,
    counted: impl Display,
    lost: impl Display,
    time: impl Display,
) {
    print(format!(
        "{way:<16}{expected:>10}{counted:>10}{lost:>10}{time:>12}"
    ));
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
