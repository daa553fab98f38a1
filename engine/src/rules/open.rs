//! What expressions of an experiment may do besides: ask whether a name was ever written.

/// `is_set("name")` asks for a name; the name itself, absent or not, is what `is_set` looks at.
pub(super) fn is_set_by_name(text: &str) -> String {
    const CALL: &str = "is_set(\"";
    let mut rest = text;
    let mut rewritten = String::with_capacity(text.len());
    while let Some(at) = rest.find(CALL) {
        let name_from = at + CALL.len();
        let end = rest[name_from..].find("\")").map(|end| name_from + end);
        match end.filter(|&end| is_name(&rest[name_from..end])) {
            Some(end) => {
                rewritten.push_str(&rest[..at]);
                rewritten.push_str("is_set(");
                rewritten.push_str(&rest[name_from..end]);
                rewritten.push(')');
                rest = &rest[end + 2..];
            }
            None => {
                rewritten.push_str(&rest[..name_from]);
                rest = &rest[name_from..];
            }
        }
    }
    rewritten.push_str(rest);
    rewritten
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::is_set_by_name;

    #[test]
    fn a_name_in_quotes_is_the_name() {
        assert_eq!(is_set_by_name(r#"if is_set("sum") { sum + 1 } else { 1 }"#), "if is_set(sum) { sum + 1 } else { 1 }");
        assert_eq!(is_set_by_name(r#"is_set("not a name") && is_set(x)"#), r#"is_set("not a name") && is_set(x)"#);
    }
}
