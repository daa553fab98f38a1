//! Reading YAML of configuration, scenarios and demonstration data: YAML 1.2, in which `on`, `yes` and `y` are words.

use serde::de::DeserializeOwned;

/// Reads a text.
///
/// # Errors
/// What is wrong, with line and column.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, serde_yaml::Error> {
    serde_yaml::from_str_with_options(text, serde_yaml::options! { strict_booleans: true })
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn only_true_and_false_are_booleans() {
        let words: Value = read("[on, off, y, n, yes, no, Yes, NO, true, false]").unwrap();
        assert_eq!(words, json!(["on", "off", "y", "n", "yes", "no", "Yes", "NO", true, false]));
        let keys: Value = read("{y: 1, on: 2}").unwrap();
        assert_eq!(keys, json!({"y": 1, "on": 2}));
        assert!(read::<Vec<bool>>("[yes]").is_err(), "where a boolean must stand, only true and false are one");
    }
}
