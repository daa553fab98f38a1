//! What is surely written, and which choices leave no gap: small flows with exactly the findings that they deserve.

use serde::Deserialize;
use tongban_engine::definition::{Bundle, load_office};

use super::{office, shown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    about: String,
    flow: String,
    /// `CODE LINE`, all that is found besides notes on the English texts.
    #[serde(default)]
    find: Vec<String>,
    /// What some message says.
    told: Option<String>,
}

const HEAD: &str = "process: small
name: {zh: 小流程, en: Small}
dialect: 1
calendar: cn
lanes: {handler: {name: {zh: 承办人, en: Handler}, role: case-handler}}
data:
  extra:
    a: {type: text}
    b: {type: text}
    n: {type: integer}
    flag: {type: boolean}
    kind: {type: code<risk-level>}
    list: {type: list<text>}
    counted: {type: integer, default: 0}
flow:
  - startEvent: begin
";
const FORM: &str = "form: small\nname: {zh: 小表, en: Small}\ngroups:\n  - {name: {zh: 活动, en: Event}, fields: [event_name]}\n";

fn check(case: &Case) -> Result<(), String> {
    let indented: String = case.flow.lines().map(|line| format!("  {line}\n")).collect();
    let mut bundle: Bundle = office::bundle();
    bundle.files.retain(|path, _| !path.contains("large-event") && !path.contains("fragments/"));
    bundle.files.insert("forms/small.yaml".to_owned(), FORM.to_owned());
    bundle.files.insert("workflows/a/small/process.yaml".to_owned(), format!("{HEAD}{indented}  - endEvent: done\n"));
    let (office, findings) = load_office(&bundle);
    let above = u32::try_from(HEAD.lines().count()).unwrap();
    let found: Vec<String> =
        findings.iter().map(|finding| format!("{} {}", finding.code, finding.place.span.line.saturating_sub(above))).collect();
    let text = shown(&office, &findings);
    if found == case.find && case.told.as_ref().is_none_or(|told| text.contains(told)) {
        return Ok(());
    }
    Err(format!("{}: expected {:?} {:?}, found {found:?}\n{text}", case.about, case.find, case.told))
}

#[test]
fn each_small_flow_has_the_findings_that_it_deserves() {
    let cases: Vec<Case> = serde_yaml::from_str(include_str!("written.yaml")).unwrap();
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
