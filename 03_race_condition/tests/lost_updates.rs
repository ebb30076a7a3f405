//! What the program prints, and what the compiler refuses.

use std::process::Command;

#[test]
fn each_way_loses_what_its_row_says() {
    let run = Command::new(env!("CARGO_BIN_EXE_03_race_condition")).output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    let rows: Vec<_> = stdout.lines().collect();
    assert_eq!(rows[0], "5 threads, 1000 increments each   counted    lost  loses");
    assert_eq!(rows[1], "load, wait for all, store            1000    4000  always");
    // What it counts is luck.
    assert!(rows[2].starts_with("load, store    ") && rows[2].ends_with("  sometimes"), "{stdout}");
    assert_eq!(rows[3], "Mutex                                5000       0  never");
    assert_eq!(rows[4], "fetch_add                            5000       0  never");
}

#[test]
fn the_compiler_refuses_four_counters() {
    let counters = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/refused/counters.rs");
    let rustc = Command::new("rustc").args(["--edition=2024", counters]).output().unwrap();
    let stderr = String::from_utf8(rustc.stderr).unwrap();
    for error in ["E0499", "E0373", "E0277", "E0133", ""] {
        let expected = if error.is_empty() { 4 } else { 1 };
        assert_eq!(stderr.matches(&format!("error[{error}")).count(), expected, "{stderr}");
    }
}
