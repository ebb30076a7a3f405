//! The practice site by itself, and the picture of what it has seen.

use crate::{IO_STEPS, Run, STEPS, for_each, program, read};
use std::io::{self, BufRead, BufReader, Write};
use std::{iter, net::TcpStream, process::Child, process::Command, thread, time::Duration};
use {regex::Regex, roxmltree::Document};

/// The practice site and its URL, until this is dropped.
struct PracticeSite(Child, String);

/// A run as it is drawn: its labels (the seconds, the agent, the figures, how many ended early), and
/// each box's x, y and width.
type Drawn = ([String; 4], Vec<[usize; 3]>);

impl PracticeSite {
    /// Its URL is empty if it ends instead.
    fn open(port: &str) -> Self {
        let mut program = program("examples/practice_site").arg(port).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(program, line.split(' ').nth(4).unwrap_or("").trim_end_matches("/jython").into())
    }

    /// Asks, and gives up when the connection is dropped.
    fn ask(&self, path: &str, agent: &str) -> TcpStream {
        let mut client = TcpStream::connect(&self.1["http://".len()..]).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        write!(client, "GET {path} HTTP/1.0\r\nuser-agent: {agent}\r\n\r\n").unwrap();
        client
    }

    fn page(&self, path: &str, agent: &str) -> String {
        io::read_to_string(self.ask(path, agent)).unwrap()
    }

    fn runs(&self) -> Vec<Drawn> {
        drawn(self.page("/picture.svg", "").split_once("\r\n\r\n").unwrap().1)
    }
}

impl Drop for PracticeSite {
    fn drop(&mut self) {
        self.0.kill().and_then(|()| self.0.wait()).unwrap();
    }
}

/// The runs in a picture, the newest first. In each, the labels and the boxes agree.
fn drawn(picture: &str) -> Vec<Drawn> {
    let picture = Document::parse(picture).unwrap();
    let all = picture.descendants().map(|n| n.attribute("d").or(n.text().filter(|_| n.is_text())));
    let text: String = all.flatten().collect();
    let run = Regex::new(r"(.+) s (.*)\n(\w+: (\d+),.+: (\d+))\n(.+) ended.*\s+(M.+)").unwrap();
    let shape = Regex::new(r"M(\d+) (\d+)h([1-9]\d*)v4h-").unwrap();
    let number = |digits: &str| digits.replace('.', "").parse::<usize>().unwrap();
    let runs = run.captures_iter(&text).map(|run| {
        let (_, [seconds, agent, figures, requests, lanes, early, path]) = run.extract();
        let [hundredths, requests, lanes] = [seconds, requests, lanes].map(number);
        let boxes: Vec<_> = shape.captures_iter(path).map(|b| b.extract().1.map(number)).collect();
        // After 1,000 requests, only a new lane has one more box.
        assert!((requests.min(1000)..=requests.min(1000 + lanes)).contains(&boxes.len()));
        assert_eq!(boxes.last().unwrap()[1] / 4 + 1, lanes, "{run:?}");
        // Lane by lane, and in each one box after another. A box is at least one wide.
        assert!(boxes.is_sorted_by(|a, b| (a[1], a[0] + a[2]) <= (b[1], b[0] + 1)), "{run:?}");
        assert!(boxes.iter().map(|it| it[0] + it[2]).max().unwrap().abs_diff(10 * hundredths) <= 6);
        ([seconds, agent, figures, early].map(String::from), boxes)
    });
    runs.collect()
}

