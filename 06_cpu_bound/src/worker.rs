//! A worker process: this same program, started again with `--worker`. It reads a line from its
//! standard input and answers with a line on its standard output: `+` and a result, or `-` and an
//! error.
//!
//! So `main` must call `serve`, before anything else, if its argument is `--worker`: otherwise each
//! worker would start workers. And in a worker nothing else may read stdin or print to stdout; use
//! `eprintln!`.

use anyhow::{Context, Result, bail, ensure};
use std::io::{self, BufRead, BufReader, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::{self, Child, ChildStdout, Command, Stdio};
use std::{env, fmt::Display, thread};

/// A worker as the pool sees it: a process and the answers that it prints, or none yet.
#[derive(Default)]
pub struct Worker {
    process: Option<(Child, BufReader<ChildStdout>)>,
    /// The id of the process, or of the last one.
    pub id: u32,
}

impl Worker {
    /// Starts a process if there is none. If that fails, says why on stderr and returns false.
    pub fn start_if_needed(&mut self) -> bool {
        if let Err(error) = self.start() {
            writeln!(io::stderr(), "{error:#}").ok(); // `eprintln!` panics if nobody reads it.
        }
        self.process.is_some()
    }

    fn start(&mut self) -> Result<()> {
        if self.process.is_none() {
            let mut program = Command::new(env::current_exe()?);
            let program = program.arg("--worker").stdin(Stdio::piped());
            let process = program.stdout(Stdio::piped()).spawn();
            let mut process = process.context("cannot start a worker process")?;
            let stdout = process.stdout.take().context("stdout is not a pipe")?;
            self.id = process.id();
            self.process = Some((process, BufReader::new(stdout)));
        }
        Ok(())
    }

    /// Sends a line to the process and waits for its answer, however long that takes. If the process
    /// dies, asks a new one, once.
    ///
    /// # Errors
    /// The error that the worker answers with, or why the second try failed.
    pub fn ask(&mut self, question: &str) -> Result<String> {
        ensure!(!question.contains(['\n', '\r']), "it contains a line break");
        let answer = self.exchange(question).or_else(|error| {
            writeln!(io::stderr(), "{error:#}; trying {question} again").ok();
            self.exchange(question)
        })?;
        let (sign, text) = answer.split_at(1);
        ensure!(sign == "+", "{text}");
        Ok(text.to_owned())
    }

    fn exchange(&mut self, question: &str) -> Result<String> {
        self.start()?;
        let (mut process, mut stdout) = self.process.take().context("no process")?;
        let stdin = process.stdin.as_mut().context("stdin is not a pipe")?;
        let (sent, mut answer) = (writeln!(stdin, "{question}"), String::new());
        let read = sent.and_then(|()| stdout.read_line(&mut answer));
        if read.is_ok() && answer.starts_with(['+', '-']) && answer.ends_with('\n') {
            answer.pop();
            self.process = Some((process, stdout));
            return Ok(answer);
        }
        let (id, status) = (self.id, process.wait()?);
        ensure!(answer.is_empty(), "worker process {id} said {answer:?}");
        bail!("worker process {id} died ({status})")
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        if let Some((process, _)) = &mut self.process {
            process.wait().ok(); // It ends because this closes its stdin.
        }
    }
}

/// The worker's own loop: answers each line with what `work` makes of it (a line break in that becomes
/// `\n`). Ends the process when its stdin ends: the pool needs it no longer, or is gone.
pub fn serve<T: Display>(work: impl Fn(&str) -> Result<T> + Sync) -> ! {
    let answer_lines = || -> ! {
        loop {
            let Some(Ok(line)) = io::stdin().lines().next() else {
                process::exit(0);
            };
            let answer = match catch_unwind(AssertUnwindSafe(|| work(&line))) {
                Ok(Ok(result)) => format!("+{result}"),
                Ok(Err(error)) => format!("-{error:#}"),
                Err(_) => process::exit(101), // A panic would only end this thread.
            };
            // This can only fail if the pool is gone, and then stdin ends too.
            writeln!(io::stdout(), "{}", answer.replace('\n', "\\n")).ok();
        }
    };
    // Two threads take turns: while one works, the other reads, and so sees the end of stdin at once.
    thread::scope(|scope| {
        scope.spawn(answer_lines);
        answer_lines()
    })
}
