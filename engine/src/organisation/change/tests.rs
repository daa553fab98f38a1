//! Changes and what stands in their way: a table of what is asked for and what is said.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use serde_json::json;

use super::*;
use crate::{definition::Sees, source::Place};

pub(crate) fn roles() -> IndexMap<String, Role> {
    let role = |(id, may): (&str, &[&str])| {
        let may = may.iter().map(|word| (*word).to_owned()).collect();
        (
            id.to_owned(),
            Role {
                id: id.to_owned(),
                name: Text::new(format!("{id}岗"), format!("the {id}")),
                doc: None,
                may,
                sees: Sees::Own,
                place: Place::default(),
            },
        )
    };
    [("clerk", [].as_slice()), ("head", &[]), ("keeper", &["people"]), ("granter", &["grants"])].map(role).into_iter().collect()
}

fn register() -> Register {
    serde_json::from_value(json!({
        "units": {
            "city": {"name": {"zh": "市"}, "kind": "bureau", "code": "c1"},
            "jia": {"name": {"zh": "甲"}, "kind": "district", "parent": "city"},
            "yi": {"name": {"zh": "乙"}, "kind": "district", "parent": "city"},
            "jia-1": {"name": {"zh": "甲一"}, "kind": "division", "parent": "jia"},
            "old": {"name": {"zh": "旧"}, "kind": "division"}},
        "closed": {"old": 5},
        "people": {
            "an": {"name": "安", "login": "an", "posts": [{"role": "clerk", "unit": "jia", "from": 10, "until": 20}, {"role": "head", "unit": "jia", "from": 200}]},
            "bo": {"name": "卜", "login": "bo", "posts": [{"role": "keeper", "unit": "city"}]},
            "ce": {"name": "策", "left": 40},
            "du": {"name": "杜"}},
        "substitutions": [{"id": "s1", "absent": "an", "by": "bo", "from": 100, "until": 200}],
        "recusals": [{"id": "r1", "person": "an", "about": {"unit": "yi"}, "reason": "x", "from": 10}]
    }))
    .unwrap()
}

