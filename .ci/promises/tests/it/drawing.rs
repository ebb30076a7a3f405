//! What the practice site tells about a run. The steps all have the same one.

use crate::Run;
use regex::Regex;

#[test]
fn five_threads_are_drawn_by_request() {
    let run = Run::with("02_io_threading", &[""; 0]);
    assert!(run.stdout.iter().all(|line| line.len() <= 80), "{run:#?}");
    let heading = |line: &String| line.starts_with("                |0        |100 ");
    let at = run.stdout.iter().position(heading).unwrap_or_else(|| panic!("{run:#?}"));
    let (answered, rows) = run.stdout[at + 1..].split_last().unwrap();
    // How many were answered by 0, 100, … 500 ms, and in all.
    let answered = answered.strip_prefix("answered so far ").unwrap().split(' ');
    let answered: Vec<usize> = answered.filter_map(|count| count.parse().ok()).collect();
    let bar = Regex::new(r"\[(\d*)-*(\]?)").unwrap();
    let (mut numbers, mut ends) = (Vec::new(), Vec::new());
    // On a busy machine, not all five have asked within half a second.
    assert!((1..=5).contains(&rows.len()), "{run:#?}");
    for row in rows {
        let (label, row) = row.split_at(16);
        let is_whole = bar.replace_all(row, "").trim().is_empty();
        assert!(label.starts_with("connection ") && is_whole, "{run:#?}");
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
    assert!(numbers.len() > 1 && numbers.iter().copied().eq(1..=numbers.len()), "{run:#?}");
    // The last row counts the ends to the left of each tick; an end on the tick may be either.
    assert_eq!((answered[0], answered.last()), (0, Some(&160)), "{run:#?}");
    for (tick, answered) in answered[..5].iter().enumerate() {
        let before = |column| ends.iter().filter(|end| **end < column).count();
        assert!((before(10 * tick)..=before(10 * tick + 1)).contains(answered), "{run:#?}");
    }
}
