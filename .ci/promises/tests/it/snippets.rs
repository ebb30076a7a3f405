//! The snippets in the folders' `examples/` do what their headers say, and paste as they are.

use crate::site::Site;
use crate::{Run, SNIPPETS, cargo, files, for_each, lines, program, read, wait};
use regex::Regex;
#[cfg(unix)]
use rustix::process::Signal;
use std::io::Write;
use std::process::Stdio;
use std::{env, fs, path::Path, process};
use std::{thread, time::Duration, time::Instant};

/// A file for one test.
fn file(name: &str, text: &str) -> String {
    let path = format!("{}/{name}", env!("CARGO_TARGET_TMPDIR"));
    fs::write(&path, text).unwrap();
    path
}

#[test]
fn neither_slow_nor_failed_pages_stop_others() {
    for (name, at_once) in SNIPPETS.into_iter().chain([("retry", 20)]) {
        let site = Site::open();
        // One page comes only when those after it have been asked for, and is longer.
        let mut urls = ["/nowhere", "/after-39-others"].map(|page| site.url(page)).to_vec();
        urls.extend((0..100).map(|number| site.url(&format!("/hold?{number}"))));
        urls.extend(["no-url".into(), site.url("/lost")]);
        let run = Run::with(name, &urls);
        let bytes = |url: &str| if url.ends_with("others") { 9 } else { 4 };
        let line = |url: &String| format!("Read {} bytes from {url}", bytes(url));
        let mut read: Vec<_> = urls[1..=101].iter().map(line).collect();
        assert_eq!(run.stdout == read, name.ends_with("in_order"), "{run:#?}");
        read.sort_unstable();
        assert_eq!(run.read(), read);
        let errors = run.ends(1, 4).stderr.concat();
        assert!(errors.contains("no-url: builder error: relative") && errors.contains(&urls[0]));
        assert!(errors.contains("/lost: the site answered 302 Found"), "{errors}");
        // On a busy machine, not all twenty may be seen.
        let seen = (at_once.min(15)..=at_once).contains(&site.most_held());
        assert!(seen, "{name}: {}", site.most_held());
        Run::with(name, &urls[1..2]).ends(0, 0);
    }
}

#[test]
fn urls_may_come_while_others_download() {
    let site = Site::open();
    let mut run = program("bounded_channel").stdin(Stdio::piped()).spawn().unwrap();
    for page in ["/page", "/nowhere", "/euro", "/lost"] {
        let mut stdin = run.stdin.as_ref().unwrap();
        // A mark, as from Windows, an empty line, and one that is not UTF-8.
        stdin.write_all(b"\xef\xbb\xbf\r\n  caf\xe9\r\n").unwrap();
        write!(stdin, "\u{feff}{}\r\n", site.url(page)).unwrap();
        wait(&mut run, || site.asked(page) == 1);
    }
    let many = format!("{}\n", site.url("/hold")).repeat(60);
    run.stdin.take().unwrap().write_all(many.as_bytes()).unwrap();
    let run = Run::of(run);
    let not_utf_8 = run.errors("Could not read caf\u{fffd}: the line is not UTF-8");
    assert!(not_utf_8 == 4 && run.ends(1, 4 + 3).read().len() == 62, "{run:#?}");
    assert!((10..=20).contains(&site.most_held()), "{}", site.most_held());
}

/// On a busy machine six or seven may arrive in one. Without the lock, it would be sixteen; with an
/// `interval`, ten after the pause.
#[test]
#[cfg(unix)]
fn five_downloads_begin_in_a_second() {
    let site = Site::open();
    let urls = [vec![site.url("/page"); 15], vec![site.url("/lost")]].concat();
    let mut run = program("at_most_per_second").args(urls).spawn().unwrap();
    wait(&mut run, || site.asked("/page") > 2);
    crate::send(Signal::STOP, &run);
    thread::sleep(Duration::from_secs(2));
    crate::send(Signal::CONT, &run);
    assert_eq!(Run::of(run).ends(1, 2).read().len(), 15);
    let arrivals: Vec<Instant> = site.seen().requests.iter().map(|(came, _)| *came).collect();
    let is_longer = |eight: &[Instant]| eight[7] - eight[0] > Duration::from_secs(1);
    assert!(arrivals.windows(8).all(is_longer), "{arrivals:?}");
}

