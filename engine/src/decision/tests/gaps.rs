//! Gaps, overlaps and rules that never fire, with the counterexample as it is told.

use super::*;

fn table(head: &str, inputs: &str, rules: &[&str]) -> String {
    let inputs: String = inputs.split('|').map(|input| format!("- {{{input}}}\n")).collect();
    let rules: String = rules.iter().map(|rule| format!("- {rule}\n")).collect();
    format!("decision: t\nname: 表\n{head}\ninputs:\n{inputs}outputs:\n- {{name: y, type: integer}}\nrules:\n{rules}")
}

/// What is told in Chinese, with the code.
fn said(head: &str, inputs: &str, rules: &[&str]) -> Vec<String> {
    let (_, findings) = read(&table(head, inputs, rules));
    findings.iter().map(|finding| format!("{} {}", finding.code, finding.message.zh)).collect()
}

#[test]
fn gaps_are_told_with_a_counterexample() {
    for (inputs, rules, gap) in [
        ("name: people", vec!["{when: ['< 10'], then: [1]}", "{when: ['> 10'], then: [2]}"], Some("people = 10")),
        ("name: people", vec!["{when: ['< 10'], then: [1]}", "{when: ['>= 10'], then: [2]}"], None),
        ("name: people", vec!["{when: ['[1..10]'], then: [1]}", "{when: ['>= 11'], then: [2]}"], None),
        ("name: x, type: integer", vec!["{when: ['[1..10]'], then: [1]}", "{when: ['>= 11'], then: [2]}"], Some("x = 0")),
        ("name: x, type: decimal", vec!["{when: ['<= 10'], then: [1]}", "{when: ['>= 11'], then: [2]}"], Some("x = 10.5")),
        ("name: fee", vec!["{when: ['<= 99.99'], then: [1]}", "{when: ['>= 100'], then: [2]}"], None),
        ("name: fee", vec!["{when: ['< 99.99'], then: [1]}", "{when: ['>= 100'], then: [2]}"], Some("fee = 99.99")),
        ("name: held_on", vec!["{when: ['< 2026-03-01'], then: [1]}", "{when: ['> 2026-03-01'], then: [2]}"], Some("held_on = 2026-03-01")),
        ("name: held_on", vec!["{when: ['<= 2026-02-28'], then: [1]}", "{when: ['>= 2026-03-01'], then: [2]}"], None),
        ("name: t, type: time", vec!["{when: ['<= 11:59'], then: [1]}", "{when: ['>= 12:01'], then: [2]}"], Some("t = 12:00")),
        ("name: level", vec!["{when: [low], then: [1]}", "{when: [high], then: [2]}"], Some("level = medium")),
        ("name: level", vec!["{when: [low], then: [1]}", "{when: [not(low)], then: [2]}"], None),
        ("name: x, type: text", vec!["{when: [a], then: [1]}"], Some("x = （其他任何值）")),
        ("name: 'x', type: text, values: [a, b]", vec!["{when: [a], then: [1]}"], Some("x = b")),
        ("name: x, type: integer, values: '[0..9]'", vec!["{when: ['[0..8]'], then: [1]}"], Some("x = 9")),
        (
            "name: outdoor|name: level",
            vec!["{when: [true, low], then: [1]}", "{when: [false, '-'], then: [2]}"],
            Some("outdoor = true，level = medium"),
        ),
        ("name: outdoor", vec!["{when: [true], then: [1]}", "{when: [false], then: [2]}"], None),
        ("name: outdoor", vec!["{when: ['not(null)'], then: [1]}"], Some("outdoor = （没有值）")),
        ("name: level", vec!["{when: ['? != \"low\"'], then: [1]}"], Some("level = low")),
        (
            "name: people|name: held_on",
            vec!["{when: ['>= 3', '-'], then: [1]}", "{when: ['< 3', '>= 2026-01-01'], then: [2]}"],
            Some("people = 1，held_on = 2025-12-31"),
        ),
    ] {
        let expected: Vec<String> = gap.iter().map(|gap| format!("D060 没有规则覆盖：{gap}")).collect();
        assert_eq!(said("hitPolicy: any", inputs, &rules), expected, "{inputs} {rules:?}");
    }
}

#[test]
fn a_gap_stands_at_the_rules_in_both_languages() {
    let (found, findings) = read(&table("hitPolicy: first", "name: people", &["{when: ['> 1'], then: [1]}"]));
    assert!(found.is_some(), "the table itself is whole");
    assert_eq!(findings[0].message.get(Language::En), "no rule holds for people = 1");
    assert_eq!(findings[0].place.span.line, 9);
}

