//! Seeded mistakes: each replaces a good text of the example by a bad one, which is told at the marked line.

use serde::Deserialize;

use super::{PROCESS, load_with, shown};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mistake {
    about: String,
    /// What stands in the example, and loads without a finding.
    good: String,
    /// What replaces it; the comment `# <- CODE` stands in the line where the finding is expected.
    bad: String,
    /// A second replacement that belongs to the mistake.
    also: Option<Replacement>,
    /// Findings that come along, by code.
    #[serde(default)]
    besides: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Replacement {
    good: String,
    bad: String,
}

#[test]
fn every_seeded_mistake_is_found_on_its_line() {
    let mistakes: Vec<Mistake> = serde_yaml::from_str(include_str!("mistakes.yaml")).unwrap();
    assert!(mistakes.len() >= 25);
    let failures: Vec<String> = mistakes.iter().filter_map(|mistake| check(mistake).err()).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}

fn check(mistake: &Mistake) -> Result<(), String> {
    let also = mistake.also.iter().map(|also| (also.good.as_str(), also.bad.as_str()));
    let (office, findings) = load_with(std::iter::once((mistake.good.as_str(), mistake.bad.as_str())).chain(also));
    let text = &office.sources[PROCESS].text;
    let (line, code) = text.lines().zip(1..).find_map(|(line, number)| Some((number, line.split_once("# <- ")?.1.trim()))).unwrap();
    let found: Vec<(&str, u32)> = findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect();
    let expected = |&&(found_code, found_line): &&(&str, u32)| found_code == code && found_line == line;
    let strangers: Vec<_> =
        found.iter().filter(|found| !expected(found) && !mistake.besides.iter().any(|besides| besides == found.0)).collect();
    if found.iter().filter(expected).count() == 1 && strangers.is_empty() {
        return Ok(());
    }
    Err(format!("{}: expected {code} in line {line}, found {found:?}\n{}", mistake.about, shown(&office, &findings)))
}
