//! The practice site by itself, and the picture of what it has seen.

use crate::{Run, program, root};
use roxmltree::{Document, Node};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{fs, thread};

const AT_MOST: Duration = Duration::from_secs(20);

/// The practice site, until this is dropped.
struct PracticeSite(Child, String);

/// A run as it is drawn: its labels, and each box's x, y and width.
#[derive(Debug, PartialEq)]
struct Drawn {
    seconds: f64,
    agent: String,
    /// Requests, connections and how many were under way at most.
    figures: Vec<usize>,
    ended_early: usize,
    boxes: Vec<(usize, usize, usize)>,
}

impl PracticeSite {
    fn open() -> Self {
        let mut program = program("examples/practice_site").arg("0").spawn().unwrap();
        let stdout = BufReader::new(program.stdout.take().unwrap());
        let (sender, line) = mpsc::channel();
        thread::spawn(move || sender.send(stdout.lines().next().unwrap().unwrap()));
        let mut site = Self(program, String::new()); // It is closed if this test fails from here on.
        let line = line.recv_timeout(AT_MOST).unwrap();
        site.1 = line.split(['/', ' ']).find(|word| word.starts_with("127.0.0.1:")).unwrap().into();
        site
    }

    fn urls(&self, count: usize) -> Vec<String> {
        (0..count).map(|n| format!("http://{}/dice#{n}", self.1)).collect()
    }

    fn ask(&self, path: &str, agent: &str) -> TcpStream {
        let mut client = TcpStream::connect(&self.1).unwrap();
        client.set_read_timeout(Some(AT_MOST)).unwrap();
        let head = format!("host: {}\r\nuser-agent: {agent}\r\nconnection: close", self.1);
        client.write_all(format!("GET {path} HTTP/1.1\r\n{head}\r\n\r\n").as_bytes()).unwrap();
        client
    }

    fn page(&self, path: &str, agent: &str) -> String {
        let mut page = String::new();
        self.ask(path, agent).read_to_string(&mut page).unwrap();
        page
    }

    /// The runs in the picture, the newest first. In all of them the boxes and the labels agree.
    fn runs(&self) -> Vec<Drawn> {
        let answer = self.page("/picture.svg", "");
        let (head, picture) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-type: image/svg+xml") && head.contains("refresh: 1"));
        let runs = Drawn::all(picture);
        for run in &runs {
            let Drawn { figures, boxes, .. } = run;
            // Each a millisecond shorter, because a box is at least one wide.
            let at_once = boxes.iter().map(|(x, ..)| {
                boxes
                    .iter()
                    .filter(|(from, _, width)| (*from..from + width - 1).contains(x))
                    .count()
            });
            let lanes: Vec<usize> = (0..figures[2]).map(|lane| 4 * lane).collect();
            let mut used: Vec<usize> = boxes.iter().map(|(_, y, _)| *y).collect();
            used.dedup();
            assert_eq!(used, lanes, "{run:?}");
            assert!(figures[0].min(1_000) <= boxes.len() && boxes.len() <= figures[0], "{run:?}");
            assert!(at_once.max().unwrap() <= figures[2], "{run:?}");
            let end = boxes.iter().map(|(x, _, width)| x + width).max().unwrap();
            assert!((run.seconds - f64::from(u32::try_from(end).unwrap()) / 1e3).abs() < 0.01);
        }
        runs
    }

    /// The runs, as soon as they are as expected.
    fn runs_when(&self, expected: impl Fn(&[Drawn]) -> bool) -> Vec<Drawn> {
        let start = Instant::now();
        loop {
            let runs = self.runs();
            if expected(&runs) {
                return runs;
            }
            assert!(start.elapsed() < AT_MOST, "{runs:?}");
        }
    }
}

