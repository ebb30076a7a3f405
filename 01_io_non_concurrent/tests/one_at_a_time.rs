//! What this step claims, seen by its own practice site.

use std::process::Command;

#[test]
fn sites_are_read_one_after_another() {
    let run = Command::new(env!("CARGO_BIN_EXE_01_io_non_concurrent")).output().unwrap();
    let stdout = String::from_utf8_lossy(&run.stdout);
    let lines: Vec<_> = stdout.lines().collect();
    assert!(lines.len() > 161, "{run:?}");
    for pages in lines[..160].chunks(2) {
        assert!(pages[0].starts_with("Read 10966 bytes from http://127.0.0.1:"), "{run:?}");
        assert!(pages[1].starts_with("Read 277 bytes from http://127.0.0.1:"), "{run:?}");
    }
    assert!(lines[160].starts_with("Downloaded 160 sites in "), "{run:?}");
    let seen = "The practice site saw 1 connection and at most 1 request at once.";
    assert_eq!((lines[161], run.status.code()), (seen, Some(0)));
}
