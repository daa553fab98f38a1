//! How long the engine takes to decide a command and to record it: completing a task in a process of 30 nodes, and a case
//! of 10 nodes that goes straight through. Prints the median of five runs in microseconds, `complete_30_nodes_us N`.
//!
//! `run NAME TIMES` does one of them so many times and prints nothing: what callgrind counts (tests/benches/instructions).

#![expect(clippy::disallowed_methods, clippy::print_stdout, reason = "a bench reads the clock and prints")]

use std::{collections::BTreeMap, fmt::Write, hint::black_box, sync::Arc, time::Instant};

use serde_json::Map;
use tongban_engine::{
    definition::{Bundle, Definition, load_office},
    diagnostic::{Severity, render},
    interpreter::{Actor, Ask, Case, Command, Context, Start, apply, decide},
    organisation::{Organisation, Person, Post, Unit},
    text::{Language, Text},
    time::Moment,
};

const RUNS: usize = 5;
const TIMES: usize = 2_000;
/// 2026-03-09 10:00 in Shanghai.
const AT: Moment = Moment(1_773_021_600_000);

fn main() {
    let measured = [("complete_30_nodes", complete as fn() -> Box<dyn FnMut()>), ("straight_10_nodes", straight)];
    let mut asked = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    if let (Some(name), Some(times)) = (asked.next(), asked.next().and_then(|times| times.parse().ok())) {
        let (_, prepare) = measured.into_iter().find(|(known, _)| *known == name).expect("one of those measured");
        let mut once = prepare();
        (0..times).for_each(|_: usize| once());
        return;
    }
    for (name, prepare) in measured {
        let mut once = prepare();
        (0..TIMES).for_each(|_| once());
        let mut taken: Vec<f64> = (0..RUNS)
            .map(|_| {
                let begun = Instant::now();
                (0..TIMES).for_each(|_| once());
                begun.elapsed().as_secs_f64() * 1e6 / TIMES as f64
            })
            .collect();
        taken.sort_by(f64::total_cmp);
        println!("{name}_us {:.1} ({:.1}–{:.1})", taken[RUNS / 2], taken[0], taken[RUNS - 1]);
    }
}

/// A task in the middle of 30 nodes is completed: a boundary timer is taken away, a condition chooses, the next task opens.
fn complete() -> Box<dyn FnMut()> {
    let mut flow = String::from("  - startEvent: begin\n");
    for no in 1..=7 {
        write!(
            flow,
            "  - userTask: task_{no}\n    lane: desk\n    due: 2wd\n    form: {{use: wish, edit: [remark]}}\n    actions: {{go: {{name: 去}}, back: {{name: 回, to: task_{no}, when: count > 3}}}}\n    \
            boundary: [{{boundaryEvent: late_{no}, timer: {{after: 3wd}}, interrupting: false, do: [{{scriptTask: note_{no}, script: count = count + 1}}]}}]\n"
        )
        .expect("a string takes it");
    }
    flow.push_str("  - exclusiveGateway: often\n    branches:\n      - {when: count > 2, do: [{scriptTask: many, script: count = 0}]}\n      - otherwise: true\n");
    flow.push_str("  - endEvent: done\n");
    let desk = Desk::new(&flow);
    assert!((30..=34).contains(&desk.definition.process.nodes.len()), "{} nodes", desk.definition.process.nodes.len());
    let case = desk.after(&desk.begun(), &desk.command("ann", done(&desk.begun())));
    let command = desk.command("ann", done(&case));
    Box::new(move || drop(black_box(desk.after(black_box(&case), &command))))
}

