//! What the practice site tells about a run. The steps all have the same one.

use promises::{Run, program};
use socket2::{Domain, Socket, Type};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::process::Stdio;
use std::time::Duration;

/// The drawing below the line that explains it: each row, as its label and what stands behind it.
fn drawing(run: &Run) -> Vec<(&str, &str)> {
    let at = run.stdout.iter().position(|line| line.starts_with("The first half second"));
    let rows: Vec<_> = run.stdout[at.unwrap() + 1..]
        .iter()
        .map(|row| {
            assert!(row.len() <= 80, "{run:#?}");
            let (label, rest) = row.split_at(row.len().min(15));
            (label.trim_end(), rest)
        })
        .collect();
    assert_eq!(rows[0], ("", "|0        |100      |200      |300      |400      |500 ms"));
    rows
}

/// How many were answered by 0, 100, … 500 ms, and in all.
fn answered(row: (&str, &str)) -> Vec<usize> {
    assert_eq!(row.0, "answered");
    row.1.split(' ').filter_map(|count| count.parse().ok()).collect()
}

/// The requests of a row: each one's number, first column and column behind the last, unless it is
/// still open at the edge.
fn requests(row: &str) -> Vec<(usize, usize, Option<usize>)> {
    let starts = row.match_indices('[').map(|(start, _)| {
        let bar = &row[start + 1..];
        let bar = bar.split('[').next().unwrap().trim_end();
        let number = bar.trim_end_matches(['-', ']']).parse().unwrap();
        (number, start, bar.ends_with(']').then(|| start + 1 + bar.len()))
    });
    starts.collect()
}

#[test]
fn the_run_of_five_threads_is_drawn_request_by_request() {
    let run = Run::with("02_io_threading", &[""; 0]);
    let rows = drawing(&run);
    assert_eq!(rows.len(), 7);
    let (mut numbers, mut ends) = (Vec::new(), Vec::new());
    for (n, row) in rows[1..6].iter().enumerate() {
        assert_eq!(row.0, format!("connection {}", n + 1));
        let requests = requests(row.1);
        assert_eq!(requests[0].0, n + 1);
        for (number, start, end) in &requests {
            numbers.push(*number);
            ends.extend(*end);
            // 90 ms, or more on a busy machine, are at least 9 columns.
            assert!(end.map_or(*start < 50, |end| end <= 50 && end - start >= 9), "{run:#?}");
        }
        // Each begins after the one before has ended.
        assert!(requests.windows(2).all(|pair| pair[0].2.unwrap() <= pair[1].1), "{run:#?}");
    }
    numbers.sort_unstable();
    assert!(numbers.iter().copied().eq(1..=numbers.len()), "{run:#?}");
    // The last row counts the ends to the left of each tick.
    let answered = answered(rows[6]);
    let before = |column| ends.iter().filter(|end| **end < column).count();
    assert_eq!(answered, [0, before(10), before(20), before(30), before(40), ends.len(), 160]);
}

#[test]
fn of_many_connections_the_first_two_and_the_last_two_are_drawn() {
    let run = Run::with("04_io_asyncio", &[""; 0]);
    for page in ["Read 10966 bytes from http://127.0.0.1:", "Read 277 bytes from http://127.0.0.1:"]
    {
        assert_eq!(run.stdout.iter().filter(|line| line.starts_with(page)).count(), 80);
    }
    let rows = drawing(&run);
    let seen = run.stdout.iter().find_map(|line| line.strip_prefix("The practice site saw "));
    let connections: usize = seen.unwrap().split(' ').next().unwrap().parse().unwrap();
    let labels: Vec<_> = rows.iter().map(|row| row.0.to_owned()).collect();
    let [second_last, last] = [1, 0].map(|back| format!("connection {}", connections - back));
    let more = format!("... {} more", connections - 4);
    assert_eq!(
        labels,
        ["", "connection 1", "connection 2", &more, &second_last, &last, "answered"]
    );
    assert_eq!(requests(rows[1].1)[0], (1, 0, requests(rows[1].1)[0].2));
    let answered = answered(rows[6]);
    assert!(answered[1] <= 80 && answered[6] == 160, "{run:#?}");
}

#[test]
fn the_practice_site_by_itself_serves_any_client_and_tells_what_it_saw() {
    let mut site = program("examples/practice_site");
    let mut site = site.stdin(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(site.stdout.take().unwrap()).lines();
    let pages = lines.next().unwrap().unwrap();
    let (_, url) = pages.split_once("http://").unwrap();
    let (address, _) = url.split_once("/jython").unwrap();
    let request = b"GET /dice HTTP/1.1\r\nhost: site\r\n\r\n";
    // Two connections from the same port are two.
    let mut from = SocketAddr::from(([127, 0, 0, 1], 0));
    let to: SocketAddr = address.parse().unwrap();
    for _ in 0..2 {
        let client = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        client.bind(&from.into()).unwrap();
        client.connect(&to.into()).unwrap();
        // The port is free at once.
        client.set_linger(Some(Duration::ZERO)).unwrap();
        let mut client = TcpStream::from(client);
        client.write_all(request).unwrap();
        client.read_exact(&mut [0]).unwrap();
        from = client.local_addr().unwrap();
    }
    // A client that gives up is not in flight for ever.
    let mut client = TcpStream::connect(address).unwrap();
    client.write_all(request).unwrap();
    // When the site answers another one, it has begun with this one.
    let mut other = TcpStream::connect(address).unwrap();
    other.write_all(b"GET / HTTP/1.1\r\nhost: site\r\n\r\n").unwrap();
    other.read_exact(&mut [0]).unwrap();
    drop(client);
    let urls = ["/nowhere", "/jython", "/dice"].map(|page| format!("http://{address}{page}"));
    for urls in [&urls[1..2], &urls] {
        let run = Run::with("02_io_threading", urls);
        assert!(run.stderr.iter().all(|line| line.contains("404 Not Found")), "{run:#?}");
    }
    site.stdin.take().unwrap().write_all(b"\n").unwrap();
    let seen = lines.nth(1).unwrap().unwrap();
    let expected = "The practice site saw 6 connections and at most 2 requests at once.";
    assert_eq!(seen, expected);
    assert!(site.wait().unwrap().success());
}

#[test]
fn a_port_that_cannot_be_had_is_an_error() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (port, error) in [
        (port.as_str(), "Error: cannot open the practice site"),
        ("x", "Error: the argument is not a port"),
    ] {
        let run = Run::with("examples/practice_site", &[port]);
        assert_eq!((run.stderr[0].as_str(), run.status), (error, Some(1)));
    }
}
