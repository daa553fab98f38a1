//! Whether the people of an organisation can do what the processes of an office ask.

use tongban_engine::{
    definition::{load_office, staffing_findings, two_in_one},
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
fn nobody_is_two_of_the_three_administrators() {
    let roles = |may: &str| format!("  keeper: {{name: 管人, may: [people]}}\n  second: {{name: 另一, may: [{may}]}}\n");
    let people = |terms: [&str; 2]| {
        let posts = format!("[{{role: keeper, unit: a{}}}, {{role: second, unit: a{}}}]", terms[0], terms[1]);
        serde_yaml::from_str(&format!("people: {{guan: {{name: 管, posts: {posts}}}}}")).unwrap()
    };
    let found = |may: &str, terms: [&str; 2]| {
        let mut bundle = office::bundle();
        bundle.files.get_mut("workflows/roles.yaml").unwrap().push_str(&roles(may));
        two_in_one(&people(terms), &load_office(&bundle).0.roles)
    };
    let both = found("audit", ["", ""]);
    assert_eq!((both[0].person.as_str(), both[0].duties), ("guan", ["people", "audit"]));
    assert_eq!(found("people", ["", ""]), [], "the same duty twice");
    assert_eq!(found("intake", ["", ""]), []);
    assert_eq!(found("audit", [", until: 10", ", from: 10"]), [], "one after the other");
    assert_eq!(found("audit", [", until: 11", ", from: 10"]).len(), 1);

    let mut bundle = office::bundle();
    bundle.files.get_mut("workflows/roles.yaml").unwrap().push_str(&roles("grants"));
    let people = PEOPLE.replace("posts: [{role: reviewer", "posts: [{role: keeper, unit: a}, {role: second, unit: a}, {role: reviewer");
    let (office, _) = load_office(&bundle);
    let findings = staffing_findings(office.definitions.values(), &serde_yaml::from_str(&people).unwrap());
    assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), ["P012"]);
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
