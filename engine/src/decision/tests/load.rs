//! Mistakes in the writing of a table, each with its place.

use super::*;

/// A good table; each case below replaces one line of it.
const GOOD: &str = "decision: t
name: 表
hitPolicy: first
inputs:
- {name: people}
- {name: level}
outputs:
- {name: points, type: integer}
rules:
- when: {people: '>= 10', level: [low, medium]}
  then: {points: 1}
- when: ['-', '-']
  then: [2]
";

#[test]
fn a_good_table_has_no_findings() {
    assert_eq!(read(GOOD).1, []);
    assert_eq!(read(GOOD).0.unwrap().result_type(), Some(FieldType::Integer));
}

#[test]
fn each_mistake_is_told_where_it_stands() {
    for (line, written, code, help) in [
        (1, "decison: t", "Y020", "decision"),
        (3, "hitPolicy: frist", "Y025", "first"),
        (3, "hitPolicy: priority", "D067", "values"),
        (3, "hitPolicy: first\naggregate: sum", "D067", "collect"),
        (5, "- {name: poeple}", "Y021", "type"),
        (5, "- {name: people, expression: 'people +'}", "Y040", ""),
        (5, "- {name: people, type: text}", "D004", ""),
        (5, "- {name: case, type: integer}", "D024", ""),
        (5, "- {name: people, values: '? > 3'}", "D065", ""),
        (5, "- {name: people}\n- {name: people}", "Y026", ""),
        (8, "- {name: points, type: interger}", "R021", "integer"),
        (8, "- {name: points}", "Y021", "type"),
        (8, "- {name: points, type: integer, default: 1.5}", "D066", ""),
        (10, "- when: {peple: 1}", "R024", "people"),
        (10, "- when: [1]", "Y022", "people"),
        (10, "- when: {people: many}", "D065", "< 5"),
        (10, "- when: {people: '[10..1]'}", "D065", ""),
        (10, "- when: {people: '> \"3\"'}", "D065", ""),
        (10, "- when: {level: hihg}", "D065", "high"),
        (10, "- when: {level: > low}", "D065", "not("),
        (10, "- when: {people: '? +'}", "Y040", ""),
        (10, "- when: {people: '? + 1'}", "D042", ""),
        (10, "- when: {people: '? == \"a\"'}", "D040", ""),
        (10, "- when: {level: '? == \"hihg\"'}", "D041", "high"),
        (11, "  then: {point: 1}", "R024", "points"),
        (11, "  then: {points: '= level'}", "D004", ""),
        (11, "  then: {points: 'people.foo('}", "Y040", ""),
        (11, "  then: {points: 'nosuch(1)'}", "R041", ""),
    ] {
        let text = GOOD.lines().enumerate().map(|(at, old)| if at + 1 == line { written } else { old }).collect::<Vec<_>>().join("\n");
        let (_, findings) = read(&text);
        let found = findings.iter().find(|finding| finding.code == code);
        let found = found.unwrap_or_else(|| panic!("{written}: {findings:#?}"));
        let lines = written.lines().count() as u32;
        assert!((line as u32..line as u32 + lines).contains(&found.place.span.line), "{written}: {}", found.place);
        if !help.is_empty() {
            let told = found.help.as_ref().map(|help| help.get(Language::En).to_owned()).unwrap_or_default();
            assert!(told.contains(help), "{written}: {told}");
        }
    }
}

#[test]
fn an_output_gives_only_its_values() {
    let (_, findings) = read(&GOOD.replace("type: integer}", "type: integer, values: [2, 3]}"));
    let help = findings[0].help.as_ref().map(|help| help.get(Language::En));
    assert_eq!((findings.len(), findings[0].code, findings[0].place.span.line, help), (1, "D066", 11, Some("did you mean `2`?")));
}

#[test]
fn the_caret_stands_where_the_cell_was_written() {
    let text = GOOD.replace("people: '>= 10'", "people: '? > 1 && ? > \"a\"'");
    let (_, findings) = read(&text);
    let line = text.lines().nth(9).unwrap();
    let column = line.find("> \"a\"").unwrap() + 1;
    assert_eq!((findings[0].code, findings[0].place.span.column as usize), ("D040", column), "{line}");
}

#[test]
fn names_of_the_process_are_looked_at_when_they_are_known() {
    let (table, findings) = read(&GOOD.replace("people: '>= 10'", "people: '>= limit'"));
    assert_eq!(findings, []);
    let table = table.unwrap();
    assert_eq!(table.reads(), ["people", "level", "limit"]);
    let known = |limit: Option<FieldType>| {
        move |name: &str| if name == "limit" { limit.clone() } else { standard().fields.get(name).map(|field| field.of.clone()) }
    };
    let codes = |findings: Vec<Finding>| findings.iter().map(|finding| finding.code).collect::<Vec<_>>();
    assert_eq!(codes(table.findings(rules(), &known(None))), ["R040"]);
    assert_eq!(codes(table.findings(rules(), &known(Some(FieldType::Text)))), ["D040"]);
    assert_eq!(codes(table.findings(rules(), &known(Some(FieldType::Integer)))), Vec::<&str>::new());
}