#[test]
fn pages_are_saved_once_and_whole() {
    let site = Site::open();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("saved_{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let long = format!("/page?{}", "x".repeat(3_000));
    let names = ["/short", "/lost", "/page?a", "/page?A", "/page?/..", "/page?\\:*", &long];
    let held = (0..40).map(|number| format!("/hold?{number}"));
    // From Windows, with empty lines and each URL twice.
    let pages = names.map(String::from).into_iter().chain(held);
    let urls: String = pages.map(|page| site.url(&page) + "\r\n\r\n").collect();
    fs::write(folder.join("urls.txt"), format!("\u{feff}{urls}{urls}")).unwrap();
    // The second time, only what is missing is asked for.
    for (asked, saved) in [(47, 45), (49, 0)] {
        let mut run = program("save_pages");
        let run = Run::of(run.current_dir(&folder).arg("urls.txt").spawn().unwrap());
        let errors = run.ends(1, 3).stderr.concat();
        assert!(errors.contains("/lost: the site answered 302 Found"), "{errors}");
        assert_eq!((site.seen().requests.len(), run.stdout.len()), (asked, saved));
    }
    let saved = fs::read_dir(folder.join("pages")).unwrap().map(|file| file.unwrap().path());
    let whole = saved.filter(|file| file.extension().is_none());
    assert!(whole.map(|file| fs::read(file).unwrap()).eq([b"page"; 45]));
    // On a busy machine, not all ten may be seen.
    assert!((5..=10).contains(&site.most_held()), "{}", site.most_held());
    fs::remove_dir_all(folder).unwrap();
}

/// Only on Linux is all of 127.0.0.0/8 this machine, and can a limit be set from outside.
#[test]
#[cfg(target_os = "linux")]
fn no_host_is_asked_more_than_twice_at_once() {
    let site = Site::open_at("0.0.0.0", None);
    let port = site.url.rsplit(':').next().unwrap();
    // Twelve for each of three hosts, and one for each of hundreds: they need few open files.
    let hosts = (0..36).map(|n| n % 3).chain(3..600);
    let urls = hosts.map(|n| format!("http://127.0.{}.{}:{port}/hold", n / 200, n % 200 + 1));
    let run = program("per_host").args(urls).spawn().unwrap();
    crate::allow_256_files(&run);
    let run = Run::of(run);
    assert_eq!((run.ends(0, 0).stdout.len(), site.most_held()), (633, 2));
}

#[test]
fn only_what_may_pass_is_tried_again() {
    for_each(&["retry", "urls_to_csv"], |name| {
        let (site, https) = (Site::open(), Site::open_https());
        // What stands in a URL says nothing of the certificate.
        let dropped = "/dropped-once?InvalidCertificate";
        let pages =
            ["/overloaded-twice", "/busy-once", dropped, "/nowhere", "/lost", "no-url", "/circle"];
        // The certificate is for 127.0.0.1.
        let other_name = https.url("/page").replace("127.0.0.1", "localhost");
        let urls = [&pages.map(|page| site.url(page))[..], &[other_name]].concat();
        let args = if name == "retry" { urls } else { vec![file("tried", &urls.join("\n"))] };
        assert_eq!(Run::with(name, &args).status, Some(1));
        let asked = pages.map(|page| site.asked(page));
        // One try of /circle is about ten requests.
        let is_so = asked[..6] == [3, 2, 2, 1, 1, 0] && asked[6] < 20;
        let connections = https.seen().connections;
        assert!(is_so && connections == 1, "{name}: {asked:?}, {connections}");
    });
}

#[test]
fn files_are_hashed_in_order() {
    let (empty, abc) = (file("empty", ""), file("abc", "abc"));
    let run = Run::with("map_in_order", &["missing.txt", &abc, &empty]);
    assert!(run.ends(1, 2).stderr[0].contains("missing.txt"), "{run:#?}");
    let [first, second] = &run.stdout[..] else { panic!("{run:#?}") };
    assert!(first.starts_with("ba7816bf") && first.ends_with(&format!("15ad  {abc}")), "{first}");
    assert!(second.starts_with("e3b0c442") && second.ends_with(&format!("b855  {empty}")));
    #[cfg(unix)]
    {
        use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
        let bad = OsStr::from_bytes(b"caf\xe9");
        Run::with("map_in_order", &[bad, abc.as_ref()]).ends(1, 2).prints("ba7816bf");
    }
}

#[test]
fn the_runtime_ticks_while_rayon_works() {
    let run = Run::with("inside_async", &[""; 0]);
    let ticks = run.ends(0, 0).stdout.iter().filter(|line| *line == "tick").count();
    assert!(ticks >= 2 && run.stdout.ends_with(&["The sum is 184549300".into()]), "{run:#?}");
}

/// Sends what Ctrl-C sends, which must end the program.
#[cfg(unix)]
fn ctrl_c(mut program: process::Child) -> Run {
    crate::send(Signal::INT, &program);
    let has_ended = crate::within(30, || program.try_wait().unwrap().is_some());
    program.kill().unwrap();
    assert!(has_ended, "Ctrl-C did not end it");
    Run::of(program)
}

#[test]
#[cfg(unix)]
fn ctrl_c_tells_what_is_missing() {
    let site = Site::open();
    let urls = [vec![site.url("/page"); 30], vec![site.url("/never"); 100]].concat();
    let list = [file("some_never", &urls.join("\n"))];
    for (name, args, read, told) in [
        ("until_ctrl_c", &urls[..], 30, "Stopped after 30 of 130 sites"),
        ("urls_to_csv", &list, 31, "Stopped: 100 of 130 URLs have no row"),
    ] {
        // Ctrl-C may have ended the reader of stderr too.
        for is_heard in [true, false] {
            let mut run = program(name).args(args).spawn().unwrap();
            if !is_heard {
                drop(run.stderr.take());
            }
            assert_eq!(lines(&mut run).take(read).count(), read);
            // Those that never answer are not waited for.
            let run = ctrl_c(run);
            assert_eq!(run.ends(130, usize::from(is_heard)).stderr.concat() == told, is_heard);
        }
    }
}

/// Nobody reads what the program prints, and it has one CPU.
#[test]
#[cfg(target_os = "linux")]
fn ctrl_c_ends_what_waits_to_print() {
    for name in ["until_ctrl_c", "urls_to_csv"] {
        let urls = vec![Site::open().url("/page"); 3_000];
        let list = vec![file("unread", &urls.join("\n"))];
        let args = if name == "until_ctrl_c" { urls } else { list };
        let mut run = program(name);
        let mut run = run.args(args).env("TOKIO_WORKER_THREADS", "1").spawn().unwrap();
        let stdout = run.stdout.take().unwrap();
        // The pipe of 64 kB is as good as full. Within a moment, the program can do nothing but wait.
        wait(&mut run, || rustix::io::ioctl_fionread(&stdout).unwrap() > 64_500);
        thread::sleep(Duration::from_millis(200));
        assert_eq!(ctrl_c(run).status, Some(130), "{name}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn the_bar_is_drawn_at_once() {
    use rustix::pty::{OpenptFlags, ioctl_tiocgptpeer, openpt, unlockpt};
    use std::io::{BufRead, BufReader};
    let site = Site::open();
    let url = site.url("/never");
    for (name, arg) in [("progress_bar", &url), ("urls_to_csv", &file("never", &url))] {
        let terminal = openpt(OpenptFlags::RDWR).unwrap();
        unlockpt(&terminal).unwrap();
        let stderr = ioctl_tiocgptpeer(&terminal, OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        let mut command = program(name);
        let mut run = command.arg(arg).env("TERM", "xterm").stderr(stderr).spawn().unwrap();
        drop(command); // Only the program has the terminal open now.
        // If it is late, the first slash is that of 1/1 or of a URL, or it comes after several tries.
        let bar = BufReader::new(fs::File::from(terminal)).split(b'/').next().unwrap().unwrap();
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(bar.ends_with(b" 0") && site.asked("/never") < 3, "{name}: {bar:?}");
    }
}

#[test]
fn each_of_500_urls_has_one_row() {
    let site = Site::open();
    // How many, the URL, and what their rows say: status, bytes, seconds and error.
    let cases = [
        (5, "\"no, url\"".into(), ",,", "relative URL"),
        (5, "http://127.0.0.1:1/".into(), ",,", "onnect"),
        (5, site.url("/short"), ",,", "end of file"),
        (1, site.url("/silent-once"), "200,4,1", ""), // After 10 s it is tried again.
        (50, site.url("/nowhere"), "404,,", "404 Not Found"),
        (4, site.url("/lost"), "302,,", "the site answered 302 Found"),
        (430, site.url("/hold"), "200,4,", ""),
    ];
    let cases: Vec<_> = cases.iter().flat_map(|case| vec![case; case.0]).collect();
    // Every second line is empty, and the first begins with a mark, as from Windows.
    let list = cases.iter().map(|case| case.1.replace('"', "") + "\r\n\r\n");
    let list = file("urls", &format!("\u{feff}{}", list.collect::<String>()));
    let mut run = Run::with("urls_to_csv", &[list]);
    assert_eq!(run.ends(1, 1).stderr, ["Error: 69 of 500 URLs could not be read"]);
    assert_eq!(run.stdout.remove(0), "number,url,status,bytes,seconds,error");
    run.stdout.sort_by_key(|row| row.split(',').next().unwrap().parse::<usize>().unwrap());
    for (n, (_, url, status, error)) in cases.iter().enumerate() {
        let row = &run.stdout[n];
        let is_so = row.starts_with(&format!("{},{url},{status}", 2 * n + 1));
        assert!(is_so && row.contains(error) && row.ends_with(',') == error.is_empty(), "{row}");
    }
    // Some of the twenty are taken by those that are tried again.
    assert!((5..=20).contains(&site.most_held()), "{}", site.most_held());
}

#[test]
fn urls_to_csv_ends_quietly_with_head() {
    let list = file("for_head", &vec![Site::open().url("/page"); 1_000].join("\n"));
    let mut run = program("urls_to_csv").arg(list).spawn().unwrap();
    lines(&mut run).next().unwrap();
    Run::of(run).ends(141, 0);
}

#[test]
fn with_wrong_arguments_a_snippet_shows_its_usage() {
    let others = ["at_most_per_second", "retry", "urls_to_csv", "save_pages", "map_in_order"];
    for name in SNIPPETS.into_iter().map(|(name, _)| name).chain(others) {
        let run = Run::with(name, &[""; 0]);
        assert!(run.ends(1, 1).stderr[0].contains(&format!(" [--example {name}] -- ")), "{run:#?}");
    }
    for (name, args) in [("bounded_channel", 1), ("urls_to_csv", 2), ("save_pages", 2)] {
        let run = Run::with(name, &["no.txt"].repeat(args));
        assert!(run.ends(1, 1).stderr[0].contains(&format!(" [--example {name}] ")), "{run:#?}");
    }
    let why = "Error: cannot read the file of URLs";
    assert_eq!(Run::with("urls_to_csv", &["no.txt"]).stderr[0], why);
}

#[test]
#[ignore = "builds the libraries of a project of the reader's own: minutes"]
fn every_snippet_pastes_as_it_is() {
    let projects = env::temp_dir().join(format!("snippets_{}", process::id()));
    fs::create_dir_all(&projects).unwrap();
    // They share a target folder.
    let run = |folder: &Path, args: &str| {
        let run = Run::from(cargo(folder, "snippets", args));
        assert_eq!(run.status, Some(0), "{}: cargo {args}: {run:#?}", folder.display());
    };
    let paste = |name: &str, add: &str, snippet: &str| {
        let project = projects.join(name);
        run(&projects, &format!("new {name}"));
        fs::write(project.join("Cargo.lock"), read("Cargo.lock")).unwrap();
        run(&project, add);
        fs::write(project.join("src/main.rs"), snippet).unwrap();
        // All of an async snippet can also be spawned.
        if snippet.contains("async fn main()") {
            let spawn = "async fn main() { _ = tokio::spawn(all()).await }\nasync fn all()";
            let spawned = snippet.replace("async fn main()", spawn);
            fs::create_dir(project.join("examples")).unwrap();
            fs::write(project.join("examples/spawned.rs"), spawned).unwrap();
        }
        run(&project, "clippy --bins --examples -- -D warnings -W clippy::pedantic");
    };
    for folder in ["02_io_threading", "04_io_asyncio", "06_cpu_bound"] {
        let readme = read(&format!("{folder}/README.md"));
        for path in files(&format!("{folder}/examples")) {
            let name = path.strip_suffix(".rs").unwrap().rsplit('/').next().unwrap();
            // Its own line, the first one after its link.
            let (_, about) = readme.split_once(&format!("(examples/{name}.rs)")).unwrap();
            let add = about.lines().find_map(|line| line.strip_prefix("  cargo ")).unwrap();
            paste(name, add, &read(&path));
        }
    }
    let readme = read("01_io_non_concurrent/README.md");
    let block = Regex::new("(?s)`cargo (add [^`]*)`.\n\n```rust\n(.*?)```").unwrap();
    let (_, [add, program]) = block.captures(&readme).unwrap().extract();
    paste("readme", add, program);
    fs::remove_dir_all(projects).unwrap();
}