#[test]
fn each_program_makes_a_run() {
    let (site, name) = (PracticeSite::open("0"), r#"<script>&amp;"'</text>]]>"#);
    let urls = vec![["jython", "dice"].map(|it| format!("{}/{it}", site.1)); 6].concat();
    for_each(&IO_STEPS, |step| {
        Run::with(step, &urls).prints("Read 10966 ").prints("Read 277 ");
    });
    (0..12).for_each(|_| drop(site.page("/dice", name)));
    let ask = "import requests, sys; s = requests.Session(); [s.get(url) for url in sys.argv[1:]]";
    let python =
        Command::new("python3").env("NO_PROXY", "127.0.0.1").args(["-c", ask]).args(&urls).output();
    let python = python.is_ok_and(|run| run.status.success()).then_some("python-requests/");
    let runs = site.runs();
    for program in IO_STEPS.map(|step| &step[3..]).into_iter().chain([name]).chain(python) {
        let (labels, boxes) = runs.iter().find(|run| run.0[1].starts_with(program)).unwrap();
        let ended = boxes.iter().filter(|it| it[2] >= 90 && it[0] + it[2] <= 500).count();
        assert!(labels[2].starts_with("requests: 12, ") && labels[3] == format!("{ended} of 12"));
    }
}

#[test]
fn a_second_without_requests_ends_a_run() {
    let site = PracticeSite::open("0");
    for requests in 1..3 {
        (0..requests).for_each(|_| drop(site.page("/dice", "")));
        assert_eq!(site.runs()[0].1.len(), requests);
        thread::sleep(Duration::from_millis(1_100));
    }
}

#[test]
fn a_run_under_way_grows() {
    let site = PracticeSite::open("0");
    let mut step = program(STEPS[0]).args(vec![site.1.clone() + "/dice"; 12]).spawn().unwrap();
    let pictures = iter::from_fn(|| step.try_wait().unwrap().is_none().then(|| site.runs()));
    // The newest box is narrower than 90 ms: its request is under way.
    let mut boxes = pictures.flatten().map(|run| run.1).filter(|it| it.last().unwrap()[2] < 90);
    assert!(boxes.next() < boxes.last());
    assert!(site.page("/picture.svg", "").contains("type: image/svg+xml\r\nrefresh: 1\r\n"));
    assert_eq!(site.runs()[0].0[2], "requests: 12, connections: 1, at once: 1");
}

#[test]
fn giving_up_ends_a_request() {
    let site = PracticeSite::open("0");
    (0..1_160).for_each(|_| drop((site.ask("/jython", ""), site.page("/", ""))));
    site.page("/dice", ""); // Without giving up, all would be over by now.
    let (labels, boxes) = site.runs().remove(0);
    assert!(labels[2].starts_with("requests: 1161, connections: 1161, "), "{labels:?}");
    assert!(boxes.iter().any(|it| it[2] < 90), "{boxes:?}");
}

#[test]
fn the_page_says_what_to_type() {
    let site = PracticeSite::open("0");
    assert!(site.page("/", "").contains(&format!(" {}/{{jython,dice}}#", site.1)));
}

#[test]
fn a_wrong_port_is_an_error() {
    let site = PracticeSite::open("0");
    let taken = &site.1["http://127.0.0.1:".len()..];
    for (port, error) in [(taken, ": give another port\n"), ("x", "\"x\" is not a port")] {
        let mut ended = PracticeSite::open(port);
        assert!(ended.1.is_empty() && ended.0.wait().unwrap().code() == Some(1));
        assert!(io::read_to_string(ended.0.stderr.take().unwrap()).unwrap().contains(error));
    }
}

#[test]
fn the_readmes_picture_matches_its_table() {
    let (readme, picture) = (read("README.md"), read(".github/picture.svg"));
    assert!(picture.len() < 20_000 && drawn(&picture).len() == 4);
    for ([seconds, agent, _, early], _) in drawn(&picture) {
        let both = format!(r"(?s){agent}: {seconds} s, {early}.*\n\| {agent}.*? (\d\S*) s");
        let (_, [shown]) = Regex::new(&both).unwrap().captures(&readme).unwrap().extract();
        let [seconds, shown] = [&seconds, shown].map(|seconds| seconds.parse::<f64>().unwrap());
        assert!((seconds - shown).abs() < (0.1 * shown).max(0.05), "{agent}: {seconds} s");
    }
}
