//! How sensitive a value is, and which parts of it: what is sealed at rest and masked on pages.
//!
//! A record may be harmless while one of its members is not (an applicant's identity number). The store seals exactly
//! the outermost parts whose own class reaches P3, so that the rest stays searchable. A record that the standard does
//! not know is treated as secret as a whole: when in doubt, sealed.

use serde_json::Value;

use super::{Check, Class, FieldStandard, FieldType};

/// Records in records deeper than this are not looked into; the loader refuses them.
const DEPTH_MAX: usize = 16;

/// The class of a data name as a whole: its own in the standard (P1 for a name that only a process declares), or that
/// of its most sensitive part, whichever is higher.
pub fn class_of(standard: &FieldStandard, name: &str, of: &FieldType) -> Class {
    own_class(standard, name).max(class_within(standard, of, 0))
}

/// The class that the standard gives to the name itself, whatever stands inside.
fn own_class(standard: &FieldStandard, name: &str) -> Class {
    standard.fields.get(name).map_or_else(Class::default, |field| field.class)
}

fn class_within(standard: &FieldStandard, of: &FieldType, depth: usize) -> Class {
    match of {
        FieldType::List(item) => class_within(standard, item, depth),
        FieldType::Record(name) => match standard.records.get(name).filter(|_| depth < DEPTH_MAX) {
            Some(record) => {
                let members = record.members.values();
                members.map(|m| m.field.class.max(class_within(standard, &m.field.of, depth + 1))).max().unwrap_or(Class::P0)
            }
            None => Class::P4,
        },
        _ => Class::P0,
    }
}

/// Whether a sealed data name may be found by its whole value: an identity or telephone number, of which there are so many
/// that an index of keyed hashes tells nothing. What has few values (a code, yes or no, a name) may not.
pub fn is_indexable(standard: &FieldStandard, name: &str) -> bool {
    standard.fields.get(name).is_some_and(|field| {
        field.of == FieldType::Text && matches!(field.check, Some(Check::ResidentId | Check::SocialCreditCode | Check::Mobile))
    })
}

/// The outermost parts of a data name whose own class is `min` or higher, as paths with `*` for "every item":
/// `resident_id`, `organizer.contact_id`, `stewards.*.resident_id`. Empty if nothing of it is so sensitive.
pub fn seal_paths(standard: &FieldStandard, name: &str, of: &FieldType, min: Class) -> Vec<String> {
    let mut paths = Vec::new();
    if own_class(standard, name) >= min {
        paths.push(name.to_owned());
    } else {
        collect(standard, name, of, min, 0, &mut paths);
    }
    paths
}

fn collect(standard: &FieldStandard, path: &str, of: &FieldType, min: Class, depth: usize, paths: &mut Vec<String>) {
    match of {
        FieldType::List(item) => collect(standard, &format!("{path}.*"), item, min, depth, paths),
        FieldType::Record(name) => match standard.records.get(name).filter(|_| depth < DEPTH_MAX) {
            Some(record) => {
                for (name, member) in &record.members {
                    let path = format!("{path}.{name}");
                    if member.field.class >= min {
                        paths.push(path);
                    } else {
                        collect(standard, &path, &member.field.of, min, depth + 1, paths);
                    }
                }
            }
            None => paths.push(path.to_owned()),
        },
        _ => {}
    }
}

/// Calls `f` once for each outermost part of `value` whose own class is `min` or higher, with its path
/// (`stewards.0.resident_id`) and the part itself, which `f` may replace: the store seals with it, a log blanks with it.
///
/// Absent parts (null) are passed over. A part whose shape is not the type's is handed over whole if anything inside
/// the type is that sensitive, and so is a record that the standard does not know.
pub fn for_each_sensitive(
    standard: &FieldStandard,
    name: &str,
    of: &FieldType,
    value: &mut Value,
    min: Class,
    f: &mut dyn FnMut(&str, &mut Value),
) {
    if own_class(standard, name) >= min {
        if !value.is_null() {
            f(name, value);
        }
    } else {
        walk(standard, name, of, value, min, f);
    }
}

