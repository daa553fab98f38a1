//! What tables decide, by cell and by hit policy.

use super::*;

/// A table with one input of type `of` and one rule with `cell`.
fn holds(of: &str, cell: &str, value: &Value) -> Result<bool, String> {
    let text = format!(
        "decision: t\nname: 表\nhitPolicy: collect\ninputs:\n- {{name: x, type: {of}}}\noutputs:\n- {{name: y, type: text}}\nrules:\n- when: {{x: {cell}}}\n  then: {{y: hit}}\n"
    );
    let (table, findings) = read(&text);
    let table = table.ok_or_else(|| format!("{findings:?}"))?;
    decide(&table, json!({"x": value, "limit": 5})).map(|(_, fired)| fired == [1])
}

#[test]
fn a_cell_holds_for() {
    for (of, cell, yes, no) in [
        ("integer", "5", json!([5]), json!([4, null])),
        ("integer", "[1, 2]", json!([1, 2]), json!([3])),
        ("integer", "'1, 2, [5..7)'", json!([1, 2, 5, 6]), json!([3, 7])),
        ("integer", "< 5", json!([4]), json!([5, null])),
        ("integer", "'>= 5'", json!([5]), json!([4])),
        ("integer", "'!= 5'", json!([4, null]), json!([5])),
        ("integer", "'[1..10)'", json!([1, 9]), json!([0, 10])),
        ("integer", "']1..10]'", json!([2, 10]), json!([1, 11])),
        ("integer", "'(1..10['", json!([2, 9]), json!([1, 10])),
        ("integer", "not(5)", json!([4, null]), json!([5])),
        ("integer", "not(< 5)", json!([5]), json!([4, null])),
        ("integer", "'not([1..3), 7)'", json!([3, 4]), json!([1, 7])),
        ("integer", "'-'", json!([1, null]), json!([])),
        ("integer", "'null'", json!([null]), json!([1])),
        ("integer", "null", json!([null]), json!([1])),
        ("integer", "", json!([1, null]), json!([])),
        ("integer", "'? % 2 == 0'", json!([2]), json!([3])),
        ("integer", "< limit", json!([4]), json!([5])),
        ("integer", "'[1..limit)'", json!([4]), json!([5])),
        ("integer", "'not(? > limit, 1)'", json!([5, 0]), json!([6, 1])),
        ("integer", "'? > limit, 1'", json!([6, 1]), json!([5])),
        ("decimal", "< 1.5", json!(["1.49", 1]), json!(["1.5", 2])),
        ("money", "1.50", json!(["1.5"]), json!(["1.51"])),
        ("date", "2026-01-01", json!(["2026-01-01", "2025-12-31T16:30:00Z"]), json!(["2026-01-02"])),
        ("date", "'>= date(\"2026-01-01\")'", json!(["2026-01-01"]), json!(["2025-12-31"])),
        ("date", "'[2026-01-01..2026-02-01)'", json!(["2026-01-31"]), json!(["2026-02-01"])),
        ("time", "< 12:00", json!(["11:59"]), json!(["12:00"])),
        ("datetime", "< 2026-01-01T12:00", json!(["2026-01-01T11:59", "2026-01-01T03:00:00Z"]), json!(["2026-01-01T04:00:00Z"])),
        ("boolean", "true", json!([true]), json!([false, null])),
        ("code<level>", "[low, high]", json!(["low", "high"]), json!(["medium"])),
        ("code<level>", "'not(low, high)'", json!(["medium"]), json!(["low"])),
        ("text", "'\"a, b\", c'", json!(["a, b", "c"]), json!(["a"])),
        ("text", "'?.starts_with(\"沪\")'", json!(["沪民宗"]), json!(["民宗"])),
        ("list<text>", "'\"a\" in ?'", json!([["a", "b"]]), json!([["b"]])),
    ] {
        for (values, expected) in [(yes, true), (no, false)] {
            for value in values.as_array().unwrap() {
                assert_eq!(holds(of, cell, value), Ok(expected), "{of} {cell} {value}");
            }
        }
    }
}

#[test]
fn what_an_input_cannot_be_is_refused() {
    let table = read(
        "decision: t\nname: 表\ninputs:\n- {name: level, values: [low, high]}\n- {name: fee}\noutputs:\n- {name: y, type: integer, default: 0}\nrules:\n- when: [low, '-']\n  then: [1]\n",
    );
    let table = table.0.unwrap();
    assert_eq!(decide(&table, json!({"level": "low"})).unwrap().0, 1);
    let wrong = decide(&table, json!({"level": "medium"})).unwrap_err();
    assert_eq!(wrong, "input `level` is \"medium\", which is none of low, high");
    let wrong = decide(&table, json!({"level": 3})).unwrap_err();
    assert_eq!(wrong, "input `level` must be code<level>, but is 3");
    let wrong = decide(&table, json!({"level": "low", "fee": "secret"})).unwrap_err();
    assert_eq!(wrong, "input `fee` must be money, but is a value that is not shown");
}

/// People from 1 up: rule 1 from 10, rule 2 from 100, rule 3 from 1000.
fn graded(head: &str, outputs: &str, thens: [&str; 3]) -> DecisionTable {
    let [a, b, c] = thens;
    let text = format!(
        "decision: t\nname: 表\n{head}\ninputs:\n- {{name: people}}\noutputs:\n{outputs}\nrules:\n- {{when: ['>= 10'], then: {a}}}\n- {{when: ['>= 100'], then: {b}}}\n- {{id: largest, when: ['>= 1000'], then: {c}}}\n"
    );
    let (table, findings) = read(&text);
    table.unwrap_or_else(|| panic!("{findings:#?}"))
}

