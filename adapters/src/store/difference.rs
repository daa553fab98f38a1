//! What of a value changed, so that a record of the change is as large as the change.

use serde_json::{Map, Value};

/// The members that differ, as they were and as they are; None if nothing does. Lists are taken whole.
pub(crate) fn difference(before: &Value, after: &Value) -> Option<(Value, Value)> {
    if before == after {
        return None;
    }
    let (Value::Object(old), Value::Object(new)) = (before, after) else { return Some((before.clone(), after.clone())) };
    let (mut was, mut is) = (Map::new(), Map::new());
    for (name, value) in old {
        match new.get(name) {
            None => drop(was.insert(name.clone(), value.clone())),
            Some(now) => {
                if let Some((then, now)) = difference(value, now) {
                    was.insert(name.clone(), then);
                    is.insert(name.clone(), now);
                }
            }
        }
    }
    is.extend(new.iter().filter(|(name, _)| !old.contains_key(*name)).map(|(name, value)| (name.clone(), value.clone())));
    Some((Value::Object(was), Value::Object(is)))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_changed_is_told() {
        let before = json!({"people": {"an": {"name": "安", "posts": [1]}, "bo": {"name": "卜"}}, "units": {"jia": 1}});
        let after = json!({"people": {"an": {"name": "安", "posts": [1, 2]}, "ci": {"name": "慈"}}, "units": {"jia": 1}});
        let told = (
            json!({"people": {"an": {"posts": [1]}, "bo": {"name": "卜"}}}),
            json!({"people": {"an": {"posts": [1, 2]}, "ci": {"name": "慈"}}}),
        );
        assert_eq!(difference(&before, &after), Some(told));
        assert_eq!(difference(&before, &before), None);
    }
}