/// What is asked for, and the codes with paths that it is refused by.
#[test]
fn what_would_break_the_register_is_refused_by_member_and_code() {
    let table = [
        (
            json!({"change": "add_unit", "id": "Jia", "name": {"zh": ""}, "kind": "castle", "parent": "ctiy", "code": "c1"}),
            "id id-malformed, name name-missing, kind unknown-kind, code code-taken, parent unknown-unit",
        ),
        (
            json!({"change": "add_unit", "id": "jia", "name": {"zh": "甲"}, "kind": "body", "parent": "old"}),
            "id exists, parent unknown-unit",
        ),
        (json!({"change": "change_unit", "id": "bing", "name": {"zh": "丙"}, "kind": "body"}), "id unknown-unit"),
        (json!({"change": "move_unit", "id": "jia", "parent": "jia-1"}), "parent cycle"),
        (json!({"change": "move_unit", "id": "jia", "parent": "jia"}), "parent cycle"),
        (json!({"change": "close_unit", "id": "jia"}), "id unit-has-units, id unit-has-people"),
        (json!({"change": "close_unit", "id": "yi"}), "id unit-has-work"),
        (json!({"change": "close_unit", "id": "old"}), "id closed"),
        (
            json!({"change": "add_person", "id": "an", "name": " ", "login": "bo", "mail": "nobody"}),
            "id exists, name name-missing, login login-taken, mail mail-malformed",
        ),
        (json!({"change": "add_person", "id": "xi", "name": "席", "login": "X I"}), "login login-malformed"),
        (json!({"change": "change_person", "id": "zz", "name": "子"}), "id unknown-person"),
        (
            json!({"change": "give_post", "person": "ce", "role": "clrk", "unit": "old", "from": 41, "until": 41}),
            "person has-left, role unknown-role, unit unknown-unit, until term-reversed",
        ),
        (json!({"change": "give_post", "person": "an", "role": "clerk", "unit": "jia", "from": 19}), "role double-post"),
        (json!({"change": "give_post", "person": "bo", "role": "granter", "unit": "city"}), "role duties-apart"),
        (json!({"change": "end_post", "person": "an", "role": "clerk", "unit": "jia", "from": 11, "until": 12}), "role post-unknown"),
        (json!({"change": "substitute", "id": "s", "absent": "an", "by": "an", "from": 300, "until": 400}), "by substitute-self"),
        (json!({"change": "substitute", "id": "s", "absent": "an", "by": "ce"}), "by has-left, until term-open"),
        (json!({"change": "substitute", "id": "s", "absent": "du", "by": "an", "from": 150, "until": 160}), "by substitute-chain"),
        (json!({"change": "substitute", "id": "s", "absent": "bo", "by": "du", "from": 150, "until": 160}), "absent substitute-chain"),
        (json!({"change": "substitute", "id": "s", "absent": "an", "by": "bo", "from": 150, "until": 160}), "by substitute-double"),
        (
            json!({"change": "substitute", "id": "s", "absent": "an", "by": "du", "from": 1, "until": 40, "processes": ["hlal"]}),
            "until term-over, processes unknown-process",
        ),
        (json!({"change": "end_substitution", "id": "s9"}), "id substitution-unknown"),
        (
            json!({"change": "recuse", "id": "r", "person": "zz", "about": {"unit": "zz"}, "reason": " "}),
            "person unknown-person, about unknown-unit, reason reason-required",
        ),
        (json!({"change": "end_recusal", "id": "r9"}), "id recusal-unknown"),
        (json!({"change": "leave", "person": "ce", "at": 50}), "person has-left"),
    ];
    let (roles, processes, busy) = (roles(), BTreeSet::from(["hall".to_owned()]), BTreeSet::from(["yi".to_owned()]));
    let ground = Ground { roles: &roles, processes: &processes, busy: &busy, now: Moment(50) };
    for (change, expected) in table {
        let change: RegisterChange = serde_json::from_value(change).unwrap();
        let faults = register().apply(&change, &ground).expect_err(expected);
        let told: Vec<String> = faults.iter().map(|fault| format!("{} {}", fault.path, fault.code)).collect();
        assert_eq!(told.join(", "), expected, "{change:?}");
        assert!(faults.iter().all(|fault| fault.message.en.is_some()));
    }
}

fn after(changes: &[serde_json::Value]) -> Register {
    let (roles, processes, busy) = (roles(), BTreeSet::new(), BTreeSet::new());
    let ground = Ground { roles: &roles, processes: &processes, busy: &busy, now: Moment(50) };
    let changes: Vec<RegisterChange> = changes.iter().map(|change| serde_json::from_value(change.clone()).unwrap()).collect();
    register().apply_all(&changes, &ground).unwrap()
}

#[test]
fn an_unknown_name_is_told_with_the_nearest() {
    let roles = roles();
    let ground = Ground { roles: &roles, processes: &BTreeSet::new(), busy: &BTreeSet::new(), now: Moment(0) };
    let change =
        serde_json::from_value(json!({"change": "give_post", "person": "an", "role": "clrk", "unit": "jia", "from": 900})).unwrap();
    let fault = register().apply(&change, &ground).unwrap_err().remove(0);
    assert_eq!(fault.message, Text::new("没有角色“clrk”；是不是“clerk”？", "there is no role `clrk`; did you mean `clerk`?"));
}

#[test]
fn whoever_leaves_ends_what_she_holds_and_the_substitutions_she_is_in() {
    let register = after(&[json!({"change": "leave", "person": "an", "at": 150})]);
    assert_eq!(register.people["an"].posts.len(), 1, "the post that would begin later is taken back");
    assert_eq!(register.substitutions[0].term.until, Some(Moment(150)));
    let gone = register.at(Moment(150));
    assert!(!gone.people.contains_key("an") && gone.people["bo"].stands_in.is_empty());
}

