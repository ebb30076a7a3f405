//! Every URL is either read or named in an error.

use crate::site::Site;
use crate::{IO_STEPS, Run, SNIPPETS, for_each, lines, program};

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
        (site.url("/nowhere"), "the site answered 404 Not Found"),
        (site.url("/short"), "end of file"),
        (site.url("/smtp"), "HTTP"),
        (site.url("/circle"), "redirect"),
        (site.url("/lost"), "the site answered 302 Found"),
        (site.url("/wrong-port"), "the site answered 302 Found"),
        (site.url("/never"), "timed out"),
        (site.url("/drip"), "timed out"), // After 16 s, it would be whole.
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
            let named = |line: &String| line.starts_with(&start) && line.contains(reason);
            assert!(run.stderr.iter().any(named), "{bad}: {run:#?}");
        }
    });
}

/// Whatever the environment says, a proxy does not come between.
#[test]
fn each_url_is_read_once() {
    for_each(&IO_STEPS, |step| {
        let site = Site::open();
        let pages = ["", "/empty", "/euro", "/moved", "/page", "/page?a=1&b=%20#c"];
        let mut program = program(step);
        program.args(pages.map(|page| site.url(page))).env("NO_PROXY", "");
        let run = Run::of(program.env("http_proxy", "http://127.0.0.1:1").spawn().unwrap());
        let sizes = [4, 0, 3, 4, 4, 4].into_iter().zip(pages);
        let line = |(size, page)| format!("Read {size} bytes from {}", site.url(page));
        let mut expected: Vec<_> = sizes.map(line).collect();
        expected.sort_unstable();
        assert_eq!(run.read(), expected);
        // Nothing is said of the practice site.
        run.ends(0, 0).prints("Downloaded 6 sites in ");
        assert_eq!(run.stdout.len(), 7, "{run:#?}");
        let (requests, user_agent) = (&site.seen().requests, format!(": {}/0.1.0\r", &step[3..]));
        assert!(requests.len() == 6 + 1 && requests.iter().all(|it| it.1.contains(&user_agent)));
    });
}

/// While one page does not come, twenty others are read, and told of, before it is given up.
#[test]
fn a_silent_site_holds_nobody_up() {
    let as_they_come = ["as_completed", "progress_bar", "per_host", "until_ctrl_c"];
    for_each(&[&as_they_come[..], &[IO_STEPS[1], IO_STEPS[2]]].concat(), |name| {
        let site = Site::open();
        let urls = [vec![site.url("/never")], vec![site.url("/page"); 20]].concat();
        let mut run = program(name).args(urls).spawn().unwrap();
        let read =
            lines(&mut run).take(20).filter(|line| line.starts_with("Read 4 bytes ")).count();
        assert_eq!((read, site.seen().given_up), (20, 0), "{name}");
        run.kill().unwrap();
        run.wait().unwrap();
    });
}

/// A page that comes byte by byte, for 16 s.
#[test]
fn snippets_give_up_a_dripping_page() {
    for_each(&SNIPPETS.map(|(name, _)| name), |name| {
        Run::with(name, &[Site::open().url("/drip")]).ends(1, 2);
    });
}
