//! One worker process, as the pool sees it.
//!
//! A line goes down its standard input, the URL, and a line comes back on its standard output: `+`
//! and what was read, or `-` and why nothing was.

use crate::sites::print_error;
use anyhow::{Context, Result, anyhow, bail};
use std::io::{self, BufRead, BufReader, Write};
use std::process::Child;

/// A place in the pool: a worker process, or none yet.
pub struct Worker {
    start: fn() -> io::Result<Child>,
    process: Option<Child>,
}

impl Worker {
    /// A place that is filled when there is something to download.
    pub fn new(start: fn() -> io::Result<Child>) -> Self {
        Self {
            start,
            process: None,
        }
    }

    /// Has the worker download a site. If it dies, or none can be started, a new one is tried once.
    pub fn download(&mut self, url: &str) -> Result<String> {
        let answer = self.ask(url).or_else(|error| {
            print_error(format!("{error:#}. Trying {url} again."));
            self.ask(url)
        })?;
        match answer.split_at_checked(1) {
            Some(("+", line)) => Ok(line.to_owned()),
            Some(("-", error)) => Err(anyhow!("{error}")),
            _ => Err(anyhow!("this is no worker's answer: {answer:?}")),
        }
    }

    /// Returns the worker's answer. Where there is none, there is no worker either from then on.
    fn ask(&mut self, url: &str) -> Result<String> {
        let mut process = match self.process.take() {
            Some(process) => process,
            None => (self.start)().context("No worker process can be started")?,
        };
        if let Ok(answer) = exchange(&mut process, url) {
            self.process = Some(process);
            return Ok(answer);
        }
        // What it died of says more than the broken pipe.
        let status = process.wait()?;
        bail!("Worker process {} died ({status})", process.id())
    }
}

/// Writes a line to the process and reads one.
fn exchange(process: &mut Child, url: &str) -> Result<String> {
    let (Some(to), Some(from)) = (&mut process.stdin, &mut process.stdout) else {
        bail!("no pipes");
    };
    to.write_all(format!("{url}\n").as_bytes())?;
    let mut answer = String::new();
    // What a buffer has read beyond the line is lost with it. A worker writes no line unasked.
    BufReader::new(from).read_line(&mut answer)?;
    answer
        .pop()
        .filter(|&end| end == '\n')
        .context("no answer")?;
    Ok(answer)
}

impl Drop for Worker {
    /// Waiting closes its standard input, and with that it ends.
    fn drop(&mut self) {
        if let Some(process) = &mut self.process {
            if let Err(error) = process.wait() {
                print_error(format!("Worker process {}: {error}", process.id()));
            }
        }
    }
}
