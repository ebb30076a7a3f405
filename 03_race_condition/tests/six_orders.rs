//! The README's table of the six orders in which two threads' two steps can come.

/// A row of the table: the steps in an order, and what they count. A thread's first step loads, its
/// second stores.
fn row(order: &str) -> String {
    let (mut number, mut loaded, mut row) = (0, [None; 2], String::from("|"));
    for thread in order.chars() {
        let loaded = &mut loaded[usize::from(thread == 'B')];
        let step = if loaded.is_some() { "stores" } else { "loads" };
        number = loaded.map_or(number, |value| value + 1);
        row = format!("{row} {thread} {step} {number} |");
        *loaded = Some(number);
    }
    format!("{row} {number} |")
}

#[test]
fn the_readme_shows_all_six_orders() {
    let rows = ["AABB", "ABAB", "ABBA", "BAAB", "BABA", "BBAA"].map(row).join("\n");
    assert!(include_str!("../README.md").contains(&rows), "{rows}");
}
