//! What a Python programmer would write first does not compile (`refused/`). Its twin does, and
//! counts right (`accepted/`).

use std::path::Path;
use std::process::Command;

/// Compiles a program and runs it. Returns what the compiler said, or `None` if it compiled.
fn compile_and_run(source: &str) -> Option<String> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests").join(source);
    let program = Path::new(env!("CARGO_TARGET_TMPDIR")).join(source.file_stem().unwrap());
    let mut rustc = Command::new("rustc");
    rustc.args(["--edition=2024", "-Dwarnings", "-o"]);
    let output = rustc.arg(&program).arg(&source).output().unwrap();
    if output.status.success() {
        assert!(Command::new(program).status().unwrap().success());
        return None;
    }
    Some(String::from_utf8(output.stderr).unwrap())
}

fn is_refused(name: &str, error: &str) {
    let refused = compile_and_run(&format!("refused/{name}.rs")).expect("it must not compile");
    assert!(refused.contains(&format!("error[{error}]")), "{refused}");
    assert_eq!(compile_and_run(&format!("accepted/{name}.rs")), None);
}

#[test]
fn a_variable_that_five_threads_change() {
    is_refused("variable", "E0499");
}

#[test]
fn a_variable_in_threads_that_may_outlive_it() {
    is_refused("variable_in_spawned_threads", "E0373");
}

#[test]
fn an_rc_in_five_threads() {
    is_refused("rc", "E0277");
}

#[test]
fn a_global_variable() {
    is_refused("global", "E0133");
}
