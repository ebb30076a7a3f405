//! What this step claims, seen by its own practice site.

use std::process::Command;

#[test]
fn sites_are_read_one_after_another() {
    let run = Command::new(env!("CARGO_BIN_EXE_01_io_non_concurrent")).output().unwrap();
    let stdout = String::from_utf8_lossy(&run.stdout);
    let sizes = stdout.lines().map_while(|line| line.strip_prefix("Read ")?.split(' ').next());
    assert!(sizes.eq(["10966", "277"].repeat(80)), "{stdout}");
    assert!(stdout.contains("\nDownloaded 160 sites in "), "{stdout}");
    let seen = "\nThe practice site saw 1 connection and at most 1 request at once.\n";
    assert!(stdout.contains(seen) && run.status.success(), "{stdout}");
}
