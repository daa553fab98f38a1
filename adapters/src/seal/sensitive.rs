//! Text that travels: what came in from outside and nobody has looked at yet.

use zeroize::Zeroizing;

/// Text that must not get out by accident: it cannot be serialised, its debug form tells nothing, and it is wiped when it is
/// dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Sensitive(Zeroizing<String>);

impl Sensitive {
    /// The text itself: to be sealed, read or shown to who may see it.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Sensitive {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sensitive(…)")
    }
}

impl From<String> for Sensitive {
    fn from(text: String) -> Self {
        Self(Zeroizing::new(text))
    }
}

impl From<&str> for Sensitive {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_get_into_a_log() {
        assert_eq!(format!("{:?}", Some(Sensitive::from("机密"))), "Some(Sensitive(…))");
    }
}
