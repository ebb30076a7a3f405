//! The practice site by itself, and the picture of what it has seen.

use crate::{IO_STEPS, Run, for_each, program, read, within};
use std::io::{self, BufRead, BufReader, Write};
use std::{net::TcpStream, process::Child, thread, time::Duration};
use {regex::Regex, roxmltree::Document};

/// The practice site and its URL, until this is dropped.
struct PracticeSite(Child, String);

/// A run as it is drawn: its labels (the seconds, the agent, the figures, how many ended early), and
/// each box's x, y and width.
type Drawn = ([String; 4], Vec<[usize; 3]>);

impl PracticeSite {
    fn open(port: &str) -> Self {
        let mut program = program("practice_site").arg(port).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(program.stdout.take().unwrap()).read_line(&mut line).unwrap();
        Self(program, line.split(' ').nth(4).unwrap().trim_end_matches("/jython").into())
    }

    /// Asks, and gives up when the connection is dropped.
    fn ask(&self, path: &str, agent: &str) -> TcpStream {
        let mut client = TcpStream::connect(&self.1["http://".len()..]).unwrap();
        client.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
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
        assert_eq!((boxes.len(), boxes.last().unwrap()[1] / 4 + 1), (requests, lanes), "{run:?}");
        // Lane by lane, and in each one box after another. A box is at least one wide.
        assert!(boxes.is_sorted_by(|a, b| (a[1], a[0] + a[2]) <= (b[1], b[0] + 1)), "{run:?}");
        assert!(boxes.iter().map(|it| it[0] + it[2]).max().unwrap().abs_diff(10 * hundredths) <= 6);
        ([seconds, agent, figures, early].map(String::from), boxes)
    });
    runs.collect()
}

/// The axis is 62 % of the picture, and begins at 1 %.
fn assert_ticks_are_in_place(picture: &str) {
    let axis = Regex::new(r"class='all'.* viewBox='0 0 (\d+) ").unwrap();
    let axis: f64 = axis.captures(picture).unwrap()[1].parse().unwrap();
    let tick = Regex::new(r"<line x1='(.+)%' x2=.*>(.+) s<").unwrap();
    let ticks = tick.captures_iter(picture).map(|tick| tick.extract().1);
    let ticks: Vec<_> = ticks.map(|it| it.map(|number| number.parse::<f64>().unwrap())).collect();
    assert!(ticks.len() > 1 && ticks.iter().all(|[x, s]| (x - 1.0 - 62e3 * s / axis).abs() < 0.01));
}

#[test]
fn each_program_makes_a_run() {
    let (site, name) = (PracticeSite::open("0"), r#"<script>&amp;"'</text>]]>"#);
    let urls = vec![["jython", "dice"].map(|it| format!("{}/{it}", site.1)); 6].concat();
    for_each(&IO_STEPS, |step| {
        Run::with(step, &urls).prints("Read 10966 ").prints("Read 277 ");
    });
    (0..12).for_each(|_| drop(site.page("/dice", name)));
    let runs = site.runs();
    for program in IO_STEPS.map(|step| &step[3..]).into_iter().chain([name]) {
        // On a busy machine a program may pause for a second, and make two runs.
        let own = runs.iter().filter(|run| run.0[1].contains(program));
        assert_eq!(own.clone().map(|run| run.1.len()).sum::<usize>(), 12, "{program}");
        for (labels, boxes) in own {
            let ended = boxes.iter().filter(|it| it[2] >= 90 && it[0] + it[2] <= 500).count();
            assert_eq!(labels[3], format!("{ended} of {}", boxes.len()));
        }
    }
    assert_ticks_are_in_place(&site.page("/picture.svg", ""));
}

#[test]
fn a_second_without_requests_ends_a_run() {
    let site = PracticeSite::open("0");
    for requests in 1..3 {
        (0..requests).for_each(|_| drop(site.page("/dice", "")));
        assert!((1..=requests).contains(&site.runs()[0].1.len()));
        thread::sleep(Duration::from_millis(1_100));
    }
}

#[test]
fn a_request_ends_when_its_client_gives_up() {
    let site = PracticeSite::open("0");
    (0..20).for_each(|_| drop(site.ask("/jython", "")));
    site.page("/dice", "");
    assert!(within(60, || !site.runs()[0].0[1].starts_with("so far, ")));
}

#[test]
fn the_page_says_what_to_type() {
    let site = PracticeSite::open("0");
    let page = site.page("/", "");
    assert!(page.contains(&format!(" {}/{{jython,dice}}#", site.1)));
    // The picture renews itself.
    assert!(page.contains("<iframe src=\"/picture.svg\" "));
    assert!(site.page("/picture.svg", "").contains("type: image/svg+xml\r\nrefresh: 1\r\n"));
}

#[test]
fn the_readmes_picture_matches_its_table() {
    let (readme, picture) = (read("README.md"), read(".github/picture.svg"));
    assert!(picture.len() < 20_000 && drawn(&picture).len() == 4);
    assert_ticks_are_in_place(&picture);
    for ([seconds, agent, _, early], _) in drawn(&picture) {
        let both = format!(r"(?s){agent}: {seconds} s, {early}.*\n\| {agent}.*? (\d\S*) s");
        let (_, [shown]) = Regex::new(&both).unwrap().captures(&readme).unwrap().extract();
        let [seconds, shown] = [&seconds, shown].map(|seconds| seconds.parse::<f64>().unwrap());
        assert!((seconds - shown).abs() < (0.1 * shown).max(0.05), "{agent}: {seconds} s");
    }
}