#[test]
fn defaults_and_lists_need_no_rule_for_everything() {
    let rules = ["{when: ['> 10'], then: [1]}"];
    assert_eq!(said("hitPolicy: collect", "name: people", &rules), Vec::<String>::new());
    let text = table("hitPolicy: unique", "name: people", &rules).replace("type: integer}", "type: integer, default: 0}");
    assert_eq!(told(&text), []);
}

#[test]
fn overlaps_are_errors_where_one_rule_must_hold() {
    let rules = ["{when: ['<= 10', '-'], then: [1]}", "{when: ['> 10', true], then: [2]}", "{when: ['>= 10', '-'], then: [2]}"];
    let inputs = "name: people|name: outdoor";
    let at = "（decisions/t.yaml:10:4）";
    assert_eq!(said("hitPolicy: unique", inputs, &rules), [format!("D061 规则 3 与规则 1{at}同时成立：people = 10，outdoor = true")]);
    assert_eq!(
        said("hitPolicy: any", inputs, &rules),
        [format!("D061 规则 3 与规则 1{at}同时成立而结果不同：people = 10，outdoor = true")]
    );
    assert_eq!(told(&table("hitPolicy: unique", inputs, &rules)), [("D061", 12)]);
    let agreeing = ["{when: ['<= 10', '-'], then: [1]}", "{when: ['> 5', '-'], then: [1]}"];
    assert_eq!(said("hitPolicy: any", inputs, &agreeing), Vec::<String>::new());
    assert_eq!(said("hitPolicy: first", inputs, &agreeing), Vec::<String>::new());
}

#[test]
fn rules_that_never_fire_are_warned_of() {
    let masked = ["{when: ['< 10'], then: [1]}", "{when: ['>= 10'], then: [2]}", "{when: ['[5..20]'], then: [3]}"];
    assert_eq!(said("hitPolicy: first", "name: people", &masked), ["D062 这条规则永不生效：前面的规则已全部覆盖"]);
    let empty = ["{when: ['< 1'], then: [1]}", "{when: ['-'], then: [2]}"];
    assert_eq!(said("hitPolicy: first", "name: people", &empty), ["D062 这条规则永不成立：它的条件没有值能满足"]);
    let ranked = table("hitPolicy: priority", "name: people", &["{when: ['< 10'], then: [1]}", "{when: ['-'], then: [2]}"]);
    assert_eq!(told(&ranked.replace("type: integer}", "type: integer, values: [2, 1]}")), [("D062", 9)]);
    assert_eq!(told(&ranked.replace("type: integer}", "type: integer, values: [1, 2]}")), []);
}

#[test]
fn what_expressions_decide_is_noted_not_guessed() {
    let rules = ["{when: ['? % 2 == 0'], then: [1]}", "{when: ['? % 2 == 1'], then: [2]}"];
    let note = "D063 未能证明既无遗漏也无冲突：规则 1、2含有表达式，例如 people = 1";
    assert_eq!(said("hitPolicy: unique", "name: people", &rules), [note]);
    assert_eq!(said("hitPolicy: first", "name: people", &[rules[0], "{when: ['-'], then: [2]}"]), Vec::<String>::new());
}

#[test]
fn a_table_beyond_the_limit_is_told() {
    let rules: Vec<String> = (0..1001).map(|at| format!("{{when: [{at}], then: [1]}}")).collect();
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    assert_eq!(told(&table("hitPolicy: unique", "name: people", &rules)).iter().map(|found| found.0).collect::<Vec<_>>(), ["D064"]);
}

/// Every input is tested by one rule of its own, so that no prefix of a place says much about the rest.
#[test]
fn a_search_without_end_ends_and_is_told() {
    let inputs: String = (0..30).map(|at| format!("name: x{at}, type: boolean")).collect::<Vec<_>>().join("|");
    let row = |on: &[(usize, bool)]| {
        let cell = |at| on.iter().find(|(column, _)| *column == at).map_or("'-'".to_owned(), |(_, flag)| flag.to_string());
        format!("{{when: [{}], then: [1]}}", (0..30).map(cell).collect::<Vec<_>>().join(", "))
    };
    let rules: Vec<String> = (0..15).flat_map(|at| [row(&[(at, true), (29 - at, false)]), row(&[(at, false), (29 - at, true)])]).collect();
    let rules: Vec<&str> = rules.iter().map(String::as_str).collect();
    let codes: Vec<&str> = told(&table("hitPolicy: any", &inputs, &rules)).iter().map(|found| found.0).collect();
    assert!(codes == ["D060"] || codes == ["D064"], "{codes:?}");
}
