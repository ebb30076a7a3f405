//! The snippets in the folders' `examples/` do what their headers say, and paste as they are.

use crate::site::Site;
use crate::{Run, cargo, files, program, read, root};
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{collections::BTreeSet, env, fs, path::Path, process, thread};

/// Those that download the URLs they are given.
const DOWNLOADS: &str = "as_completed threads_in_order thread_local async_in_order per_host \
    progress_bar retry until_ctrl_c";

/// A file for one test.
fn file(name: &str, text: &str) -> String {
    let path = format!("{}/{name}_{}", env!("CARGO_TARGET_TMPDIR"), process::id());
    fs::write(&path, text).unwrap();
    path
}

/// Waits until it is so. Fails when the program has ended before, or after half a minute.
#[track_caller]
fn wait(program: &mut Child, is_so: impl Fn(bool) -> bool) {
    let begin = Instant::now();
    loop {
        let has_ended = program.try_wait().unwrap().is_some();
        if is_so(has_ended) {
            return;
        }
        if has_ended || begin.elapsed().as_secs() > 30 {
            program.kill().unwrap();
            panic!("waited in vain; the program had ended: {has_ended}");
        }
        thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn each_url_is_read_or_named() {
    for name in DOWNLOADS.split(' ') {
        let (name, site) = (format!("examples/{name}"), Site::open());
        let (page, nowhere) = (site.url("/page"), site.url("/nowhere"));
        let run = Run::with(&name, &[&page, &nowhere, "no-url"]);
        run.ends(1, 3).prints(&format!("Read 4 bytes from {page}"));
        // An error is named with its causes.
        let causes = ["no-url: builder error: relative URL", &format!("{nowhere}: HTTP status")];
        let named = causes.map(|error| run.stderr.join("\n").contains(error));
        assert_eq!(named, [true, true], "{name}: {run:#?}");
        Run::with(&name, &[page]).ends(0, 0);
    }
}

#[test]
fn wrong_arguments_are_explained() {
    for name in DOWNLOADS.split(' ').chain(["urls_to_csv", "map_in_order"]) {
        let run = Run::with(&format!("examples/{name}"), &[""; 0]);
        assert!(run.ends(1, 1).stderr[0].contains("usage: cargo run "), "{name}");
    }
    let run = Run::with("examples/urls_to_csv", &["nowhere.txt"]);
    assert!(run.ends(1, 4).stderr[0].contains("could not read nowhere.txt"), "{run:#?}");
}

#[test]
fn results_are_in_order_without_a_stall() {
    for (name, at_once) in [("threads_in_order", 5..=5), ("async_in_order", 15..=20)] {
        let site = Site::open();
        // The first page comes only when those after it have been asked for, and is longer.
        let mut urls = vec![site.url("/after-99-others")];
        urls.extend((0..120).map(|number| site.url(&format!("/hold?{number}"))));
        let run = Run::with(&format!("examples/{name}"), &urls);
        let bytes = |url: &String| if url.ends_with("others") { 9 } else { 4 };
        let in_order = urls.iter().map(|url| format!("Read {} bytes from {url}", bytes(url)));
        assert_eq!(run.stdout, in_order.collect::<Vec<_>>(), "{name}: {:#?}", run.stderr);
        // On a busy machine, the last may come when others have gone.
        assert!(at_once.contains(&site.most_held()), "{name}: {}", site.most_held());
    }
}

#[test]
fn results_come_as_they_are_ready() {
    let site = Site::open();
    let urls = [vec![site.url("/after-99-others")], vec![site.url("/page"); 99]].concat();
    let run = Run::with("examples/as_completed", &urls);
    assert!(run.ends(0, 0).stdout[0].starts_with("Read 4 bytes from "), "{run:#?}");
}

#[test]
fn urls_may_come_while_others_download() {
    let site = Site::open();
    let mut run = program("examples/bounded_channel").stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = run.stdin.take().unwrap();
    for page in ["/page", "/nowhere", "/euro"] {
        writeln!(stdin, "{}", site.url(page)).unwrap();
        wait(&mut run, |_| site.asked(page) == 1);
    }
    drop(stdin);
    let run = Run::from(run.wait_with_output().unwrap());
    assert_eq!(run.ends(1, 2).read().len(), 2);
}

#[test]
fn each_thread_has_its_own_list() {
    let site = Site::open();
    let run = Run::with("examples/thread_local", &vec![site.url("/hold"); 20]);
    let threads: BTreeSet<_> = run.read().iter().filter_map(|line| line.chars().last()).collect();
    assert_eq!((run.ends(0, 0).stdout.len(), threads.len(), site.most_held()), (20, 5, 5));
}

/// Only on Linux is all of 127.0.0.0/8 this machine, and can a limit be set from outside.
#[test]
#[cfg(target_os = "linux")]
fn each_host_is_asked_twice_at_once() {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let site = Site::open_at("0.0.0.0", None);
    let port = site.url.rsplit(':').next().unwrap();
    // Twelve for each of three hosts, and one for each of hundreds: they need few open files.
    let hosts = (0..36).map(|n| n % 3).chain(3..600);
    let urls = hosts.map(|n| format!("http://127.0.{}.{}:{port}/hold", n / 200, n % 200 + 1));
    let run = program("examples/per_host").args(urls).spawn().unwrap();
    let limit = Rlimit { current: Some(256), maximum: Some(256) };
    prlimit(Some(Pid::from_child(&run)), Resource::Nofile, limit).unwrap();
    let run = Run::from(run.wait_with_output().unwrap());
    assert_eq!((run.ends(0, 0).stdout.len(), site.most_held()), (633, 2));
}

#[test]
fn only_what_may_pass_is_tried_again() {
    let (site, https) = (Site::open(), Site::open_https());
    let pages = ["/overloaded-twice", "/dropped-once", "/nowhere", "/circle"];
    // The certificate is for 127.0.0.1.
    let other_name = https.url("/page").replace("127.0.0.1", "localhost");
    let urls = [&pages.map(|page| site.url(page))[..], &[other_name]].concat();
    assert_eq!(Run::with("examples/retry", &urls).ends(1, 4).read().len(), 2);
    let asked = pages.map(|page| site.asked(page));
    // One try of /circle is about ten requests.
    assert!(asked[..3] == [3, 2, 1] && asked[3] < 20, "{asked:?}");
    assert_eq!(*https.connections.lock().unwrap(), 1);
}

#[test]
fn files_are_hashed_as_by_sha256sum() {
    let (empty, abc) = (file("empty", ""), file("abc", "abc"));
    let run = Run::with("examples/map_in_order", &["missing.txt", &empty, &abc]);
    let lines = [
        format!("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  {empty}"),
        format!("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  {abc}"),
    ];
    assert_eq!(run.stdout, lines);
    assert!(run.ends(1, 2).stderr[0].contains("missing.txt"), "{run:#?}");
    // Where there is such a program.
    if let Ok(expected) = Command::new("sha256sum").args([empty, abc]).output() {
        assert_eq!(run.stdout, Run::from(expected).stdout);
    }
}

#[test]
fn the_runtime_ticks_while_rayon_works() {
    let run = Run::with("examples/inside_async", &[""; 0]);
    let ticks = run.ends(0, 0).stdout.iter().filter(|line| *line == "tick").count();
    assert!(ticks >= 2 && run.stdout.ends_with(&["The sum is 184549300".into()]), "{run:#?}");
}

/// Sends what Ctrl-C sends, which must end the program.
#[cfg(unix)]
fn ctrl_c(mut program: Child) -> Run {
    use rustix::process::{Pid, Signal, kill_process};
    kill_process(Pid::from_child(&program), Signal::INT).unwrap();
    wait(&mut program, |has_ended| has_ended);
    program.wait_with_output().unwrap().into()
}

/// Nobody reads what the program prints, and it has one CPU. Two pages never come.
#[test]
#[cfg(unix)]
fn ctrl_c_ends_what_waits_to_print() {
    for name in ["until_ctrl_c", "urls_to_csv"] {
        let site = Site::open();
        let urls = [vec![site.url("/never"); 2], vec![site.url("/page"); 3_000]].concat();
        let list = file("unread", &urls.join("\n"));
        let mut run = program(&format!("examples/{name}"));
        run.args(if name == "until_ctrl_c" { urls } else { vec![list] });
        let mut run = run.env("TOKIO_WORKER_THREADS", "1").spawn().unwrap();
        // The pipe is full when no more requests come.
        let asked = || site.requests.lock().unwrap().len();
        wait(&mut run, |_| {
            let before = asked();
            thread::sleep(Duration::from_millis(300));
            before > 100 && asked() == before
        });
        let run = ctrl_c(run);
        // One has been read and waits to be printed. Of rows, nothing is told.
        let told = format!("Stopped after {} of 3002 sites", run.stdout.len() + 1);
        let told = if name == "until_ctrl_c" { vec![told] } else { vec![] };
        assert_eq!(run.ends(130, told.len()).stderr, told);
    }
}

#[test]
#[cfg(unix)]
fn the_bar_is_drawn_at_once() {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let url = Site::open().url("/never");
    for (name, arg) in [("progress_bar", &url), ("urls_to_csv", &file("never", &url))] {
        let terminal = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&terminal).unwrap();
        unlockpt(&terminal).unwrap();
        let path = ptsname(&terminal, Vec::new()).unwrap().into_string().unwrap();
        let stderr = fs::File::options().read(true).write(true).open(path).unwrap();
        let mut run = program(&format!("examples/{name}"));
        let mut run = run.arg(arg).env("TERM", "xterm").stderr(stderr).spawn().unwrap();
        let mut bar = Vec::new();
        // If it is late, the first slash is that of 1/1, or of the URL that could not be read.
        BufReader::new(fs::File::from(terminal)).read_until(b'/', &mut bar).unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(bar.ends_with(b" 0/"), "{name}: {}", String::from_utf8_lossy(&bar));
    }
}

#[test]
fn each_of_500_urls_has_one_row() {
    let site = Site::open();
    // How many, the URL, and what their rows say: status, bytes and error.
    let cases = [
        (5, "\"no, url\"".into(), ",", "relative URL"),
        (5, "http://127.0.0.1:1/".into(), ",", "onnect"),
        (5, site.url("/short"), ",", "end of file"),
        (5, site.url("/silent-once"), "200,4", ""),
        (50, site.url("/nowhere"), "404,", "404 Not Found"),
        (430, site.url("/page"), "200,4", ""),
    ];
    let cases: Vec<_> = cases.iter().flat_map(|case| vec![case; case.0]).collect();
    // Every second line is empty.
    let list = cases.iter().map(|case| case.1.replace('"', "") + "\r\n\r\n");
    let mut run = Run::with("examples/urls_to_csv", &[file("urls", &list.collect::<String>())]);
    assert_eq!(run.ends(1, 1).stderr, ["Error: 65 of 500 URLs could not be read"]);
    assert_eq!(run.stdout.remove(0), "number,url,status,bytes,seconds,error");
    run.stdout.sort_by_key(|row| row.split(',').next().unwrap().parse::<usize>().unwrap());
    assert_eq!(run.stdout.len(), 500);
    for (n, (row, (_, url, status, error))) in run.stdout.iter().zip(cases).enumerate() {
        let is_so = row.starts_with(&format!("{},{url},{status},", 2 * n + 1));
        assert!(is_so && row.contains(error) && row.ends_with(',') == error.is_empty(), "{row}");
    }
    // Four tries for those cut short, and two for the one silent once.
    assert_eq!(site.requests.lock().unwrap().len(), 5 * 4 + 5 + 1 + 50 + 430);
}

#[test]
#[cfg(unix)]
fn ctrl_c_leaves_whole_rows() {
    let list = file("many_urls", &vec![Site::open().url("/page"); 20_000].join("\n"));
    let table = file("table", "");
    let mut run = program("examples/urls_to_csv");
    let mut run = run.arg(list).stdout(fs::File::create(&table).unwrap()).spawn().unwrap();
    let csv = || fs::read_to_string(&table).unwrap();
    wait(&mut run, |_| csv().lines().count() > 200);
    let (run, csv) = (ctrl_c(run), csv());
    assert!(csv.ends_with(",\n") && csv.lines().all(|row| row.matches(',').count() == 5));
    let told = format!("Stopped: {} of 20000 URLs have no row", 20_001 - csv.lines().count());
    assert_eq!(run.ends(130, 1).stderr, [told]);
}

#[test]
fn head_ends_it_silently() {
    let list = file("for_head", &vec![Site::open().url("/page"); 1_000].join("\n"));
    let mut run = program("examples/urls_to_csv").arg(list).spawn().unwrap();
    BufReader::new(run.stdout.take().unwrap()).read_line(&mut String::new()).unwrap();
    Run::from(run.wait_with_output().unwrap()).ends(141, 0);
}

#[test]
#[ignore = "builds the libraries of a project of the reader's own: minutes"]
fn every_snippet_pastes_as_it_is() {
    let projects = env::temp_dir().join(format!("snippets_{}", process::id()));
    fs::create_dir_all(&projects).unwrap();
    // They share a target folder, so that each library is built only once.
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("snippets");
    let run = |folder: &Path, args: &str| {
        let output = cargo(folder, &target).args(args.split(' ')).output().unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        let good = output.status.success() && !stderr.contains("warning");
        assert!(good, "{}: cargo {args}: {stderr}", folder.display());
    };
    let folders = ["02_io_threading", "04_io_asyncio", "06_cpu_bound"];
    for path in folders.iter().flat_map(|folder| files(&format!("{folder}/examples"))) {
        let (folder, name) = path.strip_suffix(".rs").unwrap().split_once("/examples/").unwrap();
        let project = projects.join(name);
        run(&projects, &format!("new {name}"));
        fs::copy(root().join("Cargo.lock"), project.join("Cargo.lock")).unwrap();
        // Its own line, the first one after its link.
        let readme = read(&format!("{folder}/README.md"));
        let (_, about) = readme.split_once(&format!("(examples/{name}.rs)")).unwrap();
        let (_, add) = about.split_once("  cargo ").unwrap();
        run(&project, &format!("{} --offline", add.lines().next().unwrap()));
        let (snippet, main) = (read(&path), project.join("src/main.rs"));
        fs::write(&main, &snippet).unwrap();
        run(&project, "clippy --offline -- -W clippy::pedantic");
        // Its header says that a function with all of it can be spawned.
        if name == "async_in_order" {
            let spawn = "async fn main() { tokio::spawn(all()).await.unwrap().unwrap(); }";
            let spawn = format!("{spawn}\nasync fn all()");
            fs::write(&main, snippet.replace("async fn main()", &spawn)).unwrap();
            run(&project, "check --offline");
        }
    }
    fs::remove_dir_all(projects).unwrap();
}