fn walk(standard: &FieldStandard, path: &str, of: &FieldType, value: &mut Value, min: Class, f: &mut dyn FnMut(&str, &mut Value)) {
    if value.is_null() || class_within(standard, of, 0) < min {
        return;
    }
    match (of, &mut *value) {
        (FieldType::List(item), Value::Array(items)) => {
            for (index, each) in items.iter_mut().enumerate() {
                walk(standard, &format!("{path}.{index}"), item, each, min, f);
            }
        }
        (FieldType::Record(name), Value::Object(given)) if standard.records.contains_key(name) => {
            for (name, each) in given.iter_mut() {
                let path = format!("{path}.{name}");
                match standard.records.get(record_name(of)).and_then(|record| record.members.get(name)) {
                    Some(member) if member.field.class < min => walk(standard, &path, &member.field.of, each, min, f),
                    _ if each.is_null() => {}
                    _ => f(&path, each),
                }
            }
        }
        _ => f(path, value),
    }
}

fn record_name(of: &FieldType) -> &str {
    match of {
        FieldType::Record(name) => name,
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{
        form::{Field, Record, RecordMember},
        source::Place,
        text::Text,
    };

    fn member(name: &str, class: Class, of: FieldType) -> (String, RecordMember) {
        (name.to_owned(), RecordMember { field: Field { class, ..Field::bare(name, of) }, required: true })
    }

    fn standard() -> FieldStandard {
        let mut standard = FieldStandard::default();
        let mut add = |name: &str, members: Vec<(String, RecordMember)>| {
            let members = members.into_iter().collect();
            let record = Record { name: name.to_owned(), label: Text::zh(name), members, place: Place::default() };
            standard.records.insert(name.to_owned(), record);
        };
        add("contact", vec![member("mobile", Class::P2, FieldType::Text), member("resident_id", Class::P3, FieldType::Text)]);
        add("body", vec![member("name", Class::P0, FieldType::Text), member("contact", Class::P1, FieldType::Record("contact".into()))]);
        standard.fields.insert("belief".into(), Field { class: Class::P3, ..Field::bare("belief", FieldType::Text) });
        standard
    }

    fn bodies() -> FieldType {
        FieldType::List(Box::new(FieldType::Record("body".into())))
    }

    #[test]
    fn paths_name_the_outermost_sensitive_parts() {
        let standard = standard();
        assert_eq!(seal_paths(&standard, "belief", &FieldType::Text, Class::P3), ["belief"]);
        assert_eq!(seal_paths(&standard, "bodies", &bodies(), Class::P3), ["bodies.*.contact.resident_id"]);
        let personal = ["bodies.*.contact.mobile", "bodies.*.contact.resident_id"];
        assert_eq!(seal_paths(&standard, "bodies", &bodies(), Class::P2), personal);
        assert_eq!(seal_paths(&standard, "note", &FieldType::Text, Class::P3), Vec::<String>::new());
        assert_eq!(class_of(&standard, "bodies", &bodies()), Class::P3);
        assert_eq!(class_of(&standard, "note", &FieldType::Text), Class::P1);
    }

    #[test]
    fn the_walker_reaches_every_row_and_may_replace() {
        let mut value = json!([
            {"name": "某寺", "contact": {"mobile": "13800005678", "resident_id": "310101199001010012"}},
            {"name": "某观", "contact": {"mobile": "13800005678", "resident_id": null}},
            {"name": "某堂", "contact": "不是记录"},
            {"name": "某宫", "contact": {"unknown": "310101199001010012"}},
        ]);
        let mut seen = Vec::new();
        for_each_sensitive(&standard(), "bodies", &bodies(), &mut value, Class::P3, &mut |path, part| {
            seen.push(path.to_owned());
            *part = json!("sealed");
        });
        assert_eq!(seen, ["bodies.0.contact.resident_id", "bodies.2.contact", "bodies.3.contact.unknown"]);
        assert!(!value.to_string().contains("310101") && value.to_string().contains("13800005678"));
    }

    #[test]
    fn what_the_standard_does_not_know_is_sealed_whole() {
        let mut value = json!([{"a": 1}]);
        let of = FieldType::List(Box::new(FieldType::Record("gone".into())));
        let mut seen = 0;
        for_each_sensitive(&FieldStandard::default(), "rows", &of, &mut value, Class::P3, &mut |_, _| seen += 1);
        assert_eq!(seen, 1);
    }
}
