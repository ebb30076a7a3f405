//! Each step stands alone: it says everything itself, knows of no other, and builds when its folder
//! is copied out.

use promises::{STEPS, cargo, files, root};
use std::path::Path;
use std::{env, fs, process};

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap()
}

#[test]
fn a_file_that_several_steps_have_is_the_same_in_all_of_them() {
    for path in STEPS.iter().flat_map(|step| files(step)) {
        let (_, name) = path.split_once('/').unwrap();
        if ["Cargo.toml", "Cargo.lock", "README.md", "src/main.rs"].contains(&name) {
            continue;
        }
        for step in STEPS {
            let copy = format!("{step}/{name}");
            if root().join(&copy).exists() {
                assert!(read(&path) == read(&copy), "{path} and {copy} differ");
            }
        }
    }
}

#[test]
fn every_step_says_everything_itself_and_knows_of_no_other() {
    for step in STEPS {
        let manifest = read(&format!("{step}/Cargo.toml"));
        let package = format!("name = \"{}\"", &step[3..]);
        let binary = format!("name = \"{step}\"");
        let forbid = "unsafe_code = \"forbid\"";
        for line in [&package, &binary, "edition = \"2024\"", "rust-version = \"1.85\"", forbid] {
            assert!(manifest.lines().any(|other| other == line), "{step}/Cargo.toml: {line}");
        }
        for outside in ["workspace", "path = \".."] {
            assert!(!manifest.contains(outside), "{step}/Cargo.toml: {outside}");
        }
        let main = read(&format!("{step}/src/main.rs"));
        assert!(main.contains("\n#![forbid(unsafe_code)]\n"), "{step}/src/main.rs");
        for path in files(step).iter().filter(|path| !path.ends_with("README.md")) {
            for other in STEPS.iter().filter(|other| **other != step) {
                assert!(!read(path).contains(other), "{path} knows of {other}");
            }
        }
    }
}

#[test]
#[ignore = "builds all libraries once more: minutes"]
fn a_folder_that_is_copied_out_builds_without_a_warning_and_its_tests_pass() {
    let scratch = env::temp_dir().join(format!("standalone_{}", process::id()));
    // They share a target folder, so that each library is built only once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("standalone");
    for step in STEPS {
        for path in files(step) {
            let copy = scratch.join(&path);
            fs::create_dir_all(copy.parent().unwrap()).unwrap();
            fs::copy(root().join(path), copy).unwrap();
        }
        let folder = scratch.join(step);
        fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock")).unwrap();
        let output = cargo(&folder, &target).args(["test", "--offline"]).output();
        let output = output.unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(!stderr.contains("warning"), "{step}: {stderr}");
        assert!(output.status.success(), "{step}: {stderr}{stdout}");
    }
    fs::remove_dir_all(scratch).unwrap();
}
