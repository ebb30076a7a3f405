//! What only this step teaches: one connection, and never two requests at once.

const PROGRAM: &str = env!("CARGO_BIN_EXE_01_io_non_concurrent");

mod every_io_step;

use axum::{Router, routing::get};
use every_io_step::{practice_site::PracticeSite, run};

#[test]
fn one_connection_serves_all_and_two_requests_are_never_in_flight() {
    let site = PracticeSite::open(Router::new().route("/", get("page"))).unwrap();
    assert_eq!(run(&vec![site.url("/"); 10]).read().len(), 10);
    assert_eq!((site.connections(), site.most_in_flight()), (1, 1));
}

#[test]
fn the_sites_are_read_in_the_order_given() {
    let site = PracticeSite::open(Router::new().route("/{page}", get("page"))).unwrap();
    let urls = ["/c", "/a", "/b"].map(|page| site.url(page));
    assert_eq!(
        run(&urls).read(),
        urls.map(|url| format!("Read 4 bytes from {url}"))
    );
}
