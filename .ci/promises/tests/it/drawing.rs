//! What the practice site tells about a run. The steps all have the same one.

use crate::{Run, lines, program};
use regex::Regex;
use std::io::{Read, Write};
use std::net::TcpStream;

/// The rows of the drawing, and how many were answered by 0, 100, … 500 ms and in all.
fn drawing(run: &Run) -> (&[String], Vec<usize>) {
    assert!(run.stdout.iter().all(|line| line.len() <= 80), "{run:#?}");
    let heading = |line: &String| line.starts_with("                |0        |100 ");
    let at = run.stdout.iter().position(heading).unwrap_or_else(|| panic!("{run:#?}"));
    let (answered, rows) = run.stdout[at + 1..].split_last().unwrap();
    let counts = answered.strip_prefix("answered so far ").unwrap().split(' ');
    (rows, counts.filter_map(|count| count.parse().ok()).collect())
}

#[test]
fn five_threads_are_drawn_by_request() {
    let run = Run::with("02_io_threading", &[""; 0]);
    let (rows, answered) = drawing(&run);
    assert_eq!(rows.len(), 5, "{run:#?}");
    let bar = Regex::new(r"\[(\d*)-*(\]?)").unwrap();
    let (mut numbers, mut ends) = (Vec::new(), Vec::new());
    for (n, row) in rows.iter().enumerate() {
        let (label, row) = row.split_at(16);
        assert_eq!(label.trim_end(), format!("connection {}", n + 1));
        assert_eq!(bar.replace_all(row, "").trim(), "", "{run:#?}");
        for bar in bar.captures_iter(row) {
            let end = bar.get(0).unwrap().end();
            // 90 ms, or more on a busy machine, are at least 9 columns.
            assert!(bar[0].len() >= 9 || end == 50, "{run:#?}");
            assert_eq!(&bar[2] == "]", end < 50, "{run:#?}");
            ends.extend((end < 50).then_some(end));
            numbers.extend(bar[1].parse::<usize>());
        }
    }
    // Only in the last columns there may be no room for a number.
    numbers.sort_unstable();
    assert!(numbers.len() > 5 && numbers.iter().copied().eq(1..=numbers.len()), "{run:#?}");
    // The last row counts the ends to the left of each tick; an end on the tick may be either.
    assert_eq!((answered[0], answered.last()), (0, Some(&160)), "{run:#?}");
    for (tick, answered) in answered[..5].iter().enumerate() {
        let before = |column| ends.iter().filter(|end| **end < column).count();
        assert!((before(10 * tick)..=before(10 * tick + 1)).contains(answered), "{run:#?}");
    }
}

#[test]
fn ten_of_many_connections_are_drawn() {
    let run = Run::with("04_io_asyncio", &[""; 0]);
    let (rows, answered) = drawing(&run);
    assert!(rows[9].starts_with("connection ") && rows[9].contains('['), "{run:#?}");
    assert!(rows[10].ends_with(" more connections like these") && rows.len() == 11, "{run:#?}");
    assert!(answered[1] <= 80 && answered.last() == Some(&160), "{run:#?}");
}

#[test]
fn a_client_that_gives_up_is_logged() {
    let mut run = program("02_io_threading").spawn().unwrap();
    let mut lines = lines(&mut run);
    let first = lines.next().unwrap();
    let address = first.split('/').nth(2).unwrap();
    let ask = |page| {
        let mut client = TcpStream::connect(address).unwrap();
        write!(client, "GET /{page} HTTP/1.1\r\nhost: site\r\n\r\n").unwrap();
        client
    };
    let client = ask("dice");
    // When the site answers another one, it has begun with this one.
    ask("nowhere").read_exact(&mut [0]).unwrap();
    drop(client);
    let stdout: Vec<_> = lines.collect();
    let saw = "The practice site saw 7 connections and ";
    assert!(stdout.iter().any(|line| line.starts_with(saw)), "{stdout:#?}");
    assert!(stdout.last().unwrap().ends_with(" ... 161"), "{stdout:#?}");
    Run::of(run).ends(0, 0);
}
