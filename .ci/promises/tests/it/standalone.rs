//! Each step stands alone: it says everything itself, knows of no other, and builds when its folder
//! is copied out.

use crate::{STEPS, cargo, copy, files, read};
use std::collections::BTreeMap;
use std::{env, fs, process};

#[test]
fn shared_files_are_the_same() {
    let of_its_own = ["Cargo.toml", "Cargo.lock", "README.md", "src/main.rs"];
    let mut first = BTreeMap::new();
    for path in STEPS.iter().flat_map(|step| files(step)) {
        let name = path.split_once('/').unwrap().1.to_owned();
        if !of_its_own.contains(&name.as_str()) {
            let other = first.entry(name).or_insert_with(|| path.clone());
            assert!(read(&path) == read(other), "{path} and {other} differ");
        }
    }
}

#[test]
fn a_step_knows_of_no_other() {
    for step in STEPS {
        let manifest = read(&format!("{step}/Cargo.toml"));
        assert!(!manifest.contains("workspace") && !manifest.contains("path = \".."), "{step}");
        for path in files(step) {
            let text = read(&path);
            let is_crate = path.ends_with("/main.rs") || path.contains("/examples/");
            let is_crate = is_crate && text.contains("fn main() ");
            assert!(!is_crate || text.contains("#![forbid(unsafe_code)]\n"), "{path}");
            // What only people read may tell of other steps.
            let is_prose = path.ends_with("README.md") || path.ends_with("page.html");
            let knows = STEPS.iter().find(|other| **other != step && text.contains(**other));
            assert!(is_prose || knows.is_none(), "{path} knows of {knows:?}");
        }
    }
}

#[test]
#[ignore = "builds all libraries once more: minutes"]
fn a_folder_copied_out_passes_its_tests() {
    let scratch = env::temp_dir().join(format!("standalone_{}", process::id()));
    for step in STEPS {
        copy(files(step), &scratch);
        let folder = scratch.join(step);
        fs::write(folder.join("Cargo.lock"), read("Cargo.lock")).unwrap();
        // They share a target folder, so that each library is built only once.
        let test = cargo(&folder, "standalone", "test");
        let [stdout, stderr] =
            [test.stdout, test.stderr].map(|text| String::from_utf8(text).unwrap());
        let good = test.status.success() && !stderr.contains("warning");
        assert!(good, "{step}: {stderr}{stdout}");
    }
    fs::remove_dir_all(scratch).unwrap();
}
