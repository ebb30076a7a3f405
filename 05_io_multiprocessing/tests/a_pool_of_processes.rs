//! What only this step teaches: a process for each CPU, which may die and take nothing with it.

const PROGRAM: &str = env!("CARGO_BIN_EXE_05_io_multiprocessing");

mod every_io_step;

use axum::{Router, routing::get};
use every_io_step::{practice_site::PracticeSite, program, run, run_command};
use std::collections::HashSet;
use std::io::{BufRead, BufReader, Lines};
use std::path::Path;
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use tokio::sync::{Barrier, Semaphore};
use tokio::time::sleep;

#[test]
fn each_cpu_has_a_process_with_a_connection_of_its_own() {
    let cpus = cpus();
    // Nobody is answered before as many ask as there are CPUs, and then not at once, so that one
    // more would be seen.
    let barrier = Arc::new(Barrier::new(cpus));
    let page = async move || {
        barrier.wait().await;
        sleep(Duration::from_millis(50)).await;
        "page"
    };
    let site = PracticeSite::open(Router::new().route("/", get(page))).unwrap();
    let run = run(&vec![site.url("/"); 4 * cpus]);
    let processes: HashSet<_> = run
        .stdout
        .iter()
        .filter_map(|line| process_of(line))
        .collect();
    assert_eq!(run.read().len(), 4 * cpus);
    let seen = (processes.len(), site.connections(), site.most_in_flight());
    assert_eq!(seen, (cpus, cpus, cpus));
}

#[test]
fn the_work_is_not_done_by_the_process_that_was_started() {
    let site = PracticeSite::open(Router::new().route("/", get("page"))).unwrap();
    let pool = program()
        .arg(site.url("/"))
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let id = pool.id().to_string();
    let output = String::from_utf8(pool.wait_with_output().unwrap().stdout).unwrap();
    let process = process_of(output.lines().next().unwrap()).unwrap();
    assert_ne!(process, id);
}

#[test]
fn a_url_goes_through_the_pipe_whole() {
    let site = PracticeSite::open(Router::new().fallback(async || "page")).unwrap();
    let urls = [
        "/a b",
        "/+-%0A%00",
        "/?q='\"\\<>`{}|^&=#é",
        "/é\u{2028}ñ€🦀",
    ]
    .map(|path| site.url(path));
    run(&urls).reads(&urls.map(|url| format!("Read 4 bytes from {url}")));
}

#[test]
fn a_worker_that_is_killed_loses_nothing() {
    let mut run = GatedRun::start(PROGRAM.as_ref());
    let killed = run.kill_a_worker();
    // Its URL is answered only now, so it must be another worker that reads it.
    run.gate.add_permits(GatedRun::urls());
    let lines: Vec<_> = run.stdout.map(Result::unwrap).collect();
    let processes: Vec<_> = lines.iter().filter_map(|line| process_of(line)).collect();
    assert_eq!(processes.len(), GatedRun::urls() - 1, "{lines:#?}");
    assert!(!processes.contains(&killed.as_str()), "{lines:#?}");
    let errors: Vec<_> = run.stderr.map(Result::unwrap).collect();
    assert!(
        errors[0].starts_with(&format!("Worker process {killed} died (")),
        "{errors:#?}"
    );
    assert_eq!(
        (errors.len(), run.pool.wait().unwrap().code()),
        (1, Some(0)),
        "{errors:#?}"
    );
}

/// Windows does not let anyone remove a program that runs.
#[test]
#[cfg(unix)]
fn urls_are_named_and_the_run_ends_when_no_worker_can_be_started() {
    let copy = Path::new(env!("CARGO_TARGET_TMPDIR")).join("a_program_that_goes_away");
    // A link, because a file that has just been written cannot always be run at once.
    std::fs::remove_file(&copy).ok();
    std::fs::hard_link(PROGRAM, &copy).unwrap();
    let mut run = GatedRun::start(&copy);
    std::fs::remove_file(copy).unwrap();
    run.kill_a_worker();
    // The dead worker's thread takes all URLs but one for each of the others, who are at the gate.
    let (urls, others) = (GatedRun::urls(), cpus() - 1);
    let named = |line: &String| line.starts_with("Could not read ");
    let errors = run.stderr.by_ref().map(Result::unwrap);
    let errors: Vec<_> = errors.filter(named).take(urls - 1 - others).collect();
    let reason = "No worker process can be started: ";
    assert!(
        errors.iter().all(|line| line.contains(reason)),
        "{errors:#?}"
    );
    run.gate.add_permits(urls);
    let lines: Vec<_> = run.stdout.map(Result::unwrap).collect();
    assert_eq!(
        lines.iter().filter_map(|line| process_of(line)).count(),
        others,
        "{lines:#?}"
    );
    let summary = format!("Downloaded {} of {urls} sites in ", 1 + others);
    assert!(lines[others].starts_with(&summary), "{lines:#?}");
    assert_eq!(run.pool.wait().unwrap().code(), Some(1));
}

