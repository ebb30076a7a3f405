//! What is printed where, whole or not at all.

use crate::site::Site;
use crate::{Run, STEPS, for_each, lines, program};
use std::fs::{self, File};

/// The steps that end quietly if nobody reads what they print.
const QUIET: [&str; 5] = [STEPS[0], STEPS[1], STEPS[3], STEPS[4], STEPS[5]];

#[test]
fn an_unknown_option_shows_the_usage() {
    for step in STEPS {
        let release = if step.starts_with("06") { "--release " } else { "" };
        let usage = format!("Usage: cargo run {release}--bin {step}");
        for help in ["--help", "-h"] {
            Run::with(step, &[help]).ends(0, 0).prints(&usage);
        }
        // The URL is not downloaded.
        let site = Site::open();
        let run = Run::with(step, &[site.url("/page").as_str(), "--hlep"]);
        let is_silent = run.stdout.is_empty() && site.seen().requests.is_empty();
        assert!(is_silent && run.status == Some(2) && run.errors(&usage) == 1, "{run:#?}");
    }
}

/// Both go into one file, as they go to one terminal. Five threads print to it at once.
#[test]
fn no_line_is_torn() {
    let site = Site::open();
    let urls = vec![[site.url("/hold"), site.url("/late-404")]; 300].concat();
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/lines");
    let both = File::create(path).unwrap();
    let mut run = program("02_io_threading");
    run.args(urls).stdout(both.try_clone().unwrap()).stderr(both);
    assert_eq!(run.status().unwrap().code(), Some(1));
    let printed = fs::read_to_string(path).unwrap();
    for line in printed.lines() {
        assert_eq!(line.matches("ead ").count() + line.matches("Down").count(), 1, "{line}");
    }
    let starts = |text| printed.lines().filter(|line| line.starts_with(text)).count();
    assert_eq!((starts("Read 4 bytes from "), starts("Could not read ")), (300, 300));
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for_each(&QUIET, |step| {
        let mut run = program(step).spawn().unwrap();
        assert_eq!(lines(&mut run).take(3).count(), 3);
        Run::of(run).ends(1, 0);
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    for_each(&QUIET, |step| {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let run = Run::of(program(step).stdout(full).spawn().unwrap());
        let why = "No space left on device";
        assert!(run.status == Some(1) && run.stderr.concat().contains(why), "{run:#?}");
    });
}
