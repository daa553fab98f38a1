//! What expressions answer, and how they fail.
#![expect(clippy::unwrap_used, reason = "tests")]

mod errors;
mod findings;
mod limits;

use serde_json::json;

use super::*;
use crate::{source::Span, text::Language};

pub(super) struct Data(pub(super) Value);

impl Lookup for Data {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }
    fn type_of(&self, name: &str) -> Option<FieldType> {
        match name {
            "amount" | "fee" => Some(FieldType::Money),
            "missing" => Some(FieldType::Integer),
            "secret" => Some(FieldType::Text),
            _ => None,
        }
    }
    fn is_sensitive(&self, name: &str) -> bool {
        name == "secret"
    }
}

fn place() -> Place {
    Place { file: "process.yaml".into(), span: Span { line: 7, column: 11, end_line: 7, end_column: 11 } }
}

fn rules() -> Rules {
    let (rules, findings) = Rules::new(None, Arc::default());
    assert!(findings.is_empty(), "{findings:?}");
    rules
}

fn evaluate(text: &str, data: Value) -> Result<Value, String> {
    let rules = rules();
    let expression = rules.expression(text, place()).map_err(|finding| format!("{}: {}", finding.code, finding.message))?;
    rules.evaluate(&expression, &Data(data)).map_err(|error| error.message.get(Language::En).to_owned())
}

#[test]
fn answers() {
    for (text, data, expected) in [
        ("rounds == 0", json!({"rounds": 0}), json!(true)),
        ("rounds + 1", json!({"rounds": 1}), json!(2)),
        (r#"risk.level == "high""#, json!({"risk": {"level": "high"}}), json!(true)),
        (r##"#{stance: "none"}"##, json!({}), json!({"stance": "none"})),
        ("amount > 100000", json!({"amount": "100000.01"}), json!(true)),
        ("amount + fee", json!({"amount": "0.10", "fee": "0.20"}), json!("0.30")),
        ("days_between(a, b)", json!({"a": "2026-11-24T01:00:00+08:00", "b": "2026-12-24"}), json!(30)),
        ("days_between(a, b)", json!({"a": "2026-11-23T17:00:00Z", "b": "2026-11-24"}), json!(0)),
        ("date_of(a)", json!({"a": "2026-11-23T17:00:00Z"}), json!("2026-11-24")),
        ("year(a)", json!({"a": "2026-11-24"}), json!(2026)),
        ("1.10 + x", json!({"x": 1}), json!("2.10")),
        ("is_set(missing)", json!({}), json!(false)),
        ("is_empty(x)", json!({"x": []}), json!(true)),
        ("missing == ()", json!({}), json!(true)),
        (r#"sum(rows, "amount")"#, json!({"rows": [{"amount": 1}, {"amount": 2}, {}]}), json!(3)),
        (r#""b" in x"#, json!({"x": ["a", "b"]}), json!(true)),
        (r#"x.starts_with("沪")"#, json!({"x": "沪民宗"}), json!(true)),
        (r#"x.len() > 1 && x[0] < "2026-12-01""#, json!({"x": ["2026-11-24", "2026-11-25"]}), json!(true)),
        (r#"if x > 3 { "many" } else { "few" }"#, json!({"x": 4}), json!("many")),
        ("x.filter(|y| y > 1).len()", json!({"x": [1, 2, 3]}), json!(2)),
        ("x.all(|y| y > limit)", json!({"x": [1, 2, 3], "limit": 0}), json!(true)),
    ] {
        assert_eq!(evaluate(text, data), Ok(expected), "{text}");
    }
}

#[test]
fn free_names() {
    let rules = rules();
    let script = rules.script("let a = b; total = a + c.d; for i in rows { total += i.x; }", place()).unwrap();
    assert_eq!(script.variables, ["b", "total", "c", "rows"]);
    let closure = rules.expression("x.all(|y| y > limit)", place()).unwrap();
    assert_eq!(closure.variables, ["x", "limit"]);
}

#[test]
fn scripts_assign() {
    let rules = rules();
    let script = rules.script("missing = b * 2; let local = 1;", place()).unwrap();
    let result = rules.run(&script, &Data(json!({"b": 21})), &["missing".to_owned()]).unwrap();
    assert_eq!(Value::Object(result), json!({"missing": 42}));
}

#[test]
fn patterns() {
    let rules = rules();
    let pattern = rules.pattern("沪民宗许〔{year}〕{seq}号", place()).unwrap();
    assert_eq!(rules.fill(&pattern, &Data(json!({"year": 2026, "seq": 7}))).unwrap(), "沪民宗许〔2026〕7号");
    let nested = rules.pattern(r##"{#{a: "}"}.a}：{x}"##, place()).unwrap();
    assert_eq!(rules.fill(&nested, &Data(json!({"x": "y"}))).unwrap(), "}：y");
    for wrong in ["{{x}}", "{x", "x}", "{}", "{x +}"] {
        assert!(rules.pattern(wrong, place()).is_err(), "{wrong}");
    }
    assert!(rules.fill(&nested, &Data(json!({"x": null}))).is_err());
}

#[test]
fn functions_of_the_process() {
    let source = Source { name: "rules.rhai".into(), text: "fn late(days) { days > 3 }\nfn wrong(x) {\n  x < ()\n}\n".into() };
    let (rules, findings) = Rules::new(Some(&source), Arc::default());
    assert_eq!(findings, []);
    let expression = rules.expression("late(x)", place()).unwrap();
    assert!(rules.condition(&expression, &Data(json!({"x": 4}))).unwrap());
    let wrong = rules.expression("wrong(x)", place()).unwrap();
    let error = rules.condition(&wrong, &Data(json!({"x": 4}))).unwrap_err();
    assert!(error.message.zh.starts_with("函数 wrong（rules.rhai:3）"), "{}", error.message);

    for (text, code) in [("fn f( {", "Y040"), ("let x = 1;", "Y041"), ("fn f(x) { x + outside }", "Y040")] {
        let (_, findings) = Rules::new(Some(&Source { name: "rules.rhai".into(), text: text.into() }), Arc::default());
        assert_eq!(findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [code], "{text}");
    }
}

#[test]
fn reserved_words() {
    for word in ["case", "let", "eval", "import", "print", "this", "is", "new", "with", "a-b", "", "1a"] {
        assert!(is_reserved(word), "{word}");
    }
    for word in ["meta", "rounds", "event_name", "opinion", "result", "unit", "count"] {
        assert!(!is_reserved(word), "{word}");
    }
}
