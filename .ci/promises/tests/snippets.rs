//! The snippets in the folders' `examples/` do what their headers say, and paste as they are.

use promises::{Run, Site, cargo, program, root, serve};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;
use std::{env, fs, process};

/// The snippets that download.
const DOWNLOADS: [&str; 7] = [
    "threads_in_order",
    "client_per_thread",
    "async_in_order",
    "per_host",
    "retry",
    "until_ctrl_c",
    "progress_bar",
];

fn snippet(name: &str, urls: &[String]) -> Run {
    Run::with(&format!("examples/{name}"), urls)
}

/// The lines that tell of a site that was read.
fn read(run: &Run) -> Vec<&String> {
    run.stdout.iter().filter(|line| line.starts_with("Read ")).collect()
}

#[test]
fn a_site_that_cannot_be_read_is_named_with_its_causes_and_the_others_are_read() {
    for name in DOWNLOADS {
        let site = Site::open();
        let urls = ["/page", "/nowhere", "/euro"].map(|page| site.url(page));
        let run = snippet(name, &[&urls[..], &["no-url".into()]].concat());
        let read = read(&run);
        assert!(read.iter().any(|line| line.starts_with("Read 4 bytes")), "{name}: {run:#?}");
        assert!(read.iter().any(|line| line.starts_with("Read 3 bytes")), "{name}: {run:#?}");
        for error in [
            format!("{}: HTTP status client error (404", urls[1]),
            "no-url: builder error: relative URL".into(),
        ] {
            let named = format!("Could not read {error}");
            assert!(run.stderr.iter().any(|line| line.starts_with(&named)), "{name}: {run:#?}");
        }
        assert_eq!((read.len(), run.status), (2, Some(1)), "{name}: {run:#?}");
        assert_eq!(snippet(name, &urls[..1]).status, Some(0), "{name}");
    }
}

#[test]
fn results_come_in_the_order_of_the_list_behind_a_slow_first_download() {
    for (name, at_once) in [("threads_in_order", 5..=5), ("async_in_order", 15..=20)] {
        let site = Site::open();
        let mut urls = vec![site.url("/slow")];
        urls.extend((0..40).map(|number| site.url(&format!("/page?{number}"))));
        urls.extend(vec![site.url("/hold"); 60]);
        let run = snippet(name, &urls);
        // The slow page is longer: if the results were out of order, its size would be at another URL.
        let bytes = |url: &String| if url.ends_with("/slow") { 9 } else { 4 };
        let in_order = urls.iter().map(|url| format!("Read {} bytes from {url}", bytes(url)));
        assert_eq!(run.stdout, in_order.collect::<Vec<_>>(), "{name}");
        // On a busy machine, the last few of twenty may come when the first are gone.
        let most = site.log.held.lock().unwrap().values().next().unwrap().1;
        assert!(at_once.contains(&most), "{name}: {most}");
    }
}

#[test]
fn five_threads_each_count_their_own_downloads() {
    let site = Site::open();
    let run = snippet("client_per_thread", &vec![site.url("/hold"); 20]);
    let counts = run.stdout.last().unwrap().trim_matches(|end: char| !end.is_numeric());
    let counts = counts.split(", ").map(|count| count.parse::<usize>().unwrap());
    let counts: Vec<_> = counts.collect();
    assert_eq!((counts.len(), counts.iter().sum()), (5, 20));
    assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    assert_eq!(site.log.held.lock().unwrap().values().next().unwrap().1, 5);
}

/// Only on Linux is all of 127.0.0.0/8 this machine.
#[test]
#[cfg(target_os = "linux")]
fn no_host_is_asked_for_more_than_two_at_once_and_600_hosts_need_few_open_files() {
    let site = Site::open_at("0.0.0.0", |stream, log| serve(&mut &stream, log).ok());
    let port = site.url.rsplit(':').next().unwrap();
    let url = |n: usize| format!("http://127.0.{}.{}:{port}/hold", n / 200, n % 200 + 1);
    let urls: Vec<_> = (0..36).map(|n| url(n % 3)).collect();
    assert_eq!(snippet("per_host", &urls).status, Some(0));
    let held = site.log.held.lock().unwrap().clone();
    let most: Vec<_> = held.values().map(|(_, most)| *most).collect();
    assert_eq!(most, [2, 2, 2]);
    let mut limited = Command::new("sh");
    let limited = limited.args(["-c", "ulimit -n 256; exec \"$0\" \"$@\""]);
    let limited = limited.arg(program("examples/per_host").get_program());
    let run = Run::of(limited.args((0..600).map(url)));
    assert_eq!((read(&run).len(), run.status), (600, Some(0)), "{:#?}", run.stderr);
}

