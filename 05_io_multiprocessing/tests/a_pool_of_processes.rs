//! What this step claims: one process per CPU, which may die and takes nothing with it.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

const PROGRAM: &str = env!("CARGO_BIN_EXE_05_io_multiprocessing");

fn start(program: &Path, urls: &[&str]) -> Child {
    let mut command = Command::new(program);
    let command = command.args(urls).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for the end of the program. As soon as each of its processes has read a site, does this with
/// them. Returns what it printed, and all processes that have read a site.
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
    command.args(if cfg!(windows) {
        ["/F", "/PID"]
    } else {
        ["-s", "KILL"]
    });
    assert!(command.arg(process).status().unwrap().success());
}

fn cpus() -> usize {
    std::thread::available_parallelism().unwrap().get()
}

#[test]
fn each_cpu_has_a_process_with_a_connection_of_its_own() {
    let pool = start(PROGRAM.as_ref(), &[]);
    let id = pool.id().to_string();
    let (stdout, output, processes) = end(pool, |_| ());
    assert_eq!(processes.len(), cpus());
    assert!(!processes.contains(&id));
    let s = if cpus() == 1 { "" } else { "s" };
    let seen = format!(
        "{0} connection{s} and at most {0} request{s} at once.",
        cpus()
    );
    assert!(stdout.contains(&seen), "{stdout}");
    assert_eq!((output.status.code(), output.stderr.len()), (Some(0), 0));
}

#[test]
fn a_worker_that_is_killed_loses_nothing() {
    let pool = start(PROGRAM.as_ref(), &[]);
    let (stdout, output, processes) =
        end(pool, |processes| processes.iter().take(1).for_each(kill));
    assert!(stdout.contains("\nDownloaded 160 sites in "), "{stdout}");
    assert_eq!(processes.len(), cpus() + 1);
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.starts_with("worker process ") && stderr.contains(" died ("),
        "{stderr}"
    );
    assert_eq!((output.status.code(), stderr.lines().count()), (Some(0), 1));
}

/// Windows does not let anyone remove a program that runs.
#[test]
#[cfg(unix)]
fn a_place_whose_worker_cannot_be_started_again_leaves_the_list_to_the_others() {
    for dead in [cpus() - 1, cpus()] {
        let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("program_{dead}"));
        std::fs::remove_file(&copy).ok();
        std::fs::hard_link(PROGRAM, &copy).unwrap();
        let pool = start(&copy, &[]);
        let (stdout, output, _) = end(pool, |processes| {
            std::fs::remove_file(&copy).unwrap();
            processes.iter().take(dead).for_each(kill);
        });
        let stderr = String::from_utf8(output.stderr).unwrap();
        let (read, named) = (
            stdout.matches("Read ").count(),
            stderr.matches("Could not read "),
        );
        assert_eq!(read + named.count(), 160, "{stdout}{stderr}");
        // One for each place that has closed; and the others only if there is no place left.
        let closed = stderr.matches(": cannot start a worker process: ").count();
        assert_eq!(closed, dead, "{stderr}");
        assert_eq!(
            stderr.contains(": no worker process is left"),
            dead == cpus()
        );
        assert_eq!(output.status.code(), Some(u8::from(dead > 0).into()));
    }
}

#[test]
fn when_the_pool_is_killed_its_workers_end_in_the_middle_of_their_downloads() {
    let site = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", site.local_addr().unwrap());
    let mut pool = start(PROGRAM.as_ref(), &[url.as_str(); 100]);
    let downloads: Vec<_> = site.incoming().take(cpus()).map(Result::unwrap).collect();
    pool.kill().unwrap();
    pool.wait().unwrap();
    for mut download in downloads {
        // A worker that lived on would keep its connection open until it gives up, after 10 s.
        download
            .set_read_timeout(Some(Duration::from_secs(8)))
            .unwrap();
        let mut request = Vec::new();
        download.read_to_end(&mut request).unwrap();
        assert!(request.starts_with(b"GET / "));
    }
}

#[test]
fn a_url_that_is_more_than_a_line_is_named() {
    let run = start(PROGRAM.as_ref(), &["http://127.0.0.1:1/a\nb"]).wait_with_output();
    let stderr = String::from_utf8(run.unwrap().stderr).unwrap();
    assert!(stderr.contains(": it is more than a line"), "{stderr}");
}
