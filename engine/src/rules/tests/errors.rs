//! Errors say where, why and with which values; sensitive values stay unsaid.

use super::*;

#[test]
fn messages() {
    for (text, data, told) in [
        ("missing > 3", json!({}), "`missing` is absent and cannot be compared by size (missing = null)"),
        ("risk.score > 3", json!({"risk": {"score": null}}), "`risk.score` is absent and cannot be compared by size"),
        ("x == 3", json!({"x": "3"}), r#"cannot compare text with an integer (x = "3")"#),
        ("x > 3", json!({"x": "3"}), "cannot compare text with an integer"),
        ("x == true", json!({"x": 1}), "cannot compare an integer with a boolean"),
        ("nowhere > 3", json!({}), "there is no data named `nowhere`"),
        ("x.b", json!({"x": {"a": 1}}), "there is no member `b`"),
        ("missing.b", json!({}), "this value has no members"),
        ("days_between(x, x)", json!({"x": "soon"}), "not a date or a moment"),
        ("days_between(missing, x)", json!({"x": "2026-11-24"}), "the date is absent"),
        (r#"sum(x, "a")"#, json!({"x": [1]}), "the list's elements are no records"),
        ("x[9]", json!({"x": [1]}), "out of range"),
        ("x / 0", json!({"x": 1}), "cannot be computed"),
    ] {
        let error = evaluate(text, data).unwrap_err();
        assert!(error.contains(told), "{text}: {error}");
    }
}

#[test]
fn sensitive_values_stay_unsaid() {
    for text in ["secret > 3", "days_between(secret, secret)", "secret.x", "secret * 2", "throw secret", "secret[90]"] {
        let rules = rules();
        let script = rules.script(text, place()).unwrap();
        let error = rules.run(&script, &Data(json!({"secret": "310101199001011234"})), &[]).unwrap_err();
        assert!(!format!("{error:?}").contains("3101"), "{text}: {error:?}");
        assert!(error.message.zh.contains("secret（不显示）"), "{text}: {}", error.message);
    }
}

/// Where an error stands in YAML that was really read.
#[test]
fn places() {
    for (yaml, expected) in [
        ("a: x + )", "t.yaml:1:8"),
        ("a: 'x + )'", "t.yaml:1:9"),
        ("a:\n  b: \"x + )\"", "t.yaml:2:11"),
        ("a: |\n  x = 1;\n  x = );\n", "t.yaml:3:7"),
        ("a:\n  - b: |\n        x = 1;\n\n        x = );\n", "t.yaml:5:13"),
    ] {
        let (tree, findings) = crate::source::parse(&Source { name: "t.yaml".into(), text: yaml.into() });
        assert_eq!(findings, []);
        let mut tree = tree.unwrap();
        while let Some(inner) = tree.list().map(|list| list[0].clone()).or_else(|| tree.map().map(|map| map[0].1.clone())) {
            tree = inner;
        }
        let place = Place { file: "t.yaml".into(), span: tree.span };
        let finding = rules().script(tree.scalar().unwrap(), place).unwrap_err();
        assert_eq!(finding.place.to_string(), expected, "{yaml}");
        assert_eq!(finding.code, "Y040");
    }
}

#[test]
fn place_of_a_failure() {
    let rules = rules();
    let place = Place { file: "t.yaml".into(), span: Span { line: 3, column: 9, end_line: 3, end_column: 26 } };
    let expression = rules.expression("true && x.b == 1", place).unwrap();
    let error = rules.evaluate(&expression, &Data(json!({"x": {}}))).unwrap_err();
    assert_eq!(error.place.to_string(), "t.yaml:3:19");
}
