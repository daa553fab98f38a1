//! `tests/security/asvs.csv`: each requirement of OWASP ASVS 5.0 at levels 1 and 2, with how far it is met and what shows
//! it. The ids are the standard's, the words are ours.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, fs};

use tongban_tests::office::root;

/// Requirements of level 1 and of level 2 in version 5.0.0.
const REQUIREMENTS: [(&str, usize); 2] = [("1", 70), ("2", 183)];

/// A heading as a link names it.
fn anchor(heading: &str) -> String {
    let words = heading.trim_start_matches('#').trim().to_lowercase();
    words.chars().filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_')).map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// What is wrong with a piece of evidence: `path`, `path::text within`, `README.md#heading`.
fn fault(evidence: &str) -> Option<String> {
    let (path, within) = evidence.split_once("::").unwrap_or((evidence, ""));
    let (path, heading) = path.split_once('#').unwrap_or((path, ""));
    let path = root().join(path);
    if path.is_dir() && within.is_empty() {
        return None;
    }
    let Ok(text) = fs::read_to_string(&path) else { return Some(format!("there is no {evidence}")) };
    let headed = heading.is_empty() || text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
    (!headed || !text.contains(within)).then(|| format!("not found: {evidence}"))
}

#[test]
fn every_requirement_has_a_status_and_what_shows_it() {
    let mut table = csv::Reader::from_path(root().join("tests/security/asvs.csv")).unwrap();
    let rows: Vec<[String; 5]> = table.deserialize().map(|row| row.unwrap()).collect();
    for (level, count) in REQUIREMENTS {
        let ids: BTreeSet<&str> = rows.iter().filter(|row| row[1] == level).map(|row| row[0].as_str()).collect();
        assert_eq!(ids.len(), count, "requirements of level {level}, each once");
    }
    let mut faults = Vec::new();
    for [id, _, status, evidence, remark] in &rows {
        let shown: Vec<&str> = evidence.split_whitespace().collect();
        let fits = match status.as_str() {
            "met" => !shown.is_empty(),
            "partly" => !shown.is_empty() && !remark.is_empty(),
            "no" | "n/a" => !remark.is_empty(),
            _ => false,
        };
        if !fits {
            faults.push(format!("{id}: `{status}` needs evidence or a remark"));
        }
        faults.extend(shown.into_iter().filter_map(fault).map(|fault| format!("{id}: {fault}")));
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
