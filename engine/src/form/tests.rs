//! Whatever is sent, checking and drawing answer: no panic, no broken page, no sensitive value in a message.

use proptest::prelude::*;
use serde_json::{Map, Value};

use super::{
    sample::{filled, sample},
    *,
};
use crate::rules::Lookup;

struct Nothing;

impl Lookup for Nothing {
    fn value(&self, _name: &str) -> Option<Value> {
        None
    }

    fn type_of(&self, _name: &str) -> Option<FieldType> {
        None
    }
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[0-9Xx.:TZ+-]{0,20}", "[<>&\"'一-龥]{0,6}", Just("310101199001010013".to_owned())]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any_text().prop_map(Value::from),
    ];
    let member = prop_oneof![Just("name".to_owned()), Just("contact_id".to_owned()), Just("mobile".to_owned()), any_text()];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((member.clone(), inner), 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_data_is_judged_and_drawn(values in prop::collection::vec(any_value(), 20), names in prop::collection::vec(0usize..20, 1..8)) {
        let (form, standard, rules) = sample();
        let known: Vec<String> = form.types().into_keys().collect();
        let mut data: Map<String, Value> = filled();
        for (value, name) in values.into_iter().zip(&names) {
            data.insert(known[name % known.len()].clone(), value);
        }
        let errors = check_form(&form, &standard, &rules, &data, &[], &Nothing, Scope::default());
        for (show, edit) in [(Rights::Everything, Rights::Nothing), (Rights::Nothing, Rights::Everything)] {
            for mask in [false, true] {
                let view = FormView { data: Some(&data), errors: &errors, show, edit, mask, attach: true, ..FormView::default() };
                let page = format!("<root>{}</root>", html(&form, &standard, &view));
                let mut reader = quick_xml::Reader::from_str(&page);
                while !matches!(reader.read_event().expect("well-formed"), quick_xml::events::Event::Eof) {}
            }
        }
        for (name, of) in form.types() {
            if let Some(value) = data.get_mut(&name) {
                for_each_sensitive(&standard, &name, &of, value, Class::P2, &mut |_, part| *part = Value::Null);
            }
        }
    }

    #[test]
    fn a_sensitive_value_is_never_told(text in any_text().prop_filter("long enough to be recognised", |t| t.chars().count() > 5)) {
        let (_, standard, _) = sample();
        let field = &standard.fields["resident_id"];
        for error in check_value(&standard, "resident_id", field, &Value::from(text.clone())) {
            prop_assert!(!error.message.zh.contains(&text) && !error.message.en.unwrap_or_default().contains(&text));
        }
    }

    #[test]
    fn any_posted_fields_are_read(fields in prop::collection::vec(("(stewards|body|checks|title|lines|x)(\\.[0-9a-z_]{0,9}){0,3}", any_text()), 0..30)) {
        let (form, standard, _) = sample();
        let data = from_fields(&form, &standard, &fields);
        prop_assert!(data.keys().all(|name| form.type_of(name).is_some()));
        cleared(&form, &standard, &fields);
    }
}
