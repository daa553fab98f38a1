//! Whether the people of an organisation can do what the processes of an office ask.

use tongban_engine::{
    definition::{load_office, staffing_findings},
    organisation::Organisation,
};

use super::{office, shown};

/// Everybody who is needed; window clerk and leader are different people.
const PEOPLE: &str = "
units: {a: {name: {zh: 甲}, kind: district}}
people:
  wang: {name: 王, posts: [{role: window-clerk, unit: a}]}
  lin: {name: 林, posts: [{role: case-handler, unit: a}]}
  zhou: {name: 周, posts: [{role: deputy-director, unit: a}]}
  gao: {name: 高, posts: [{role: reviewer, unit: a}]}
";

fn told(people: &str) -> (Vec<(&'static str, u32)>, String) {
    let organisation: Organisation = serde_yaml::from_str(people).unwrap();
    let (office, _) = load_office(&office::bundle());
    let findings = staffing_findings(office.definitions.values(), &organisation);
    (findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect(), shown(&office, &findings))
}

#[test]
fn an_organisation_that_has_everybody_is_no_finding() {
    let (found, text) = told(PEOPLE);
    assert_eq!(found, [], "{text}");
}

#[test]
fn a_lane_and_an_assignment_that_nobody_can_fill_are_told() {
    let (found, text) = told(&PEOPLE.replace("role: deputy-director", "role: reviewer"));
    assert_eq!(found, [("P004", 14)], "{text}");
    let (found, text) = told(&PEOPLE.replace("role: reviewer", "role: case-handler"));
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["P004"], "{text}");
}

#[test]
fn four_eyes_need_two_people_at_each_unit() {
    let alone = PEOPLE
        .replace("zhou: {name: 周, posts: [{role: deputy-director, unit: a}]}", "zhou: {name: 周, posts: []}")
        .replace("posts: [{role: case-handler, unit: a}]", "posts: [{role: case-handler, unit: a}, {role: deputy-director, unit: a}]");
    let (found, text) = told(&alone);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["P005"], "{text}");
    assert!(text.contains("only `lin` can do either"), "{text}");
}

#[test]
fn a_substitute_counts_and_who_is_away_or_must_keep_away_does_not() {
    let away = PEOPLE.replace("posts: [{role: reviewer, unit: a}]", "posts: [{role: reviewer, unit: a}], stands_in: [{absent: zhou}]");
    assert_eq!(told(&away).0, [], "gao stands in for zhou");
    let both =
        away.replace("posts: [{role: deputy-director, unit: a}]", "posts: [{role: deputy-director, unit: a}], stands_in: [{absent: gao}]");
    let (found, text) = told(&both);
    assert_eq!(found.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["P004", "P004"], "each is away with the other: {text}");
    let recused = format!("{PEOPLE}recusals: [{{id: r, person: lin, about: {{unit: temple}}, reason: 任职}}]\n");
    let (found, text) = told(&recused);
    assert!(!found.is_empty() && text.contains("for what `temple` applies for"), "{text}");
}
