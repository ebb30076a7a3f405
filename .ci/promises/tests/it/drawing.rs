//! What the practice site tells about a run. The steps all have the same one.

use crate::{Run, program};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

/// The drawing: each row as its label and what stands behind it.
fn drawing(run: &Run) -> Vec<(&str, &str)> {
    assert!(run.stdout.iter().all(|line| line.len() <= 80), "{run:#?}");
    let heading = |line: &String| line.starts_with("                |0        |100 ");
    let at = run.stdout.iter().position(heading).unwrap_or_else(|| panic!("{run:#?}"));
    run.stdout[at + 1..].iter().map(|row| row.split_at(row.len().min(16))).collect()
}

/// How many were answered by 0, 100, … 500 ms, and in all.
fn answered(row: (&str, &str)) -> Vec<usize> {
    assert_eq!(row.0, "answered so far ");
    row.1.split(' ').filter_map(|count| count.parse().ok()).collect()
}

#[test]
fn five_threads_are_drawn_by_request() {
    let run = Run::with("02_io_threading", &[""; 0]);
    let rows = drawing(&run);
    assert_eq!(rows.len(), 6, "{run:#?}");
    let (mut numbers, mut ends) = (Vec::new(), Vec::new());
    for (n, (label, row)) in rows[..5].iter().enumerate() {
        assert_eq!(label.trim_end(), format!("connection {}", n + 1));
        for (start, _) in row.match_indices('[') {
            let bar = &row[start + 1..];
            let bar = bar.split('[').next().unwrap().trim_end();
            // 90 ms, or more on a busy machine, are at least 9 columns.
            assert!(bar.len() >= 8 || start + 1 + bar.len() == 50, "{run:#?}");
            assert_eq!(bar.ends_with(']'), start + 1 + bar.len() < 50, "{run:#?}");
            ends.extend(bar.ends_with(']').then(|| start + 1 + bar.len()));
            numbers.extend(bar.trim_end_matches(['-', ']']).parse::<usize>());
        }
    }
    // Only in the last columns there may be no room for a number.
    numbers.sort_unstable();
    assert!(numbers.len() > 5 && numbers.iter().copied().eq(1..=numbers.len()), "{run:#?}");
    // The last row counts the ends to the left of each tick; an end on the tick may be either.
    let answered = answered(rows[5]);
    assert_eq!((answered[0], answered.last()), (0, Some(&160)), "{run:#?}");
    for (tick, answered) in answered[..5].iter().enumerate() {
        let by = |column| ends.iter().filter(|end| **end <= column).count();
        assert!((by(10 * tick)..=by(10 * tick + 1)).contains(answered), "{run:#?}");
    }
}

#[test]
fn ten_of_many_connections_are_drawn() {
    let run = Run::with("04_io_asyncio", &[""; 0]);
    let rows = drawing(&run);
    assert!(rows[9].0.starts_with("connection ") && rows[9].1.contains('['), "{run:#?}");
    let more = &run.stdout[run.stdout.len() - 2];
    assert!(more.starts_with("... ") && more.ends_with(" more connections like these"), "{more}");
    assert_eq!(rows.len(), 12, "{run:#?}");
    let answered = answered(rows[11]);
    assert!(answered[1] <= 80 && answered.last() == Some(&160), "{run:#?}");
}

#[test]
fn a_client_that_gives_up_is_logged() {
    let mut run = program("02_io_threading").spawn().unwrap();
    let mut lines = BufReader::new(run.stdout.take().unwrap()).lines().map(Result::unwrap);
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
    let saw = "The practice site saw 7 connections and at most 6 requests at once.";
    assert!(stdout.iter().any(|line| line == saw), "{stdout:#?}");
    assert!(stdout.last().unwrap().ends_with(" ... 161"), "{stdout:#?}");
    assert!(run.wait().unwrap().success());
}