/// A case that begins and ends within one command.
fn straight() -> Box<dyn FnMut()> {
    let mut flow = String::from("  - startEvent: begin\n");
    (1..=6).for_each(|no| writeln!(flow, "  - scriptTask: step_{no}\n    script: count = count + {no}").expect("a string takes it"));
    flow.push_str("  - exclusiveGateway: often\n    branches:\n      - {when: count > 20, do: [{scriptTask: many, script: count = 0}]}\n      - otherwise: true\n");
    flow.push_str("  - endEvent: done\n");
    let desk = Desk::new(&flow);
    let begin = desk.command("ann", begin());
    Box::new(move || {
        let case = desk.after(&Case { id: "c".to_owned(), ..Case::default() }, &begin);
        assert_eq!(black_box(case).ended_at, ["done"]);
    })
}

fn begin() -> Ask {
    let start =
        Start { process: "trial".to_owned(), unit: "hall".to_owned(), source: "office".to_owned(), received_at: AT, ..Start::default() };
    Ask::Start(Box::new(start))
}

fn done(case: &Case) -> Ask {
    let task = *case.tasks.keys().next().expect("an open task");
    let data = std::iter::once(("remark".to_owned(), "同意".into())).collect::<Map<_, _>>();
    Ask::Complete { task, action: "go".to_owned(), data }
}

/// An office with one process.
struct Desk {
    definition: Arc<Definition>,
    organisation: Organisation,
    series: BTreeMap<String, u64>,
}

impl Desk {
    fn new(flow: &str) -> Self {
        let head = "process: trial\nname: 试\ndialect: 1\ncalendar: cn\nlanes:\n  desk: {name: 窗口, role: clerk, unit: meta.unit}\ndata:\n  form: wish\n  extra:\n    count: {type: integer, default: 0}\nflow:\n";
        let field = "- {field: remark, name: 意见, type: text, class: P1, purpose: 记录意见, basis: 条例 第一条}\n";
        let form = "form: wish\nname: 愿望\ngroups:\n  - {name: 愿望, fields: [{field: remark, optional: true}]}\n";
        let files = [
            ("forms/calendars/cn.yaml", include_str!("../tests/definition/office/forms/calendars/cn.yaml").to_owned()),
            ("forms/fields/f.yaml", field.to_owned()),
            ("forms/wish.yaml", form.to_owned()),
            ("workflows/roles.yaml", "roles:\n  clerk: {name: 经办}\n".to_owned()),
            ("workflows/t/trial/process.yaml", format!("{head}{flow}")),
        ];
        let files = files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect();
        let (mut office, mut findings) = load_office(&Bundle { files });
        findings.retain(|finding| finding.severity == Severity::Error);
        let told = render(&findings, &office.sources, Language::En);
        let definition = office.definitions.swap_remove("trial").unwrap_or_else(|| panic!("{told}"));
        let mut organisation = Organisation::default();
        let hall = Unit { name: Text::zh("大厅"), kind: "district".to_owned(), parent: None, code: None, items: Vec::new() };
        organisation.units.insert("hall".to_owned(), hall);
        let posts = vec![Post { role: "clerk".to_owned(), unit: "hall".to_owned() }];
        organisation.people.insert("ann".to_owned(), Person { name: "安".to_owned(), posts, ..Person::default() });
        Self { definition, organisation, series: BTreeMap::new() }
    }

    fn command(&self, person: &str, ask: Ask) -> Command {
        Command { case: "c".to_owned(), key: "k".to_owned(), actor: Actor::Person(person.to_owned()), at: AT, ask }
    }

    fn begun(&self) -> Case {
        self.after(&Case { id: "c".to_owned(), ..Case::default() }, &self.command("ann", begin()))
    }

    /// Decides and records; the case afterwards.
    fn after(&self, case: &Case, command: &Command) -> Case {
        let context = Context { organisation: &self.organisation, series: &self.series, choices: None };
        let start = matches!(command.ask, Ask::Start(_));
        let events = decide(&self.definition, (!start).then_some(case), command, &context).expect("it is taken");
        let mut case = case.clone();
        events.iter().for_each(|event| apply(&mut case, event, command.at));
        case
    }
}
