//! What is required, what is unknown, materials, rules, and how much of a form a task may write.

use serde_json::json;

use super::*;
use crate::form::sample::{filled, sample};

/// What the case knows already.
struct Case(Value);

impl Lookup for Case {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
    }

    fn type_of(&self, _name: &str) -> Option<FieldType> {
        None
    }
}

fn received() -> Value {
    json!({"meta": {"received_at": "2026-11-01"}})
}

fn plan(name: &str) -> MaterialGiven {
    MaterialGiven { material: "safety_plan".into(), file: "f1".into(), name: name.into() }
}

fn check(data: &Map<String, Value>, materials: &[MaterialGiven], case: &Value, what: Scope<'_>) -> Vec<(String, &'static str)> {
    let (form, standard, rules) = sample();
    let errors = check_form(&form, &standard, &rules, data, materials, &Case(case.clone()), what);
    errors.into_iter().map(|error| (error.path, error.code)).collect()
}

#[test]
fn a_form_without_mistakes_is_taken() {
    assert_eq!(check(&filled(), &[plan("安全方案.PDF")], &received(), Scope::default()), []);
}

#[test]
fn every_mistake_is_told_at_once() {
    for (changes, materials, expected) in [
        (json!({"title": null}), vec![plan("a.pdf")], vec![("title", "required")]),
        (json!({"title": " "}), vec![plan("a.pdf")], vec![("title", "required")]),
        (json!({"outdoor": null, "kind": "a"}), vec![plan("a.pdf")], vec![]),
        (json!({"titel": "x"}), vec![plan("a.pdf")], vec![("titel", "unknown-field")]),
        (json!({"body": {"name": "寺"}}), vec![plan("a.pdf")], vec![("body.contact", "required")]),
        (
            json!({"stewards": [{"person_name": "王"}, 3]}),
            vec![plan("a.pdf")],
            vec![("stewards.0.mobile", "required"), ("stewards.1", "wrong-type")],
        ),
        (
            json!({"stewards": [{"person_name": "王", "mobile": "13800005678", "age": 3}]}),
            vec![plan("a.pdf")],
            vec![("stewards.0.age", "unknown-field")],
        ),
        (json!({"stewards": []}), vec![plan("a.pdf")], vec![("stewards", "rule")]),
        (json!({"stewards": null}), vec![plan("a.pdf")], vec![("stewards", "rule")]),
        (json!({"stewards": "x"}), vec![plan("a.pdf")], vec![("stewards", "wrong-type")]),
        (json!({"day": "2026-11-20"}), vec![plan("a.pdf")], vec![("day", "rule")]),
        (json!({"day": "2026-11-31"}), vec![plan("a.pdf")], vec![("day", "not-a-date")]),
        (json!({"outdoor": false}), vec![plan("a.pdf")], vec![("kind", "rule")]),
        (json!({"outdoor": null}), vec![plan("a.pdf")], vec![("kind", "rule")]),
        (json!({}), vec![], vec![("materials.safety_plan", "material-missing")]),
        (json!({}), vec![plan("方案.exe")], vec![("materials.safety_plan", "material-kind")]),
        (json!({}), vec![plan("pdf")], vec![("materials.safety_plan", "material-kind")]),
        (
            json!({}),
            vec![plan("a.pdf"), MaterialGiven { material: "fotos".into(), ..plan("a.jpg") }],
            vec![("materials.fotos", "unknown-field")],
        ),
        (
            json!({"people": "many", "day": null, "body": null}),
            vec![plan("a.pdf")],
            vec![("body", "required"), ("people", "not-an-integer"), ("day", "required")],
        ),
    ] {
        let mut data = filled();
        for (name, value) in changes.as_object().into_iter().flatten() {
            data.insert(name.clone(), value.clone());
        }
        let expected: Vec<_> = expected.into_iter().map(|(path, code)| (path.to_owned(), code)).collect();
        assert_eq!(check(&data, &materials, &received(), Scope::default()), expected, "{changes}");
    }
}

#[test]
fn a_task_writes_what_it_edits_and_must_give_what_its_action_requires() {
    let edit = ["title".to_owned(), "reason".to_owned()];
    let require = ["reason".to_owned()];
    let what = Scope { only: Some(&edit), require: &require };
    let case = json!({"title": "已有", "meta": {"received_at": "2026-11-01"}});
    let given = |data: Value| data.as_object().cloned().unwrap_or_default();
    for (data, expected) in [
        (json!({"reason": "充分"}), vec![]),
        (json!({}), vec![("reason", "required")]),
        (json!({"reason": "充分", "title": null}), vec![("title", "required")]),
        (json!({"reason": "充分", "people": 5}), vec![("people", "not-editable")]),
        (json!({"reason": "充分", "title": "长".repeat(41)}), vec![("title", "too-long")]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|(path, code)| (path.to_owned(), code)).collect();
        assert_eq!(check(&given(data.clone()), &[], &case, what), expected, "{data}");
    }
}

#[test]
fn what_an_action_requires_may_be_known_already_or_be_a_material() {
    let require = ["lines".to_owned(), "photo".to_owned(), "elsewhere".to_owned()];
    let what = Scope { only: Some(&[]), require: &require };
    let missing: Vec<String> = check(&Map::new(), &[], &json!({}), what).into_iter().map(|(path, _)| path).collect();
    assert_eq!(missing, ["lines", "elsewhere", "materials.photo"]);
    let photo = MaterialGiven { material: "photo".into(), ..plan("a.jpg") };
    assert_eq!(check(&Map::new(), &[photo], &json!({"lines": ["一"], "elsewhere": "有"}), what), []);
}

#[test]
fn a_rule_that_cannot_be_judged_is_an_error_of_its_field() {
    let case = json!({"meta": {"received_at": true}});
    assert_eq!(check(&filled(), &[plan("a.pdf")], &case, Scope::default()), [("day".to_owned(), "rule-failed")]);
}
