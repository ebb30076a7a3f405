//! The snippets in the folders' `examples/` do what their headers say, and paste as they are.

use crate::site::Site;
use crate::{Run, cargo, files, program, read, root};
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, process, thread};

/// The snippets that download the URLs they are given.
const DOWNLOADS: [&str; 8] = [
    "as_completed",
    "threads_in_order",
    "thread_local",
    "async_in_order",
    "per_host",
    "progress_bar",
    "retry",
    "until_ctrl_c",
];

fn snippet(name: &str, args: &[String]) -> Run {
    Run::with(&format!("examples/{name}"), args)
}

/// A file for one test.
fn scratch(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}_{}", process::id()))
}

/// Waits until it is so. Fails when the program has ended before, or after a minute.
#[track_caller]
fn wait(program: &mut Child, is_so: impl Fn() -> bool) {
    let begin = Instant::now();
    while !is_so() {
        let has_ended = program.try_wait().unwrap().is_some();
        if has_ended || begin.elapsed().as_secs() > 60 {
            program.kill().unwrap();
            panic!("waited in vain; the program had ended: {has_ended}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn failed_downloads_are_named_with_their_causes() {
    for name in DOWNLOADS {
        let site = Site::open();
        let urls = ["/page", "/nowhere", "/euro"].map(|page| site.url(page));
        let run = snippet(name, &[&urls[..], &["no-url".into()]].concat());
        run.ends(1, 3).prints("Read 4 bytes from ").prints("Read 3 bytes from ");
        for error in [
            format!("{}: HTTP status client error (404", urls[1]),
            "no-url: builder error: relative URL".into(),
        ] {
            let named = format!("Could not read {error}");
            assert!(run.stderr.iter().any(|line| line.starts_with(&named)), "{name}: {run:#?}");
        }
        assert_eq!(run.read().len(), 2, "{name}: {run:#?}");
        snippet(name, &urls[..1]).ends(0, 0);
    }
}

#[test]
fn without_arguments_each_tells_its_usage() {
    for name in DOWNLOADS.iter().chain(&["urls_to_csv", "map_in_order"]) {
        assert!(snippet(name, &[]).ends(1, 1).stderr[0].contains("usage: cargo run "), "{name}");
    }
}

#[test]
fn results_come_in_order_and_never_stall() {
    for (name, at_once) in [("threads_in_order", 5..=5), ("async_in_order", 15..=20)] {
        let site = Site::open();
        // The first page comes only when those after it have been asked for.
        let mut urls = vec![site.url("/after-99-others")];
        urls.extend((0..60).map(|number| site.url(&format!("/page?{number}"))));
        urls.extend(vec![site.url("/hold"); 60]);
        let run = snippet(name, &urls);
        // It is longer: if the results were out of order, its size would be at another URL.
        let bytes = |url: &String| if url.ends_with("others") { 9 } else { 4 };
        let in_order = urls.iter().map(|url| format!("Read {} bytes from {url}", bytes(url)));
        assert_eq!(run.stdout, in_order.collect::<Vec<_>>(), "{name}: {:#?}", run.stderr);
        // The first takes a place for a while. On a busy machine, the last may come when others go.
        let most = site.held.lock().unwrap().values().next().unwrap().1;
        assert!(at_once.contains(&most), "{name}: {most}");
    }
}

#[test]
fn results_come_as_they_are_ready() {
    let site = Site::open();
    let mut urls = vec![site.url("/after-99-others")];
    urls.extend(vec![site.url("/page"); 99]);
    let run = snippet("as_completed", &urls);
    assert!(run.stdout[0].starts_with("Read 4 bytes from "), "{run:#?}");
    assert_eq!(run.ends(0, 0).read().len(), 100);
}

#[test]
fn urls_may_come_while_others_download() {
    let site = Site::open();
    let mut run = program("examples/bounded_channel").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = run.stdin.take().unwrap();
    for page in ["/page", "/euro", "/nowhere"] {
        write!(stdin, "{}\r\n", site.url(page)).unwrap();
        wait(&mut run, || site.asked(page) == 1);
    }
    write!(stdin, "{}", site.url("/page")).unwrap();
    drop(stdin);
    let run = Run::from(run.wait_with_output().unwrap());
    assert_eq!(run.ends(1, 2).read().len(), 3);
}

#[test]
fn each_thread_has_its_own_list() {
    let site = Site::open();
    let run = snippet("thread_local", &vec![site.url("/hold"); 20]);
    for thread in 0..5 {
        let end = format!(" in thread {thread}");
        assert!(run.stdout.iter().any(|line| line.ends_with(&end)), "{run:#?}");
    }
    assert_eq!(run.ends(0, 0).read().len(), 20);
    assert_eq!(site.held.lock().unwrap().values().next().unwrap().1, 5);
}

/// Only on Linux is all of 127.0.0.0/8 this machine, and can a limit be set from outside.
#[test]
#[cfg(target_os = "linux")]
fn each_host_is_asked_twice_at_once() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let site = Site::open_at("0.0.0.0", None);
    let port = site.url.rsplit(':').next().unwrap();
    let url = |n: usize| format!("http://127.0.{}.{}:{port}/hold", n / 200, n % 200 + 1);
    snippet("per_host", &(0..36).map(|n| url(n % 3)).collect::<Vec<_>>()).ends(0, 0);
    let held = site.held.lock().unwrap().clone();
    let most: Vec<_> = held.values().map(|(_, most)| *most).collect();
    assert_eq!(most, [2, 2, 2]);

    // Hundreds of hosts need few open files.
    let run = program("examples/per_host").args((0..600).map(url)).spawn().unwrap();
    let limit = Rlimit { current: Some(256), maximum: Some(256) };
    prlimit(Some(Pid::from_child(&run)), Resource::Nofile, limit).unwrap();
    let run = Run::from(run.wait_with_output().unwrap());
    assert_eq!(run.ends(0, 0).read().len(), 600);
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let (site, https) = (Site::open(), Site::open_https());
    let pages = ["/overloaded-twice", "/dropped-once", "/nowhere", "/circle"];
    // The certificate is for 127.0.0.1.
    let other_name = https.url("/page").replace("127.0.0.1", "localhost");
    let urls = [&pages.map(|page| site.url(page))[..], &[other_name]].concat();
    let run = snippet("retry", &urls);
    assert_eq!(run.ends(1, 4).read().len(), 2);
    assert_eq!([0, 1, 2].map(|n| site.asked(pages[n])), [3, 2, 1]);
    assert_eq!(*https.connections.lock().unwrap(), 1, "{run:#?}");
}

#[test]
fn files_are_hashed_as_by_sha256sum() {
    let names = ["abc", "empty", "missing"].map(scratch);
    fs::write(&names[0], "abc").unwrap();
    fs::write(&names[1], "").unwrap();
    let run = Run::with("examples/map_in_order", &[&names[2], &names[1], &names[0]]);
    let lines = [
        ("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855", names[1].display()),
        ("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", names[0].display()),
    ];
    assert_eq!(run.stdout, lines.map(|(hash, name)| format!("{hash}  {name}")));
    assert!(run.ends(1, 2).stderr[0].contains(names[2].to_str().unwrap()), "{run:#?}");
    // Where there is such a program.
    let tests = env::current_exe().unwrap();
    if let Ok(expected) = Command::new("sha256sum").args([&tests, &names[0]]).output() {
        let run = program("examples/map_in_order").args([&tests, &names[0]]).output().unwrap();
        assert_eq!(Run::from(run).stdout, Run::from(expected).stdout);
    }
}

#[test]
fn the_runtime_ticks_while_rayon_works() {
    let run = snippet("inside_async", &[]);
    let ticks = run.ends(0, 0).stdout.iter().filter(|line| *line == "tick");
    assert!(ticks.count() >= 2, "{run:#?}");
    run.prints("The sum is 184549300");
}

/// Sends what Ctrl-C sends. It must end the program within a moment.
#[cfg(unix)]
fn ctrl_c(mut program: Child) -> Run {
    use rustix::process::{Pid, Signal, kill_process};
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    let begin = Instant::now();
    while program.try_wait().unwrap().is_none() {
        if begin.elapsed().as_secs() > 5 {
            program.kill().unwrap();
            panic!("Ctrl-C did not end it");
        }
        thread::sleep(Duration::from_millis(5));
    }
    Run::of(program)
}

#[test]
#[cfg(unix)]
fn ctrl_c_tells_what_was_read() {
    let site = Site::open();
    let urls = ["/page", "/never", "/never"].map(|page| site.url(page));
    let mut run = program("examples/until_ctrl_c").args(urls).spawn().unwrap();
    let mut stdout = BufReader::new(run.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    let run = ctrl_c(run);
    // The two that never answer were not waited for.
    assert_eq!(run.ends(130, 1).stderr, ["Stopped after 1 of 3 sites"]);
}

/// Nobody reads what the program prints, and it has one CPU.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_what_waits_to_print() {
    let site = Site::open();
    let urls = vec![site.url("/page"); 3_000];
    let list = scratch("unread");
    fs::write(&list, urls.join("\n")).unwrap();
    for name in ["until_ctrl_c", "urls_to_csv"] {
        let mut run = program(&format!("examples/{name}"));
        run.env("TOKIO_WORKER_THREADS", "1");
        let mut run = match name {
            "until_ctrl_c" => run.args(&urls).spawn().unwrap(),
            _ => run.arg(&list).spawn().unwrap(),
        };
        // The pipe is full when no more requests come.
        let asked = || site.requests.lock().unwrap().len();
        wait(&mut run, || {
            let before = asked();
            thread::sleep(Duration::from_millis(300));
            before > 100 && asked() == before
        });
        site.requests.lock().unwrap().clear();
        let stderr = ctrl_c(run).stderr.join("\n");
        // It does not know whether the row has been written.
        assert_eq!(stderr.contains("Stopped"), name == "until_ctrl_c", "{name}: {stderr}");
    }
}

#[test]
#[cfg(unix)]
fn the_bar_is_drawn_at_once() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::Read;
    let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&terminal).unwrap();
    unlockpt(&terminal).unwrap();
    let name = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
    let stderr = fs::File::options().read(true).write(true).open(name).unwrap();
    let mut run = program("examples/progress_bar");
    let run = run.env("TERM", "xterm").arg(Site::open().url("/never")).stderr(stderr);
    let mut run = run.spawn().unwrap();
    let mut bar = Vec::new();
    let mut terminal = fs::File::from(terminal);
    // The program's own end would be shown after 10 s, with the bar's next state.
    while !bar.ends_with(b"0/1") {
        let mut byte = [0];
        terminal.read_exact(&mut byte).unwrap();
        assert_ne!(byte, *b"C", "Could not read");
        bar.extend(byte);
    }
    run.kill().unwrap();
    run.wait().unwrap();
}

