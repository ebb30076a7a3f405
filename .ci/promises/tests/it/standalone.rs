//! Each step stands alone: it says everything itself, knows of no other, and builds when its folder
//! is copied out.

use crate::{STEPS, cargo, files, read, root};
use std::path::Path;
use std::{env, fs, process};

#[test]
fn shared_files_are_the_same() {
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

/// What only people read may tell of other steps.
fn is_prose(path: &str) -> bool {
    path.ends_with("README.md") || path.ends_with("page.html")
}

#[test]
fn a_step_knows_of_no_other() {
    for step in STEPS {
        let manifest = read(&format!("{step}/Cargo.toml"));
        let names = [&step[3..], step].map(|name| format!("\nname = \"{name}\"\n"));
        let lines = [&names[0], &names[1], "\nedition = \"2024\"\n", "\nrust-version = \"1.85\"\n"];
        assert!(lines.iter().all(|line| manifest.contains(line)), "{step}/Cargo.toml");
        assert!(!manifest.contains("workspace") && !manifest.contains("path = \".."), "{step}");
        for path in files(step).iter().filter(|path| !is_prose(path)) {
            let text = read(path);
            let knows = STEPS.iter().find(|other| **other != step && text.contains(**other));
            assert_eq!(knows, None, "{path}");
        }
    }
}

#[test]
fn unsafe_code_is_forbidden_everywhere() {
    let folders = [&STEPS[..], &[".ci/promises"]].concat();
    for path in folders.into_iter().flat_map(files) {
        if path.ends_with("/main.rs") || path.contains("/examples/") && path.ends_with("rs") {
            assert!(read(&path).contains("#![forbid(unsafe_code)]\n"), "{path}");
        }
    }
}

#[test]
#[ignore = "builds all libraries once more: minutes"]
fn a_folder_copied_out_passes_its_tests() {
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
