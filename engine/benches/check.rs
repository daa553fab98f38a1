//! How long it takes to load and check a process of 1,000 lines, with all its proofs: the median of five runs, printed as
//! `check_1000_lines_ms N`. The promise is at most 200 ms.

#![expect(clippy::disallowed_methods, clippy::print_stdout, clippy::expect_used, reason = "a bench reads the clock and prints")]

use std::{fmt::Write as _, time::Instant};

use tongban_engine::{
    definition::{Bundle, load_office},
    diagnostic::Severity,
};

const LINES: usize = 1_000;
const RUNS: usize = 5;

const HEAD: &str = "process: long
name: {zh: 长流程, en: Long}
dialect: 1
kind: licence
calendar: cn
lanes:
  window: {name: {zh: 窗口, en: Window}, role: clerk, unit: meta.unit}
data:
  extra:
    amount: {type: integer, default: 0}
    note: {type: text}
    grave: {type: boolean, default: false}
flow:
  - startEvent: begin
";

/// One stretch of the procedure: a task with actions and a boundary event, a choice, work side by side, a loop back.
fn stretch(text: &mut String, no: usize) {
    write!(
        text,
        "  - userTask: check_{no}
    name: {{zh: 审查, en: Check}}
    lane: window
    form: {{use: small, edit: [note, amount]}}
    due: 2wd
    actions:
      accept: {{name: {{zh: 通过, en: Accept}}, require: [note]}}
      again: {{name: {{zh: 重办, en: Again}}, to: check_{no}, when: amount < 3}}
    boundary:
      - boundaryEvent: late_{no}
        timer: {{after: 1wd}}
        interrupting: false
        do:
          - serviceTask: urge_{no}
            operation: a.b
  - exclusiveGateway: choice_{no}
    branches:
      - when: amount >= 3 && is_set(note)
        do:
          - scriptTask: reckon_{no}
            script: amount = amount + 1; grave = amount > 10;
      - otherwise: true
  - parallelGateway: both_{no}
    branches:
      - do:
          - userTask: left_{no}
            lane: window
            due: 1wd
      - do:
          - serviceTask: right_{no}
            operation: a.b
            with: {{amount: amount}}
  - subProcess: inner_{no}
    do:
      - userTask: inside_{no}
        lane: window
        due: 1wd
        form: {{use: small, edit: [note]}}
"
    )
    .expect("a string takes it");
}

fn bundle() -> Bundle {
    let mut text = HEAD.to_owned();
    let mut no = 0;
    while text.lines().count() < LINES - 1 {
        no += 1;
        stretch(&mut text, no);
    }
    text.push_str("  - endEvent: done\n");
    let files = [
        ("workflows/a/long/process.yaml", text.as_str()),
        ("workflows/roles.yaml", "roles:\n  clerk: {name: {zh: 办事员, en: Clerk}}\n"),
        ("forms/small.yaml", "form: small\nname: {zh: 小表, en: Small}\ngroups:\n  - {name: {zh: 组, en: Group}, fields: [title_text]}\n"),
        (
            "forms/fields/one.yaml",
            "- field: title_text\n  name: {zh: 标题, en: Title}\n  type: text\n  class: P1\n  purpose: 登记\n  basis: 条例 第一条\n",
        ),
        ("forms/calendars/cn.yaml", include_str!("../tests/definition/office/forms/calendars/cn.yaml")),
    ];
    Bundle { files: files.into_iter().map(|(path, text)| (path.to_owned(), text.to_owned())).collect() }
}

fn main() {
    let bundle = bundle();
    let (_, findings) = load_office(&bundle);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{} {} {}", finding.code, finding.place, finding.message.zh))
        .collect();
    assert!(errors.is_empty(), "{errors:#?}");
    let told: std::collections::BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
    let mut times: Vec<u128> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            let loaded = load_office(&bundle);
            let taken = begun.elapsed().as_micros();
            drop(loaded);
            taken
        })
        .collect();
    times.sort_unstable();
    println!("check_1000_lines_ms {:.1}", times[RUNS / 2] as f64 / 1000.0);
    println!("  told: {told:?}");
}
