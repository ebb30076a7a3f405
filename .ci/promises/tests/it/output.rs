//! What is printed where, whole or not at all.

use crate::site::Site;
use crate::{Run, STEPS, for_each_io_step, program};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};

#[test]
fn help_shows_the_usage() {
    for step in STEPS {
        for help in ["--help", "-h"] {
            let run = Run::with(step, &[help]);
            run.ends(0, 0);
            let release = if step.starts_with("06") { "--release " } else { "" };
            run.prints(&format!("Usage: cargo run {release}--bin {step}"));
        }
    }
}

#[test]
fn an_unknown_option_downloads_nothing() {
    for_each_io_step(|step| {
        let site = Site::open();
        let run = Run::with(step, &[site.url("/page").as_str(), "--hlep"]);
        run.ends(2, 2);
        assert!(run.stderr[0].starts_with("Usage: cargo run --bin "), "{run:#?}");
        assert_eq!((run.stdout.len(), site.asked("/page")), (0, 0));
    });
}

/// Both go into one file, as they go to one terminal.
#[test]
fn lines_are_whole() {
    for_each_io_step(|step| {
        let site = Site::open();
        let urls = vec![[site.url("/hold"), site.url("/late-404")]; 60].concat();
        let path = format!("{}/lines_of_{step}", env!("CARGO_TARGET_TMPDIR"));
        let both = File::create(&path).unwrap();
        let mut run = program(step);
        run.args(urls).stdout(both.try_clone().unwrap()).stderr(both);
        assert_eq!(run.status().unwrap().code(), Some(1));
        let lines = fs::read_to_string(path).unwrap();
        let lines = lines.lines().filter(|line| !line.starts_with("Downloaded 60 of 120 sites"));
        let (mut read, mut named) = (0, 0);
        for line in lines {
            read += usize::from(line.starts_with("Read 4 bytes from http://"));
            named += usize::from(line.starts_with("Could not read http://"));
            assert_eq!(line.matches("ead ").count(), 1, "{line}");
        }
        assert_eq!((read, named), (60, 60));
    });
}

#[test]
fn a_closed_pipe_ends_quietly() {
    for_each_io_step(|step| {
        let mut run = program(step).spawn().unwrap();
        let lines = BufReader::new(run.stdout.take().unwrap()).lines();
        assert_eq!(lines.take(3).count(), 3);
        Run::from(run.wait_with_output().unwrap()).ends(1, 0);
    });
}

#[test]
fn errors_that_nobody_reads_stop_nothing() {
    for_each_io_step(|step| {
        let site = Site::open();
        let urls = ["/nowhere", "/nowhere", "/page"].map(|page| site.url(page));
        let mut run = program(step).args(urls).spawn().unwrap();
        drop(run.stderr.take());
        let run = Run::from(run.wait_with_output().unwrap());
        run.ends(1, 0).prints("Downloaded 1 of 3 sites in ");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    for_each_io_step(|step| {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let run = program(step).arg(Site::open().url("/page")).stdout(full).output();
        let run = Run::from(run.unwrap());
        assert!(run.ends(1, 1).stderr[0].starts_with("Could not print: "), "{run:#?}");
    });
}

#[test]
#[cfg(unix)]
fn an_argument_need_not_be_utf_8() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    for_each_io_step(|step| {
        let site = Site::open();
        let bad = OsStr::from_bytes(b"http:/\xff/");
        Run::with(step, &[site.url("/page").as_ref(), bad]).ends(1, 1).prints("Downloaded 1 of 2");
    });
}
