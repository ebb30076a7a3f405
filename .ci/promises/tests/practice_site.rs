//! What the practice site tells about a run. The steps all have the same one.

use promises::Run;

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
