//! The READMEs show what happens: their commands and experiments print it, and their links lead
//! somewhere.

use crate::{STEPS, cargo, copy, files, read, root};
use regex::Regex;
use similar::TextDiff;
use std::path::Path;
use std::{fs, iter, thread};

/// The READMEs' folders, from the root.
fn folders() -> impl Iterator<Item = &'static str> {
    iter::once(".").chain(STEPS)
}

fn readme(folder: &str) -> String {
    read(&format!("{folder}/README.md"))
}

/// Asserts that each line of a block is printed. `…` stands for other lines, or for the rest of one.
/// Ports, processes, the rows of the drawings and what is left to luck differ from run to run. A time
/// may be longer on a busy machine, but not far shorter.
fn assert_shown(block: &str, printed: &str) {
    // With eighty in flight there may be a few connections more.
    let varies = r"(127.0.0.1:|process )\d+|(connection \d+|answered so far) .*|^[ =|\[\]]+$|\d+ +\d+  sometimes|\d+\.\d+| +|saw (8|9|10|11)\d connections|\.\.\. \d+ more";
    let varies = Regex::new(varies).unwrap();
    let mask = |line: &str| varies.replace_all(line, "#").into_owned();
    let times = Regex::new(r"(\d+\.\d\d) seconds").unwrap();
    let seconds = |line| times.captures(line).map_or(0.0, |it| it[1].parse::<f64>().unwrap());
    for line in block.lines().filter(|line| *line != "…") {
        let shown = mask(line);
        let same = |other: &&str| match shown.strip_suffix('…') {
            Some(start) => mask(other).starts_with(start),
            None => mask(other) == shown,
        };
        let found = printed.lines().find(same);
        let found = found.unwrap_or_else(|| panic!("not printed: {line}\n{printed}"));
        assert!(seconds(found) > seconds(line) / 2.0 - 0.5, "shown: {line}\nprinted: {found}");
    }
}

#[test]
#[ignore = "builds the workspace once more, and changed programs: minutes"]
fn commands_print_what_the_readmes_show() {
    // In a copy with a target folder of its own: no other test runs a changed program.
    let project = Path::new(env!("CARGO_TARGET_TMPDIR")).join("readmes");
    fs::remove_dir_all(&project).ok();
    let all = STEPS.into_iter().chain([".ci/promises"]).flat_map(files);
    copy(all.chain(["Cargo.toml", "Cargo.lock"].map(String::from)), &project);
    let run = |command: &str| {
        let output = cargo(&project, "changed", command.strip_prefix("cargo ").unwrap());
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    };
    let two_cpus = thread::available_parallelism().is_ok_and(|cpus| cpus.get() == 2);
    let block = Regex::new(r"(?ms)^```(\w+)\n(.*?)^```$").unwrap();
    // The README of 05 says that it shows a run on 2 CPUs.
    for folder in folders().filter(|folder| two_cpus || !folder.starts_with("05")) {
        let (readme, main) = (readme(folder), project.join(folder).join("src/main.rs"));
        let blocks: Vec<_> = block.captures_iter(&readme).map(|block| block.extract().1).collect();
        let mut command = "";
        for pair in blocks.windows(2) {
            match pair {
                [["sh", shown], ["text", output]] if shown.starts_with("cargo run") => {
                    command = shown;
                    assert_shown(output, &run(command));
                }
                // How a step differs from the one before stands in a test below.
                [["diff", change], ["text", output]] if !change.starts_with("--- ") => {
                    let side = |sign| -> String {
                        let lines = change.split_inclusive('\n');
                        let lines = lines.filter(|line| line.starts_with([' ', sign]));
                        lines.map(|line| &line[1..]).collect()
                    };
                    let lesson = fs::read_to_string(&main).unwrap();
                    assert_eq!(lesson.matches(&side('-')).count(), 1, "{folder}: {change}");
                    fs::write(&main, lesson.replace(&side('-'), &side('+'))).unwrap();
                    assert_shown(output, &run(command));
                    fs::write(&main, lesson).unwrap();
                }
                _ => (),
            }
        }
    }
}

