//! A worker process: this same program, started again with `--worker`. It prints a line when it is
//! ready. Then it reads a line from its standard input and answers with a line on its standard output:
//! its process id, then `+` and a result, or `-` and an error. The id tells an answer from whatever
//! else the process may print.
//!
//! - A question takes 10 to 40 us more than a call. Put many small inputs into one line.
//! - `main` must ask `is_worker` before it starts a worker or a tokio runtime, and then call `serve`.
//!   (In a `#[test]` it can't: there the current program is the test's.)
//! - In a worker nothing else may read stdin or print to stdout: use `eprintln!`. (If your function does
//!   print a line, the pool takes its question for failed, says what was printed, and starts a new
//!   process.) A program that your function starts must not inherit them either, as it does with `spawn`
//!   and `status`. `output` is safe.

use anyhow::{Context, Result, bail, ensure};
use std::io::{self, BufRead, BufReader, Write};
use std::process::{self, Child, ChildStdout, Command, Stdio};
use std::sync::mpsc;
use std::{env, fmt::Display, thread};

/// Whether this process is a worker.
pub fn is_worker() -> bool {
    env::args_os().nth(1).is_some_and(|arg| arg == "--worker")
}

/// A worker as the pool sees it: a process and the lines that it prints, or none yet.
#[derive(Default)]
pub struct Worker {
    process: Option<(Child, BufReader<ChildStdout>)>,
    /// The id of the process, or of the last one.
    pub id: u32,
}

impl Worker {
    /// Starts a process if there is none. If that fails, says why on stderr and returns false.
    pub fn is_ready(&mut self) -> bool {
        if self.process.is_none() {
            if let Err(error) = self.start() {
                let line = format!("cannot start a worker process: {error:#}\n");
                io::stderr().write_all(line.as_bytes()).ok(); // Nobody else can be told.
            }
        }
        self.process.is_some()
    }

    fn start(&mut self) -> Result<()> {
        ensure!(!is_worker(), "a worker can't have workers: `main` must ask `is_worker` first");
        let program = env::current_exe()?;
        let mut command = Command::new(&program);
        let command = command.arg("--worker").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = command.spawn().with_context(|| program.display().to_string())?;
        let stdout = process.stdout.take().context("stdout is not a pipe")?;
        self.id = process.id();
        self.process = Some((process, BufReader::new(stdout)));
        self.answer().map(drop)
    }

    /// Sends a line to the process and waits for its answer, however long that takes.
    ///
    /// # Errors
    /// The error that the worker answers with, or how it died. The next line goes to a new process.
    pub fn ask(&mut self, question: &str) -> Result<String> {
        ensure!(!question.contains(['\n', '\r']), "it contains a line break");
        let (process, _) = self.process.as_mut().context("the worker is not ready")?;
        let stdin = process.stdin.as_mut().context("stdin is not a pipe")?;
        // If this fails, the process has died, and there is no answer.
        stdin.write_all(format!("{question}\n").as_bytes()).ok();
        self.answer()
    }

    fn answer(&mut self) -> Result<String> {
        let (mut process, mut stdout) = self.process.take().context("there is no process")?;
        let (mut line, id) = (Vec::new(), self.id);
        stdout.read_until(b'\n', &mut line).ok(); // If this fails, the line has no end.
        let line = String::from_utf8_lossy(&line);
        let answer = line.strip_prefix(&id.to_string()).and_then(|rest| rest.strip_suffix('\n'));
        if let Some((sign @ ("+" | "-"), text)) = answer.and_then(|rest| rest.split_at_checked(1)) {
            self.process = Some((process, stdout));
            ensure!(sign == "+", "{text}");
            return Ok(text.to_owned());
        }
        let end = process.wait().map_or("unknown status".into(), |status| status.to_string());
        ensure!(line.is_empty(), "worker process {id} said {:?}", line.trim_end());
        bail!("worker process {id} died ({end})")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((process, _)) = &mut self.process {
            process.wait().ok(); // It ends because this closes its stdin.
        }
    }
}

/// The worker's own loop: answers each line with what `work` makes of it and of `set_up`, which the
/// process has made once. If the set-up has failed, says why in place of being ready.
///
/// `work` runs in the thread that calls this. If that is the main thread, a panic ends the process.
/// Another thread only reads, and ends the process as soon as its stdin ends: the pool is done, or gone.
pub fn serve<S, T: Display>(set_up: Result<S>, mut work: impl FnMut(&str, &S) -> Result<T>) -> ! {
    let (sender, lines) = mpsc::channel();
    thread::spawn(move || {
        io::stdin().lines().map_while(Result::ok).try_for_each(|line| sender.send(line)).ok();
        process::exit(0)
    });
    let set_up = set_up.unwrap_or_else(|error| {
        print(&format!("set-up failed: {error:#}"));
        process::exit(1)
    });
    let id = process::id();
    print(&format!("{id}+ready"));
    for line in lines {
        print(&match work(&line, &set_up) {
            Ok(result) => format!("{id}+{result}"),
            Err(error) => format!("{id}-{error:#}"),
        });
    }
    process::exit(0)
}

/// Prints an answer; a line break in it becomes `\n`. If that fails, the pool is gone, and stdin ends.
fn print(answer: &str) {
    io::stdout().write_all((answer.replace('\n', "\\n") + "\n").as_bytes()).ok();
}
