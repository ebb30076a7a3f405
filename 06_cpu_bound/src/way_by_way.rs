//! What holds of each way, tested on the lesson's own functions: its sum, and where it runs the
//! work. To see that, it is given work that looks where it is.

use super::*;
use std::cell::Cell;
use std::collections::HashSet;
use std::sync::Condvar;
use std::thread::ThreadId;
use std::time::Duration;

/// The ways that take any work.
const WAYS: [fn(Work, &[u32]) -> u64; 4] = [sequential, threads, tasks, parallel_iterator];

thread_local!(static CALLS: Cell<u64> = const { Cell::new(0) });

/// Work that counts, on each thread for itself, how often it is done there.
fn count(_: u32) -> u64 {
    CALLS.set(CALLS.get() + 1);
    1
}

#[test]
fn each_way_adds_up_the_result_of_every_input() {
    for way in WAYS {
        assert_eq!(way(fib, &[]), 0);
        assert_eq!(way(fib, &[0, 1, 2, 3, 4, 5, 10]), 1 + 1 + 2 + 3 + 5 + 55);
        assert_eq!(way(fib, &[20; 20]), 20 * 6765);
        assert_eq!(way(u64::from, &[500; 1000]), 500_000);
    }
}

#[test]
fn sequential_and_async_do_all_the_work_on_the_one_thread_that_calls_them() {
    for way in [sequential, tasks] {
        CALLS.set(0);
        assert_eq!(way(count, &[0; 20]), 20);
        assert_eq!(CALLS.get(), 20);
    }
}

#[test]
fn async_gives_every_input_a_task_of_its_own() {
    static TASKS: Mutex<Option<HashSet<tokio::task::Id>>> = Mutex::new(None);
    fn note_task(_: u32) -> u64 {
        let mut tasks = TASKS.lock().unwrap();
        u64::from(tasks.get_or_insert_default().insert(tokio::task::id()))
    }
    assert_eq!(tasks(note_task, &[0; 20]), 20);
}

#[test]
fn threads_are_five_that_work_at_the_same_time_and_none_is_the_one_that_calls_them() {
    static HERE: Mutex<Vec<ThreadId>> = Mutex::new(Vec::new());
    static ARRIVAL: Condvar = Condvar::new();
    /// Nobody gets on before five different threads are in here. Where they cannot come, the first
    /// one gives up after a while, so that the test ends.
    fn meet(_: u32) -> u64 {
        let mut here = HERE.lock().unwrap();
        if !here.contains(&thread::current().id()) {
            here.push(thread::current().id());
        }
        ARRIVAL.notify_all();
        let enough = Duration::from_secs(30);
        let few = |here: &mut Vec<_>| here.len() < 5;
        let waited = ARRIVAL.wait_timeout_while(here, enough, few);
        assert!(!waited.unwrap().1.timed_out(), "there are no five");
        1
    }
    assert_eq!(threads(meet, &[0; 20]), 20);
    let here = HERE.lock().unwrap();
    assert_eq!(here.len(), 5);
    assert!(!here.contains(&thread::current().id()));
}

#[test]
fn rayon_does_all_the_work_on_its_pool() {
    let on_the_pool = |_| u64::from(rayon::current_thread_index().is_some());
    assert_eq!(parallel_iterator(on_the_pool, &[0; 20]), 20);
    assert_eq!(sequential(on_the_pool, &[0; 20]), 0);
}

#[test]
fn a_way_with_another_sum_is_an_error() {
    let mut table = console::Table::new(2);
    table.time("sequential", || Ok(20)).unwrap();
    table.time("threads", || Ok(20)).unwrap();
    let error = table.time("async", || Ok(19)).unwrap_err();
    assert_eq!(error.to_string(), "async: the sum is 19, not 20");
}

/// Workers that are shell scripts, so that they can do what the real ones never should.
#[cfg(unix)]
mod a_worker {
    use super::*;

    /// Has the script work on 7 and 8.
    fn sum(script: &str) -> (u32, Result<u64>) {
        let mut shell = Command::new("sh");
        let piped = shell.stdin(Stdio::piped()).stdout(Stdio::piped());
        let worker = piped.args(["-c", script]).spawn().unwrap();
        let inputs = Mutex::new([7, 8].into_iter());
        (
            worker.id(),
            sum_by(worker, || inputs.lock().unwrap().next()),
        )
    }

    fn fails(script: &str, reason: &str) {
        let (id, sum) = sum(script);
        assert_eq!(
            sum.unwrap_err().to_string(),
            format!("worker process {id} failed: {reason}")
        );
    }

    #[test]
    fn that_answers_with_numbers_is_added_up() {
        let (_, sum) = sum("while read n; do echo $((n * 10)); done");
        assert_eq!(sum.unwrap(), 150);
    }

    #[test]
    fn that_is_killed_is_an_error() {
        fails(
            "read n; kill -9 $$",
            "it answered \"\" to 7 (signal: 9 (SIGKILL))",
        );
    }

    #[test]
    fn that_exits_at_work_is_an_error() {
        fails(
            "read n; echo 70; read n; exit 3",
            "it answered \"\" to 8 (exit status: 3)",
        );
    }

    #[test]
    fn that_exits_at_once_is_an_error() {
        let (id, sum) = sum("exit 3"); // Before or after it was written to.
        let (error, start) = (sum.unwrap_err().to_string(), "worker process");
        assert!(error.starts_with(&format!("{start} {id} failed: ")));
        assert!(error.ends_with(" (exit status: 3)"), "{error}");
    }

    #[test]
    fn that_dies_within_a_line_is_an_error_and_not_half_a_number() {
        fails(
            "read n; echo 70; read n; printf 8",
            "it answered \"8\" to 8 (exit status: 0)",
        );
    }

    #[test]
    fn that_answers_with_nonsense_is_an_error_and_is_ended() {
        fails(
            "while read n; do echo seventy; done; exec sleep 30",
            "it answered \"seventy\\n\" to 7 (signal: 9 (SIGKILL))",
        );
    }

    #[test]
    fn that_answers_no_more_but_lives_on_is_an_error_and_is_ended() {
        fails(
            "read n; exec sleep 30 >&-",
            "it answered \"\" to 7 (signal: 9 (SIGKILL))",
        );
    }

    #[test]
    fn that_ends_badly_after_all_its_work_is_an_error() {
        fails(
            "while read n; do echo 1; done; exit 4",
            "it did not end well (exit status: 4)",
        );
    }
}
