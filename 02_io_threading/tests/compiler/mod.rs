//! Asks the compiler: `tests/refused/` has programs that it must not take, `tests/accepted/` a twin
//! of each that it must, so that a program that is refused can be told from one that is broken.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The program is refused with these error codes and no other, whatever the words. Its twin is
/// accepted.
pub fn refuses(name: &str, codes: &[&str]) {
    let (refused, _) = compile("refused", name);
    let messages = String::from_utf8(refused.stderr).unwrap();
    // A quote within a message is escaped in JSON, so this is nothing but the field itself.
    let found = messages.split(r#""code":{"code":""#).skip(1);
    let found: BTreeSet<_> = found.filter_map(|rest| rest.split('"').next()).collect();
    assert_eq!(found, codes.iter().copied().collect(), "{messages}");
    assert!(!refused.status.success(), "{messages}");
    accepts(name);
}

/// The program in `tests/accepted/` compiles without a warning, and what it asserts is so.
pub fn accepts(name: &str) {
    let (accepted, program) = compile("accepted", name);
    let messages = String::from_utf8(accepted.stderr).unwrap();
    assert!(accepted.status.success(), "{messages}");
    assert!(Command::new(program).status().unwrap().success());
}

/// Compiles `tests/<folder>/<name>.rs`, where any warning is an error.
fn compile(folder: &str, name: &str) -> (Output, PathBuf) {
    let source = format!("{}/tests/{folder}/{name}.rs", env!("CARGO_MANIFEST_DIR"));
    let program = format!("{folder}_{name}{}", env::consts::EXE_SUFFIX);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(program);
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let output = Command::new(rustc)
        .args(["--edition=2024", "--error-format=json", "-Dwarnings", "-o"])
        .args([program.as_os_str(), source.as_ref()])
        .output()
        .unwrap();
    (output, program)
}