/// The code of a lesson, without comments.
fn code(step: &str) -> String {
    let lesson = read(&format!("{step}/src/main.rs"));
    let code = lesson.split_inclusive('\n').filter(|line| !line.trim_start().starts_with("//"));
    code.collect::<String>().replace("\n\n\n", "\n\n").trim_start().to_owned()
}

#[test]
fn the_map_counts_the_lines_of_code() {
    let map = readme(".");
    for step in STEPS {
        let lines = code(step).lines().filter(|line| !line.trim().is_empty()).count();
        let (_, row) = map.split_once(&format!("({step}/README.md) |")).unwrap();
        let mut cells = row.lines().next().unwrap().split(' ');
        assert!(cells.any(|cell| cell == lines.to_string()), "{step}: {lines}");
    }
}

#[test]
fn the_shown_diffs_are_the_files() {
    let numbers = Regex::new("(?m)^@@.*").unwrap();
    for (old, new) in [(STEPS[0], STEPS[1]), (STEPS[0], STEPS[3]), (STEPS[1], STEPS[4])] {
        let diff = TextDiff::from_lines(&code(old), &code(new))
            .unified_diff()
            .context_radius(1)
            .header(&format!("{old}/src/main.rs"), &format!("{new}/src/main.rs"))
            .to_string();
        let diff = numbers.replace_all(&diff, "@@").replace("\n \n", "\n\n");
        assert!(readme(new).contains(&format!("```diff\n{diff}```\n")), "{new}:\n{diff}");
    }
}

/// In the READMEs, the headers, the usages and the practice site's page.
#[test]
fn every_command_can_be_typed() {
    let all: Vec<_> = STEPS.into_iter().flat_map(files).chain(["README.md".into()]).collect();
    let examples =
        all.iter().filter_map(|path| path.split_once("/examples/")?.1.split(['.', '/']).next());
    let examples = examples.collect::<Vec<_>>().join("|");
    let program = format!(
        r"\[?--(bin ({})|example ({examples}))\]?( \d+| \[PORT\])?( -- .*)?",
        STEPS.join("|")
    );
    let rest = "fetch|test|new my_project|add .*|build( --examples| --release)?";
    let valid = Regex::new(&format!("^cargo (run( -q| --release)*( {program})?|{rest})$")).unwrap();
    let command = Regex::new("cargo [a-z][^`<\"\n]*").unwrap();
    let told = |path: &&String| {
        [".md", ".html", "main.rs"].iter().any(|end| path.ends_with(end))
            || path.contains("/examples/")
    };
    for path in all.iter().filter(told) {
        for command in command.find_iter(&read(path)) {
            assert!(valid.is_match(command.as_str().trim()), "{path}: {}", command.as_str());
        }
    }
}

#[test]
fn every_link_leads_somewhere() {
    let link = Regex::new(r"\]\(([^)#]*)#?([^)]*)\)").unwrap();
    // GitHub's anchor of a heading.
    let no_letter = Regex::new(r"[^\w -]").unwrap();
    let anchor =
        |line: &str| no_letter.replace_all(line, "").trim().to_lowercase().replace(' ', "-");
    for folder in folders() {
        for link in link.captures_iter(&readme(folder)) {
            let (path, heading) = (&link[1], &link[2]);
            let file = root().join(folder).join(if path.is_empty() { "README.md" } else { path });
            assert!(path.starts_with("https:") || file.exists(), "{folder}: {path}");
            let is_there =
                || fs::read_to_string(&file).unwrap().lines().any(|line| anchor(line) == heading);
            assert!(heading.is_empty() || is_there(), "{folder}: {path}#{heading}");
        }
    }
}

#[test]
fn every_row_has_the_cells_of_its_table() {
    for folder in folders() {
        let readme = readme(folder).replace("\\|", "");
        let cells = |line: &str| line.matches('|').count();
        for (line, next) in readme.lines().zip(readme.lines().skip(1)) {
            let is_table = line.starts_with('|') && next.starts_with('|');
            assert!(!is_table || cells(line) == cells(next), "{folder}: {next}");
        }
    }
}