impl Drop for PracticeSite {
    fn drop(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drawn {
    fn all(picture: &str) -> Vec<Self> {
        let picture = Document::parse(picture).unwrap();
        let is_run = |node: &Node| node.attribute("id").is_some_and(|id| id.starts_with("run"));
        picture.descendants().filter(is_run).map(|run| Self::new(&run)).collect()
    }

    fn new(run: &Node) -> Self {
        let labels = run.ancestors().nth(2).unwrap();
        let text = |node: Node| -> String {
            node.descendants().filter(Node::is_text).filter_map(|node| node.text()).collect()
        };
        let title = text(labels.prev_sibling_element().unwrap());
        let (seconds, agent) = title.split_once(" s ").unwrap();
        let texts: Vec<_> = labels
            .children()
            .filter(|node| node.has_tag_name(("http://www.w3.org/2000/svg", "text")))
            .map(text)
            .collect();
        let numbers = |text: &str| -> Vec<usize> {
            text.split(|c: char| !c.is_ascii_digit())
                .filter_map(|number| number.parse().ok())
                .collect()
        };
        let path = run.first_element_child().unwrap().attribute("d").unwrap();
        let boxes = path.split('M').skip(1).map(|drawn| {
            let [x, y, width, 4, back] = numbers(drawn)[..] else { panic!("{drawn}") };
            assert_eq!(width, back);
            (x, y, width)
        });
        Self {
            seconds: seconds.parse().unwrap(),
            agent: agent.into(),
            figures: numbers(&texts[0]),
            ended_early: numbers(&texts[1])[0],
            boxes: boxes.collect(),
        }
    }
}

#[test]
fn two_steps_at_once_are_two_runs_and_a_second_later_the_same_step_is_a_third() {
    let site = PracticeSite::open();
    assert!(site.runs().is_empty());
    let steps = ["01_io_non_concurrent", "04_io_asyncio"];
    thread::scope(|scope| {
        for step in steps {
            scope.spawn(|| assert_eq!(Run::with(step, &site.urls(12)).status, Some(0)));
        }
    });
    let mut two = site.runs();
    two.sort_by_key(|run| run.agent.clone());
    let [asyncio, one] = &two[..] else { panic!("{two:?}") };
    assert_eq!((asyncio.agent.as_str(), asyncio.figures[0]), ("io_asyncio/0.1.0", 12));
    assert_eq!(
        (one.agent.as_str(), &one.figures[..]),
        ("io_non_concurrent/0.1.0", &[12, 1, 1][..])
    );
    assert!(one.ended_early <= 5 && one.boxes.iter().all(|(_, _, width)| *width >= 90), "{one:?}");
    thread::sleep(Duration::from_millis(1_100));
    Run::with(steps[0], &site.urls(1));
    let three = site.runs();
    assert_eq!(
        (three.len(), three[0].agent.as_str(), three[0].boxes.len()),
        (3, "io_non_concurrent/0.1.0", 1)
    );
    assert!(two.contains(&three[1]) && two.contains(&three[2]), "{three:?}");
}

#[test]
fn a_run_under_way_grows_and_after_1000_requests_only_its_last_boxes_do() {
    let site = PracticeSite::open();
    thread::scope(|scope| {
        scope.spawn(|| Run::with("04_io_asyncio", &site.urls(1_100)));
        let widths = |runs: &[Drawn]| -> Vec<usize> {
            runs.iter().flat_map(|run| &run.boxes).map(|of| of.2).collect()
        };
        let under_way = site.runs_when(|runs| widths(runs).iter().any(|width| *width < 90));
        let done = site.runs_when(|runs| {
            runs[0].figures[0] == 1_100 && widths(runs).iter().all(|width| *width >= 90)
        });
        assert!(
            done.len() == 1
                && done[0].boxes.len() <= 1_080
                && done[0].seconds > under_way[0].seconds
        );
    });
}

#[test]
fn a_request_is_drawn_as_far_as_it_came_when_its_client_gives_up() {
    let site = PracticeSite::open();
    for batch in 1..=16 {
        let _clients: Vec<_> = (0..10).map(|_| site.ask("/jython", "impatient")).collect();
        site.runs_when(|runs| runs.first().is_some_and(|run| run.boxes.len() == 10 * batch));
    }
    // When this one is answered, the others would have been, too.
    site.page("/dice", "impatient");
    let runs = site.runs();
    assert_eq!(runs[0].figures[..2], [161, 161]);
    assert!(runs[0].boxes.iter().any(|(_, _, width)| *width < 90), "{runs:?}");
}

#[test]
fn any_client_is_served_and_its_name_is_text() {
    let site = PracticeSite::open();
    let name = r#"<script>&amp;"'</text>]]>"#;
    assert!(site.page("/jython", name).ends_with(&format!("\r\n\r\n{}", ".".repeat(10_966))));
    assert!(site.page("/dice", name).ends_with(&format!("\r\n\r\n{}", ".".repeat(277))));
    let runs = site.runs();
    assert_eq!((runs[0].agent.as_str(), &runs[0].figures[..]), (name, &[2, 2, 1][..]));
    let page = site.page("/", name);
    assert!(
        page.contains(&format!("http://{}/{{jython,dice}}#{{1..80}}", site.1))
            && !page.contains("SITE")
    );
    let ask = "import requests, sys; s = requests.Session(); [s.get(url) for url in sys.argv[1:]]";
    let python = |program, args: &[String]| {
        Command::new("python3").args(["-c", program]).args(args).output()
    };
    if python("import requests", &[]).is_ok_and(|run| run.status.success()) {
        assert!(python(ask, &site.urls(3)).unwrap().status.success());
        let runs = site.runs();
        assert!(runs[0].agent.starts_with("python-requests/"), "{runs:?}");
        assert_eq!((runs.len(), runs[0].boxes.len(), &runs[0].figures[..]), (2, 3, &[3, 1, 1][..]));
    }
}

#[test]
fn a_port_that_cannot_be_had_is_an_error() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    for (port, error) in [
        (port.as_str(), format!("Error: cannot use port {port}: give another port")),
        ("x", "Error: \"x\" is not a port: give a number from 1 to 65535".into()),
    ] {
        let run = Run::with("examples/practice_site", &[port]);
        assert_eq!((&run.stderr[0], run.status), (&error, Some(1)));
    }
}

#[test]
fn the_picture_in_the_readme_shows_the_figures_of_its_table() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let picture = fs::read_to_string(root().join(".github/picture.svg")).unwrap();
    assert!(picture.len() < 20_000);
    let runs = Drawn::all(&picture);
    assert_eq!(runs.len(), 4);
    for Drawn { agent, seconds, figures, ended_early, .. } in runs {
        let row = readme.lines().find(|line| line.starts_with(&format!("| {agent}"))).unwrap();
        let times = row.split('|').nth(2).unwrap();
        let shown: f64 = times.split(' ').find_map(|word| word.parse().ok()).unwrap();
        assert!((seconds - shown).abs() < (0.1 * shown).max(0.05), "{agent}: {seconds} s\n{row}");
        let alt = format!("{agent}: {seconds:.2} s, {ended_early} of {}", figures[0]);
        assert!(readme.contains(&alt), "{alt}");
    }
}