fn rows(csv: &str) -> Vec<Vec<&str>> {
    csv.lines().map(|row| row.splitn(6, ',').collect()).collect()
}

#[test]
fn each_of_500_urls_has_one_row() {
    let site = Site::open();
    let url = |n: usize| match n % 100 {
        3 => "http://127.0.0.1:1/".into(),
        13 => site.url(&format!("/short?{n}")),
        23 => site.url(&format!("/silent-once?{n}")),
        33 => "no, url".into(),
        n if n % 10 == 7 => site.url(&format!("/nowhere?{n}")),
        _ => site.url(&format!("/page?{n}")),
    };
    let list = scratch("urls");
    // The second line is empty.
    let lines: Vec<_> = (3..=501).map(url).collect();
    fs::write(&list, format!("{}\r\n\r\n{}\r\n", url(1), lines.join("\r\n"))).unwrap();
    let run = snippet("urls_to_csv", &[list.display().to_string()]);
    assert_eq!(run.ends(1, 1).stderr, ["Error: 65 of 500 URLs could not be read"]);
    let csv = run.stdout.join("\n");
    let mut rows = rows(&csv);
    assert_eq!(rows.remove(0).join(","), "number,url,status,bytes,seconds,error");
    rows.sort_by_key(|row| row[0].parse::<usize>().unwrap());
    let numbers: Vec<_> = rows.iter().map(|row| row[0].parse::<usize>().unwrap()).collect();
    assert_eq!(numbers, [vec![1], (3..=501).collect()].concat());
    for (row, n) in rows.iter().zip(numbers) {
        let (is, error) = (n % 100, row.last().unwrap());
        if is == 33 {
            assert!(row.join(",").starts_with(&format!("{n},\"no, url\",,,0.")), "{row:?}");
            continue;
        }
        assert_eq!(row[1], url(n));
        let seconds: f64 = row[4].parse().unwrap();
        match is {
            3 => assert!(row[2..4] == ["", ""] && error.contains("onnect"), "{row:?}"),
            13 => assert!(row[2..4] == ["", ""] && error.contains("end of file"), "{row:?}"),
            // It was given up once, after 10 s.
            23 => assert!(row[2..4] == ["200", "4"] && seconds > 10.0, "{row:?}"),
            n if n % 10 == 7 => assert!(row[2..4] == ["404", ""] && seconds < 5.0, "{row:?}"),
            _ => assert!(row[2..4] == ["200", "4"] && error.is_empty(), "{row:?}"),
        }
    }
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_whole_rows() {
    let site = Site::open();
    let (list, table) = (scratch("many_urls"), scratch("table"));
    fs::write(&list, vec![site.url("/page"); 20_000].join("\n")).unwrap();
    let mut run = program("examples/urls_to_csv");
    run.arg(&list).stdout(fs::File::create(&table).unwrap());
    let mut run = run.spawn().unwrap();
    let csv = || fs::read_to_string(&table).unwrap();
    wait(&mut run, || csv().lines().count() > 200);
    let run = ctrl_c(run);
    let csv = csv();
    assert!(csv.ends_with(",\n") && rows(&csv).iter().all(|row| row.len() == 6));
    let missing = 20_001 - csv.lines().count();
    let told = format!("Stopped: {missing} of 20000 URLs have no row");
    assert_eq!(run.ends(130, 1).stderr, [told]);
}

#[test]
fn head_ends_it_silently() {
    let site = Site::open();
    let list = scratch("for_head");
    fs::write(&list, vec![site.url("/page"); 1_000].join("\n")).unwrap();
    let mut run = program("examples/urls_to_csv").arg(&list).spawn().unwrap();
    let mut stdout = BufReader::new(run.stdout.take().unwrap());
    stdout.read_line(&mut String::new()).unwrap();
    drop(stdout);
    Run::from(run.wait_with_output().unwrap()).ends(141, 0);
}

#[test]
fn a_missing_list_is_named() {
    let run = snippet("urls_to_csv", &["nowhere.txt".into()]);
    assert!(run.ends(1, 4).stderr[0].contains("could not read nowhere.txt"), "{run:#?}");
}

#[test]
#[ignore = "builds the libraries of a project of the reader's own: minutes"]
fn every_snippet_pastes_as_it_is() {
    let projects = env::temp_dir().join(format!("snippets_{}", process::id()));
    fs::create_dir_all(&projects).unwrap();
    for folder in ["02_io_threading", "04_io_asyncio", "06_cpu_bound"] {
        let readme = read(&format!("{folder}/README.md"));
        for path in files(folder).iter().filter(|path| path.contains("/examples/")) {
            let name = Path::new(&path).file_stem().unwrap().to_str().unwrap();
            let project = projects.join(name);
            let run = |folder: &Path, args: &str| {
                let output = cargo(folder, "snippets", args);
                let stderr = String::from_utf8(output.stderr).unwrap();
                let good = output.status.success() && !stderr.contains("warning");
                assert!(good, "{path}: cargo {args}: {stderr}");
            };
            run(&projects, &format!("new {name}"));
            fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
            // Its own line, the first one after its link.
            let (_, about) = readme.split_once(&format!("(examples/{name}.rs)")).unwrap();
            let (_, add) = about.split_once("  cargo ").unwrap();
            run(&project, &format!("{} --offline", add.lines().next().unwrap()));
            let snippet = read(path);
            fs::write(project.join("src/main.rs"), &snippet).unwrap();
            run(&project, "clippy --offline -- -W clippy::pedantic");
            if snippet.contains("spawn an `async fn` that contains all of it") {
                let main = "#[tokio::main]\nasync fn main()";
                let spawned = "#[tokio::main]\nasync fn main() {\n    \
                    tokio::spawn(all()).await.unwrap().unwrap();\n}\n\nasync fn all()";
                assert!(snippet.contains(main), "{path}");
                fs::write(project.join("src/main.rs"), snippet.replace(main, spawned)).unwrap();
                run(&project, "check --offline");
            }
        }
    }
    fs::remove_dir_all(projects).unwrap();
}