#[test]
fn what_may_help_is_tried_again_and_what_can_not_is_not() {
    let site = Site::open();
    let urls =
        ["/overloaded-twice", "/dropped-once", "/nowhere", "/circle"].map(|page| site.url(page));
    let run = snippet("retry", &urls);
    assert_eq!((read(&run).len(), run.stderr.len()), (2, 3), "{run:#?}");
    let requests =
        ["/overloaded-twice", "/dropped-once", "/nowhere"].map(|page| site.requests(page));
    assert_eq!(requests, [3, 2, 1]);
}

/// `kill` can't send Ctrl-C on Windows.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_it_at_once_and_tells_what_was_read() {
    let site = Site::open();
    let urls = ["/page", "/never", "/never"].map(|page| site.url(page));
    let mut run = program("examples/until_ctrl_c").args(urls).spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("Read 4 bytes from "));
    let mut kill = Command::new("kill");
    assert!(kill.args(["-s", "INT", &run.id().to_string()]).status().unwrap().success());
    let run = run.wait_with_output().unwrap();
    // The two that never answer were not waited for.
    assert_eq!(run.stderr, b"Stopped after 1 of 3 sites\n");
    assert_eq!(run.status.code(), Some(130));
}

#[test]
fn a_function_is_mapped_over_a_list_in_order_or_to_its_error() {
    let run = Run::with("examples/map_in_order", &["91", "6", "1000003"]);
    let factors = [(91, 7), (6, 2), (1_000_003, 1_000_003)];
    let lines = factors.map(|(n, factor)| format!("The smallest factor of {n} is {factor}"));
    assert_eq!((run.stdout, run.status), (lines.to_vec(), Some(0)));
    let run = Run::with("examples/map_in_order", &["91", "x"]);
    assert_eq!((run.stdout.len(), run.stderr[0].as_str()), (0, "Error: not a number: x"));
    assert_eq!(run.status, Some(1));
}

#[test]
fn the_runtime_stays_awake_while_rayon_works_and_stalls_where_the_work_is_called_directly() {
    let ticks = |args: &[&str]| {
        let run = Run::with("examples/inside_async", args);
        let words: Vec<_> = run.stdout[0].split(' ').collect();
        assert_eq!((words[0], words[6]), ("39088169", "ticks"), "{run:#?}");
        words[5].parse::<usize>().unwrap()
    };
    assert!(ticks(&[]) > 1);
    assert!(ticks(&["directly"]) <= 1);
}

#[test]
#[ignore = "builds the libraries of a project of the reader's own: minutes"]
fn every_snippet_pastes_as_it_is() {
    let projects = env::temp_dir().join(format!("snippets_{}", process::id()));
    // They share a target folder, so that each library is built only once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snippets");
    let mut pasted = 0;
    for folder in ["02_io_threading", "04_io_asyncio", "06_cpu_bound"] {
        for entry in fs::read_dir(root().join(folder).join("examples")).unwrap() {
            let path = entry.unwrap().path();
            let project = projects.join(path.file_stem().unwrap());
            let run = |folder: &Path, args: &str| {
                let output = cargo(folder, &target).args(args.split(' ')).output().unwrap();
                let stderr = String::from_utf8(output.stderr).unwrap();
                let good = output.status.success() && !stderr.contains("warning");
                assert!(good, "{}: cargo {args}: {stderr}", path.display());
            };
            fs::create_dir_all(&projects).unwrap();
            run(&projects, &format!("new {}", project.display()));
            fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
            let snippet = fs::read_to_string(&path).unwrap();
            for line in snippet.lines().filter_map(|line| line.strip_prefix("//! cargo add ")) {
                run(&project, &format!("add --offline {line}"));
            }
            fs::write(project.join("src/main.rs"), snippet).unwrap();
            run(&project, "check --offline");
            pasted += 1;
        }
    }
    assert_eq!(pasted, DOWNLOADS.len() + 2);
    fs::remove_dir_all(projects).unwrap();
}
