//! Every URL is either read or named in an error.

use crate::site::Site;
use crate::{IO_STEPS, Run, for_each, program};

#[test]
fn failed_sites_are_named() {
    let (site, https) = (Site::open(), Site::open_https());
    // The certificate is for 127.0.0.1.
    let other_name = https.url("/page").replace("127.0.0.1", "localhost");
    let faults = [
        // No name server is asked about a name whose first part is longer than 63 letters.
        (format!("http://{}.invalid/", "x".repeat(64)), "dns"),
        ("http://127.0.0.1:1/".into(), "connect"),
        (site.url("/reset"), "error"),
        (site.url("/nowhere"), "404 Not Found"),
        (site.url("/short"), "end of file"),
        (site.url("/smtp"), "HTTP"),
        (site.url("/circle"), "redirect"),
        (site.url("/lost"), "the site answered 302 Found"),
        (site.url("/wrong-port"), "the site answered 302 Found"),
        (site.url("/never"), "timed out"),
        (other_name, "certificate"),
        ("www.rust-lang.org".into(), "(is https:// missing?"),
        ("urls.txt".into(), "For a file of URLs: $(cat FILE))"),
        (String::new(), "(is https:// missing?"),
    ];
    for_each(&IO_STEPS, |step| {
        let good = site.url("/page");
        let urls: Vec<_> = faults.iter().flat_map(|(bad, _)| [bad, &good]).collect();
        let run = Run::with(step, &urls);
        assert_eq!(run.ends(1, faults.len()).read().len(), faults.len(), "{run:#?}");
        run.prints(&format!("Downloaded {} of {} sites in ", faults.len(), urls.len()));
        for (bad, reason) in &faults {
            let start = format!("Could not read {bad}");
            let named = |line: &String| {
                let rest = line.strip_prefix(&start);
                rest.is_some_and(|rest| rest.starts_with([':', ' ']) && rest.contains(reason))
            };
            assert!(run.stderr.iter().any(named), "{bad}: {run:#?}");
        }
    });
}

#[test]
fn each_url_is_read_once() {
    for_each(&IO_STEPS, |step| {
        let site = Site::open();
        let pages = ["", "/empty", "/euro", "/moved", "/page", "/page?a=1&b=%20#c"];
        let run = Run::with(step, &pages.map(|page| site.url(page)));
        let sizes = [4, 0, 3, 4, 4, 4].into_iter().zip(pages);
        let line = |(size, page)| format!("Read {size} bytes from {}", site.url(page));
        let mut expected: Vec<_> = sizes.map(line).collect();
        expected.sort_unstable();
        assert_eq!(run.read(), expected);
        // Nothing is said of the practice site.
        run.ends(0, 0).prints("Downloaded 6 sites in ");
        assert_eq!(run.stdout.len(), 7, "{run:#?}");
        assert_eq!(site.requests.lock().unwrap().len(), 6 + 1);
    });
}

#[test]
fn a_site_is_told_who_asks() {
    for_each(&IO_STEPS, |step| {
        let site = Site::open();
        Run::with(step, &[site.url("/page")]).ends(0, 0).prints("Downloaded 1 site in ");
        let user_agent = format!("\r\nuser-agent: {}/0.1.0\r\n", &step[3..]);
        assert!(site.requests.lock().unwrap()[0].contains(&user_agent));
    });
}

#[test]
fn no_proxy_comes_between() {
    for_each(&IO_STEPS, |step| {
        let mut program = program(step);
        program.arg(Site::open().url("/page")).env("NO_PROXY", "");
        Run::of(program.env("http_proxy", "http://127.0.0.1:1").spawn().unwrap()).ends(0, 0);
    });
}

/// Only Linux lets a variable say whom to trust.
#[test]
#[cfg(target_os = "linux")]
fn https_is_read() {
    let url = Site::open_https().url("/page");
    for_each(&IO_STEPS, |step| {
        Run::with(step, &[&url]).ends(0, 0);
    });
}

#[test]
fn a_silent_site_holds_nobody_up() {
    for_each(&IO_STEPS, |step| {
        let site = Site::open();
        let pages = if step.starts_with("02") || step.starts_with("04") { 20 } else { 0 };
        let urls = [vec![site.url("/never")], vec![site.url("/page"); pages]].concat();
        // The pages are read before the silent site is given up.
        let run = Run::with(step, &urls);
        run.ends(1, 1).prints(&format!("Downloaded {pages} of {} site", pages + 1));
    });
}
