//! What the program prints, and what the compiler refuses.

use std::process::Command;

#[test]
fn lost_updates_are_the_same_every_time() {
    let run = Command::new(env!("CARGO_BIN_EXE_03_race_condition")).output().unwrap();
    let stdout = String::from_utf8(run.stdout).unwrap();
    let rows: Vec<_> = stdout.lines().collect();
    assert_eq!(rows[0], "5 threads, 1000 increments each   counted    lost  loses");
    assert_eq!(rows[1], "load, wait for all, store            1000    4000  always");
    assert_eq!(rows[3], "Mutex                                5000       0  never");
    assert_eq!(rows[4], "fetch_add                            5000       0  never");
    // This row is luck. Even 2 is possible: the last store may come from an old load of 1.
    let columns: Vec<_> = rows[2].split_whitespace().collect();
    let ["load,", "store", counted, lost, "sometimes"] = columns[..] else { panic!("{stdout}") };
    let [counted, lost] = [counted, lost].map(|column| column.parse::<usize>().unwrap());
    assert!((2..=5000).contains(&counted) && counted + lost == 5000, "{stdout}");
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