/// Linux alone lets a variable say whom to trust, and a client that can trust nobody is an error.
#[test]
#[cfg(target_os = "linux")]
fn a_url_that_two_workers_died_of_is_named_and_what_they_said_is_not_lost() {
    let url = "http://127.0.0.1/";
    let run = run_command(program().arg(url).env("SSL_CERT_FILE", "/nowhere"));
    let all = run.stderr.join("\n");
    assert_eq!(
        all.matches("No CA certificates were loaded").count(),
        2,
        "{all}"
    );
    assert_eq!(
        all.matches(&format!(" died (exit status: 1). Trying {url} again."))
            .count(),
        1,
        "{all}"
    );
    assert_eq!(
        all.matches(&format!("Could not read {url}: Worker process "))
            .count(),
        1,
        "{all}"
    );
    assert_eq!(run.status, Some(1));
}

#[test]
fn when_the_pool_is_killed_its_workers_end_at_once() {
    let mut run = GatedRun::start(PROGRAM.as_ref());
    let killed = Instant::now();
    run.pool.kill().unwrap();
    run.pool.wait().unwrap();
    // The workers write to the same pipe as the pool, so it is closed when the last of them ends.
    // They are at the gate, where their downloads would have gone on for nearly 10 s.
    assert_eq!(run.stderr.count(), 0);
    assert!(killed.elapsed() < Duration::from_secs(5));
}

/// A run whose first URL has been read, and whose others are answered when the gate lets them.
struct GatedRun {
    pool: Child,
    first_line: String,
    stdout: Lines<BufReader<ChildStdout>>,
    stderr: Lines<BufReader<ChildStderr>>,
    gate: Arc<Semaphore>,
}

impl GatedRun {
    fn urls() -> usize {
        4 * cpus()
    }

    fn start(program: &Path) -> Self {
        let (gate, at_the_gate) = (Arc::new(Semaphore::new(0)), Arc::new(Semaphore::new(0)));
        let (behind, here) = (gate.clone(), at_the_gate.clone());
        let gated = async move || {
            here.add_permits(1);
            behind.acquire().await.unwrap().forget();
            "page"
        };
        // Answered when every other worker has been started and is at the gate.
        let others = u32::try_from(cpus() - 1).unwrap();
        let first = async move || {
            at_the_gate.acquire_many(others).await.unwrap().forget();
            "page"
        };
        let pages = Router::new()
            .route("/", get(first))
            .route("/gated", get(gated));
        let site = PracticeSite::open(pages).unwrap();
        let mut pool = Command::new(program)
            .arg(site.url("/"))
            .args(vec![site.url("/gated"); Self::urls() - 1])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(pool.stdout.take().unwrap()).lines();
        let stderr = BufReader::new(pool.stderr.take().unwrap()).lines();
        let first_line = stdout.next().unwrap().unwrap();
        Self {
            pool,
            first_line,
            stdout,
            stderr,
            gate,
        }
    }

    /// Kills the worker that read the first URL, and returns its process's id.
    fn kill_a_worker(&self) -> String {
        let process = process_of(&self.first_line).unwrap();
        let mut kill = if cfg!(windows) {
            let mut kill = Command::new("taskkill");
            kill.args(["/F", "/PID", process]).stdout(Stdio::null());
            kill
        } else {
            let mut kill = Command::new("sh");
            kill.args(["-c", "kill -9 $0", process]);
            kill
        };
        assert!(kill.status().unwrap().success());
        process.to_owned()
    }
}

fn cpus() -> usize {
    thread::available_parallelism().unwrap().get()
}

/// The id of the process that a line names.
fn process_of(line: &str) -> Option<&str> {
    let (process, _) = line.strip_prefix("Process ")?.split_once(": Read ")?;
    Some(process)
}
