//! What this step claims: one process per CPU, which may die and takes nothing with it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, ErrorKind, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_05_io_multiprocessing");

#[allow(dead_code)] // Only its practice site is used here.
#[path = "../src/sites.rs"]
mod sites;

fn start(program: &Path, urls: &[String]) -> Child {
    let mut command = Command::new(program);
    let command = command.args(urls).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for the end of the program. As soon as each of its processes has read a site, calls `with`
/// with them. Returns what it printed, and all processes that have read a site.
fn end(mut pool: Child, with: impl Fn(&BTreeSet<String>)) -> (String, Output, BTreeSet<String>) {
    let (mut stdout, mut processes) = (String::new(), BTreeSet::new());
    for line in BufReader::new(pool.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        if let Some((_, process)) = line.split_once(" in process ") {
            if processes.insert(process.to_owned()) && processes.len() == cpus() {
                with(&processes);
            }
        }
        stdout += &(line + "\n");
    }
    (stdout, pool.wait_with_output().unwrap(), processes)
}

fn kill(process: &String) {
    let mut command = Command::new(if cfg!(windows) { "taskkill" } else { "kill" });
    command.args(if cfg!(windows) { ["/F", "/PID"] } else { ["-s", "KILL"] });
    assert!(command.arg(process).status().unwrap().success());
}

fn cpus() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

/// A site, and so many of its URLs that every worker gets some.
fn urls() -> Vec<String> {
    let site = sites::open_practice_site(0).unwrap();
    vec![format!("{site}/dice"); 20 * cpus()]
}

#[test]
fn each_cpu_has_a_process_with_a_connection_of_its_own() {
    let pool = start(PROGRAM.as_ref(), &[]);
    let id = pool.id().to_string();
    let (stdout, output, processes) = end(pool, |_| ());
    assert_eq!(processes.len(), cpus().min(160));
    assert!(!processes.contains(&id));
    assert!(stdout.contains("\nDownloaded 160 sites in "), "{stdout}");
    let (_, seen) = stdout.split_once("The practice site saw ").unwrap();
    let mut numbers = seen.split(' ').filter_map(|word| word.parse().ok());
    assert_eq!(numbers.next(), Some(processes.len()));
    assert!((cpus().min(2)..=cpus()).contains(&numbers.next().unwrap()), "{stdout}");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn a_worker_that_is_killed_loses_nothing() {
    let urls = urls();
    let pool = start(PROGRAM.as_ref(), &urls);
    let (stdout, output, processes) =
        end(pool, |processes| processes.iter().take(1).for_each(kill));
    assert_eq!(stdout.matches("Read ").count(), urls.len());
    assert_eq!(processes.len(), cpus() + 1);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.starts_with("worker process ") && stderr.contains(" died ("), "{stderr}");
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(0), 1));
}

/// Windows does not let you delete a running program.
#[test]
#[cfg(unix)]
fn a_worker_that_cannot_be_started_again_leaves_the_list_to_the_others() {
    for dead in [cpus() - 1, cpus()] {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program_{dead}"));
        std::fs::remove_file(&copy).ok();
        std::fs::hard_link(PROGRAM, &copy).unwrap();
        let urls = urls();
        let (stdout, output, _) = end(start(&copy, &urls), |processes| {
            std::fs::remove_file(&copy).unwrap();
            processes.iter().take(dead).for_each(kill);
        });
        let stderr = String::from_utf8(output.stderr).unwrap();
        let (read, named) = (stdout.matches("Read "), stderr.matches("Could not read "));
        assert_eq!(read.count() + named.count(), urls.len(), "{stdout}{stderr}");
        // One for each worker that has given up; and the others only if no worker is left.
        let given_up = stderr.matches(": cannot start a worker process: ").count();
        assert_eq!(given_up, dead, "{stderr}");
        assert_eq!(stderr.contains(": no worker process is left"), dead == cpus());
        assert_eq!(output.status.code(), Some(i32::from(dead > 0)));
    }
}

#[test]
fn when_the_pool_is_killed_its_workers_end_in_the_middle_of_their_downloads() {
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", site.local_addr().unwrap());
    let mut pool = start(PROGRAM.as_ref(), &vec![url; cpus()]);
    let mut downloads = Vec::new();
    for download in site.incoming().take(cpus()) {
        let (mut download, mut start) = (download.unwrap(), [0; 6]);
        download.read_exact(&mut start).unwrap();
        assert_eq!(&start, b"GET / ");
        downloads.push(download);
    }
    pool.kill().unwrap();
    pool.wait().unwrap();
    for mut download in downloads {
        // A worker that lived on would keep its connection open until it gives up, after 10 s.
        download.set_read_timeout(Some(Duration::from_secs(8))).unwrap();
        let end = download.read_to_end(&mut Vec::new());
        assert!(end.is_ok() || end.unwrap_err().kind() == ErrorKind::ConnectionReset);
    }
}

#[test]
fn a_url_with_a_line_break_is_named() {
    let pool = start(PROGRAM.as_ref(), &["http://127.0.0.1:1/a\nb".into()]);
    let stderr = String::from_utf8(pool.wait_with_output().unwrap().stderr).unwrap();
    assert!(stderr.contains(": it contains a line break"), "{stderr}");
    assert!(!stderr.contains(" in process 0:"), "{stderr}");
}