#[test]
fn hit_policies_choose() {
    let level = "- {name: level, values: [high, medium, low]}";
    let grades = ["[low]", "[medium]", "[high]"];
    for (head, people, value, fired) in [
        ("hitPolicy: unique", 50, json!("low"), vec![1]),
        ("hitPolicy: unique", 5, json!(null), vec![]),
        ("hitPolicy: first", 5000, json!("low"), vec![1]),
        ("hitPolicy: priority", 5000, json!("high"), vec![3]),
        ("hitPolicy: priority", 500, json!("medium"), vec![2]),
        ("hitPolicy: any", 50, json!("low"), vec![1]),
        ("hitPolicy: collect", 500, json!(["low", "medium"]), vec![1, 2]),
        ("hitPolicy: collect", 5, json!([]), vec![]),
        ("hitPolicy: rule order", 5000, json!(["low", "medium", "high"]), vec![1, 2, 3]),
        ("hitPolicy: rule order", 5, json!(null), vec![]),
        ("hitPolicy: output order", 5000, json!(["high", "medium", "low"]), vec![3, 2, 1]),
        ("hitPolicy: collect\naggregate: count", 5000, json!(3), vec![1, 2, 3]),
        ("hitPolicy: collect\naggregate: count", 5, json!(0), vec![]),
    ] {
        assert_eq!(decide(&graded(head, level, grades), json!({"people": people})), Ok((value, fired)), "{head}, {people}");
    }
    let agreeing = graded("hitPolicy: any", level, ["[low]", "[low]", "[high]"]);
    assert_eq!(decide(&agreeing, json!({"people": 500})), Ok((json!("low"), vec![1, 2])));
}

#[test]
fn collected_values_are_added_up() {
    for (of, thens, aggregate, value) in [
        ("integer", ["[1]", "[2]", "[4]"], "sum", json!(7)),
        ("integer", ["[1]", "['= people + 1']", "['people * 2']"], "sum", json!(1 + 5001 + 10000)),
        ("money", ["[0.10]", "[0.20]", "[]"], "sum", json!("0.30")),
        ("money", ["[0.10]", "[0.20]", "[0.05]"], "min", json!("0.05")),
        ("date", ["[2026-01-01]", "[2026-03-01]", "[2026-02-01]"], "max", json!("2026-03-01")),
    ] {
        let thens = thens.map(|then| if then == "[]" { "[null]" } else { then });
        let table = graded(&format!("hitPolicy: collect\naggregate: {aggregate}"), &format!("- {{name: y, type: {of}}}"), thens);
        assert_eq!(decide(&table, json!({"people": 5000})).unwrap().0, value, "{aggregate} of {thens:?}");
    }
}

#[test]
fn several_outputs_make_a_record_with_defaults() {
    let outputs = "- {name: level, default: low}\n- {name: note, type: text, default: '= \"only \" + people'}";
    let table = graded("hitPolicy: first", outputs, ["{level: medium, note: some}", "{level: high}", "[high, many]"]);
    assert_eq!(decide(&table, json!({"people": 50})), Ok((json!({"level": "medium", "note": "some"}), vec![1])));
    assert_eq!(decide(&table, json!({"people": 5})), Ok((json!({"level": "low", "note": "only 5"}), vec![])));
    assert_eq!(table.result_type(), None);
}

#[test]
fn rules_that_disagree_are_an_error_with_both_places() {
    let unique = graded("hitPolicy: unique", "- {name: level}", ["[low]", "[medium]", "[high]"]);
    let error = unique.evaluate(rules(), &Data(json!({"people": 500}))).unwrap_err();
    assert_eq!(error.message.zh, "规则 1（decisions/t.yaml:9:4）与规则 2（decisions/t.yaml:10:4）同时成立，而命中策略是 unique");
    let any = graded("hitPolicy: any", "- {name: level}", ["[low]", "[low]", "[high]"]);
    let error = any.evaluate(rules(), &Data(json!({"people": 5000}))).unwrap_err();
    let said = "rule 1 (decisions/t.yaml:9:4) and rule 3 (decisions/t.yaml:11:4) both hold and disagree, but the hit policy is any";
    assert_eq!(error.message.get(Language::En), said);
    assert_eq!(error.place.to_string(), "decisions/t.yaml:1:11");
}

#[test]
fn an_expression_that_fails_says_where() {
    let table = graded("hitPolicy: first", "- {name: y, type: integer}", ["['= people / 0']", "[1]", "[1]"]);
    let error = table.evaluate(rules(), &Data(json!({"people": 10}))).unwrap_err();
    assert_eq!(error.place.span.line, 9);
    assert!(error.message.zh.contains("people = 10"), "{}", error.message);
    let fired = table.evaluate(rules(), &Data(json!({"people": 5}))).unwrap();
    assert_eq!((fired.value, fired.fired), (Value::Null, vec![]));
}

#[test]
fn a_fired_rule_is_named() {
    let table = graded("hitPolicy: priority", "- {name: level, values: [high, medium, low]}", ["[low]", "[medium]", "[high]"]);
    let outcome = table.evaluate(rules(), &Data(json!({"people": 1000}))).unwrap();
    assert_eq!((outcome.fired[0].index, outcome.fired[0].id.as_deref(), outcome.fired[0].place.span.line), (2, Some("largest"), 11));
}