#[test]
fn a_post_ends_earlier_later_or_never_and_what_has_not_begun_is_taken_back() {
    let end = |from: i64, until: Option<i64>| json!({"change": "end_post", "person": "an", "role": if from == 10 {"clerk"} else {"head"}, "unit": "jia", "from": from, "until": until});
    let terms = |changes: &[serde_json::Value]| -> Vec<_> {
        after(changes).people["an"].posts.iter().map(|tenure| tenure.term.until.map(|at| at.0)).collect()
    };
    assert_eq!(terms(&[end(10, Some(15))]), [Some(15), None]);
    assert_eq!(terms(&[end(10, None)]), [None, None]);
    assert_eq!(terms(&[end(200, Some(60))]), [Some(20)]);
}

#[test]
fn several_changes_build_on_each_other_or_none_of_them_happens() {
    let unit = |id: &str, parent: &str| json!({"change": "add_unit", "id": id, "name": {"zh": id}, "kind": "division", "parent": parent});
    let grown = after(&[unit("a", "city"), unit("b", "a"), json!({"change": "close_unit", "id": "b"})]);
    assert!(grown.units["b"].parent.as_deref() == Some("a") && grown.closed.contains_key("b"));
    let roles = roles();
    let ground = Ground { roles: &roles, processes: &BTreeSet::new(), busy: &BTreeSet::new(), now: Moment(50) };
    let changes: Vec<RegisterChange> = [unit("a", "city"), unit("b", "c")].map(|change| serde_json::from_value(change).unwrap()).to_vec();
    let faults = self::register().apply_all(&changes, &ground).unwrap_err();
    assert_eq!(faults[0].path, "changes.1.parent");
}

#[test]
fn what_gives_more_than_the_cases_of_a_unit_takes_two() {
    let mut roles = roles();
    for (id, may, sees) in [("window", "intake", Sees::Own), ("operator", "outbox", Sees::Own), ("supervisor", "", Sees::Below)] {
        let may = Some(may.to_owned()).filter(|may| !may.is_empty()).into_iter().collect();
        roles.insert(id.to_owned(), Role { id: id.to_owned(), may, sees, ..roles["clerk"].clone() });
    }
    let give = |role: &str| json!({"change": "give_post", "person": "du", "role": role, "unit": "jia"});
    let end = |role: &str| json!({"change": "end_post", "person": "bo", "role": role, "unit": "city"});
    let table = [
        (give("clerk"), false),
        (give("window"), false),
        (give("operator"), true),
        (give("supervisor"), true),
        (give("granter"), true),
        (end("keeper"), true),
        (end("clerk"), false),
        (json!({"change": "leave", "person": "bo", "at": 60}), true),
        (json!({"change": "leave", "person": "an", "at": 60}), false),
        (json!({"change": "add_person", "id": "new", "name": "新"}), false),
    ];
    for (change, two) in table {
        let change: RegisterChange = serde_json::from_value(change).unwrap();
        assert_eq!(change.takes_two(&register(), &roles), two, "{change:?}");
    }
}

#[test]
fn the_last_of_the_three_stays_until_there_is_a_successor() {
    let roles = roles();
    let ground = Ground { roles: &roles, processes: &BTreeSet::new(), busy: &BTreeSet::new(), now: Moment(50) };
    let changes = |all: &[serde_json::Value]| -> Vec<RegisterChange> {
        all.iter().map(|change| serde_json::from_value(change.clone()).unwrap()).collect()
    };
    let leaves = json!({"change": "leave", "person": "bo", "at": 60});
    let follows = json!({"change": "give_post", "person": "du", "role": "keeper", "unit": "city"});
    let faults = register().apply_all(&changes(std::slice::from_ref(&leaves)), &ground).unwrap_err();
    assert_eq!((faults[0].path.as_str(), faults[0].code), ("changes.0.role", "last-administrator"));
    assert!(register().apply_all(&changes(&[follows, leaves]), &ground).is_ok());
}
