//! What this step claims, seen by its own practice site.

use std::process::Command;

#[test]
fn sites_are_read_in_order_on_one_connection_one_at_a_time() {
    let program = env!("CARGO_BIN_EXE_01_io_non_concurrent");
    let run = Command::new(program).output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    let lines: Vec<_> = stdout.lines().collect();
    for pages in lines[..160].chunks(2) {
        assert!(pages[0].starts_with("Read 10966 bytes from http://127.0.0.1:"));
        assert!(pages[1].starts_with("Read 277 bytes from http://127.0.0.1:"));
    }
    assert!(lines[160].starts_with("Downloaded 160 sites in "), "{stdout}");
    let seen = "The practice site saw 1 connection and at most 1 request at once.";
    assert_eq!(lines[161], seen);
    assert_eq!(run.status.code(), Some(0));
}
