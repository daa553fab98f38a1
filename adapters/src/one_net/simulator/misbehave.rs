//! The platform on a bad day: what it can be told to do wrong, for each kind of message or for all.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What goes wrong. Nothing, by default.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misbehaviour {
    /// Which kind of message it is about; None: all of them.
    pub kind: Option<String>,
    /// Waits so long before it answers.
    pub delay_ms: u64,
    /// Refuses what comes (HTTP 422) and keeps nothing.
    pub refuse: bool,
    /// Answers 500 and keeps nothing.
    pub status_500: bool,
    /// Keeps what comes, but answers as if it had not (504): the office must send it again.
    pub answer_late: bool,
    /// Sends each of its own messages twice.
    pub send_twice: bool,
    /// Sends the newest of its own messages about an application first.
    pub reorder: bool,
    /// Is away: answers nothing but 503, and sends nothing.
    pub away: bool,
    /// For so many messages only; None: until told otherwise.
    pub times: Option<u32>,
}

impl Misbehaviour {
    fn is_none(&self) -> bool {
        Self { kind: None, times: None, ..self.clone() } == Self::default()
    }
}

/// All that it was told. A word about one kind beats the word about all.
#[derive(Debug, Default)]
pub(super) struct BadDay {
    by_kind: BTreeMap<Option<String>, Misbehaviour>,
}

impl BadDay {
    /// Tells it; one that is empty takes back what was said about its kind.
    pub(super) fn tell(&mut self, misbehaviour: Misbehaviour) {
        if misbehaviour.is_none() {
            self.by_kind.remove(&misbehaviour.kind);
        } else {
            self.by_kind.insert(misbehaviour.kind.clone(), misbehaviour);
        }
    }

    /// How to treat a message of `kind`.
    pub(super) fn look(&self, kind: &str) -> Misbehaviour {
        self.by_kind.get(&Some(kind.to_owned())).or_else(|| self.by_kind.get(&None)).cloned().unwrap_or_default()
    }

    /// How to treat a message of `kind` that is here now; counts it.
    pub(super) fn take(&mut self, kind: &str) -> Misbehaviour {
        let found = self.look(kind);
        if let Some(times) = found.times {
            let next = Misbehaviour { times: Some(times.saturating_sub(1)), ..found.clone() };
            if times <= 1 { drop(self.by_kind.remove(&found.kind)) } else { self.tell(next) }
        }
        found
    }

    /// All that it was told.
    pub(super) fn all(&self) -> impl Iterator<Item = &Misbehaviour> {
        self.by_kind.values()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_about_one_kind_beats_the_word_about_all_and_wears_off() {
        let mut day = BadDay::default();
        day.tell(Misbehaviour { away: true, ..Misbehaviour::default() });
        day.tell(Misbehaviour { kind: Some("status".into()), status_500: true, times: Some(2), ..Misbehaviour::default() });
        assert!(day.take("item").away);
        assert!(day.take("status").status_500 && day.take("status").status_500);
        assert!(day.take("status").away);
        day.tell(Misbehaviour::default());
        assert_eq!(day.take("status"), Misbehaviour::default());
    }
}
