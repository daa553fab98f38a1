//! Whom data is about: the identity that the field standard's own checks recognise, whatever its field is called.

use serde_json::{Map, Value};

use super::{Check, FieldStandard, FieldType};

/// Records in records deeper than this are not looked into.
const DEPTH_MAX: usize = 16;

/// An identity found in data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Kind of certificate: `resident-id`, `social-credit-code`.
    pub kind: &'static str,
    /// Its number, without spaces, in capitals.
    pub number: String,
}

/// Whom `data` is about, its names and types being `fields`: the first natural person whose identity number it gives; else
/// the first organisation whose code it gives. Rows of lists are others who are named, not whom it is about.
pub fn subject<'a>(
    standard: &FieldStandard,
    fields: &(impl Iterator<Item = (&'a str, &'a FieldType)> + Clone),
    data: &Map<String, Value>,
) -> Option<Identity> {
    let kinds = [(Check::ResidentId, "resident-id"), (Check::SocialCreditCode, "social-credit-code")];
    kinds.into_iter().find_map(|(check, kind)| {
        let number = fields.clone().find_map(|(name, of)| {
            let own = standard.fields.get(name).and_then(|field| field.check);
            number_in(standard, own, of, data.get(name)?, check, 0)
        })?;
        Some(Identity { kind, number })
    })
}

fn number_in(standard: &FieldStandard, own: Option<Check>, of: &FieldType, value: &Value, wanted: Check, depth: usize) -> Option<String> {
    match (of, value) {
        (FieldType::Text, Value::String(text)) if own == Some(wanted) => normal(text),
        (FieldType::Record(name), Value::Object(given)) if depth < DEPTH_MAX => {
            let members = &standard.records.get(name)?.members;
            members
                .iter()
                .find_map(|(name, member)| number_in(standard, member.field.check, &member.field.of, given.get(name)?, wanted, depth + 1))
        }
        _ => None,
    }
}

/// A number as it is compared: without spaces and hyphens, letters large, full-width digits as others; None if nothing is left.
pub fn normal(text: &str) -> Option<String> {
    let narrow = |letter: char| match u32::from(letter) {
        wide @ 0xFF01..=0xFF5E => char::from_u32(wide - 0xFEE0).unwrap_or(letter),
        _ => letter,
    };
    let number: String =
        text.chars().map(narrow).filter(|letter| !letter.is_whitespace() && *letter != '-').flat_map(char::to_uppercase).collect();
    (!number.is_empty()).then_some(number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        form::{Class, Field, Record, RecordMember},
        source::Place,
        text::Text,
    };

    fn found(data: &Value) -> Option<(&'static str, String)> {
        let mut standard = FieldStandard::default();
        let id = Field { check: Some(Check::ResidentId), class: Class::P3, ..Field::bare("no", FieldType::Text) };
        let code = Field { check: Some(Check::SocialCreditCode), ..Field::bare("code", FieldType::Text) };
        let member = |field: &Field| (field.name.clone(), RecordMember { field: field.clone(), required: true });
        let members = [member(&code), member(&id)].into_iter().collect();
        standard.records.insert("body".into(), Record { name: "body".into(), label: Text::zh("b"), members, place: Place::default() });
        standard.fields.insert("no".into(), id);
        let body = FieldType::Record("body".into());
        let others = FieldType::List(Box::new(body.clone()));
        let fields = [("others", &others), ("body", &body), ("no", &FieldType::Text)];
        let identity = subject(&standard, &fields.into_iter(), data.as_object().unwrap_or(&Map::new()))?;
        Some((identity.kind, identity.number))
    }

    #[test]
    fn a_person_comes_before_an_organisation_and_others_who_are_named_do_not_count() {
        for (data, expected) in [
            (json!({"no": "31010119900101001x", "body": {"code": "51310101MB99003120"}}), Some(("resident-id", "31010119900101001X"))),
            (json!({"body": {"code": "5131 0101 mb99003120"}}), Some(("social-credit-code", "51310101MB99003120"))),
            (json!({"body": {"code": "51310101MB99003120", "no": "310101199001010012"}}), Some(("resident-id", "310101199001010012"))),
            (json!({"others": [{"no": "310101199001010012"}], "no": " "}), None),
            (json!({"no": 7, "body": "x"}), None),
        ] {
            assert_eq!(found(&data), expected.map(|(kind, number)| (kind, number.to_owned())), "{data}");
        }
    }

    #[test]
    fn numbers_are_compared_however_they_were_typed() {
        assert_eq!(normal("３１０101-1990 x"), normal("3101011990X"));
        assert_eq!(normal(" - "), None);
    }
}
