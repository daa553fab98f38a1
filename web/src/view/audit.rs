//! The audit in words: deeds, kinds of things, and what was there before beside what is there now.

use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;
use tongban_engine::{definition::Role, organisation::Register, text::Language, time::Moment};

use super::{say, when::When};

/// Words for what was done. Others are shown as they stand.
const DEEDS: &[(&str, &str)] = &[
    ("account.disabled", "deed.account_disabled"),
    ("account.enabled", "deed.account_enabled"),
    ("audit.exported", "deed.audit_exported"),
    ("audit.verified", "deed.audit_verified"),
    ("case.read", "deed.case_read"),
    ("case.released", "deed.case_released"),
    ("cases.migrated", "deed.cases_migrated"),
    ("cases.migrated_back", "deed.cases_migrated_back"),
    ("delivery.resent", "deed.delivery_resent"),
    ("emergency.begun", "deed.emergency_begun"),
    ("factor.enrolled", "deed.factor_enrolled"),
    ("factor.ended", "deed.factor_ended"),
    ("factor.reset", "deed.factor_reset"),
    ("field.revealed", "deed.field_revealed"),
    ("field.reveal-refused", "deed.field_reveal_refused"),
    ("file.quarantined", "deed.file_quarantined"),
    ("file.refused", "deed.file_refused"),
    ("hold.set", "deed.hold_set"),
    ("hold.lifted", "deed.hold_lifted"),
    ("identity.bound", "deed.identity_bound"),
    ("identity.unbound", "deed.identity_unbound"),
    ("key.destroyed", "deed.key_destroyed"),
    ("key.kept", "deed.key_kept"),
    ("keys.rotated", "deed.keys_rotated"),
    ("keys.retired", "deed.keys_retired"),
    ("message.closed", "deed.message_closed"),
    ("message.retried", "deed.message_retried"),
    ("password.changed", "deed.password_changed"),
    ("password.given", "deed.password_given"),
    ("person.added", "deed.person_added"),
    ("person.changed", "deed.person_changed"),
    ("person.handed_over", "deed.person_handed_over"),
    ("person.left", "deed.person_left"),
    ("post.given", "deed.post_given"),
    ("post.ended", "deed.post_ended"),
    ("process.deployed", "deed.process_deployed"),
    ("proposal.approved", "deed.proposal_approved"),
    ("proposal.expired", "deed.proposal_expired"),
    ("proposal.made", "deed.proposal_made"),
    ("proposal.refused", "deed.proposal_refused"),
    ("proposal.withdrawn", "deed.proposal_withdrawn"),
    ("recusal.begun", "deed.recusal_begun"),
    ("recusal.ended", "deed.recusal_ended"),
    ("register.exported", "deed.register_exported"),
    ("register.set", "deed.register_set"),
    ("session.asked", "deed.session_asked"),
    ("session.begun", "deed.session_begun"),
    ("session.ended", "deed.session_ended"),
    ("session.refused", "deed.session_refused"),
    ("session.stepped-up", "deed.session_stepped_up"),
    ("substitution.begun", "deed.substitution_begun"),
    ("substitution.ended", "deed.substitution_ended"),
    ("unit.added", "deed.unit_added"),
    ("unit.changed", "deed.unit_changed"),
    ("unit.closed", "deed.unit_closed"),
    ("unit.moved", "deed.unit_moved"),
];

/// Words for kinds of things.
pub const KINDS: &[(&str, &str)] = &[
    ("case", "kind.case"),
    ("person", "kind.person"),
    ("unit", "kind.unit"),
    ("proposal", "kind.proposal"),
    ("process", "kind.process"),
    ("session", "kind.session"),
    ("file", "kind.file"),
    ("delivery", "kind.delivery"),
    ("message", "kind.message"),
    ("register", "kind.register"),
    ("audit", "kind.audit"),
    ("account", "kind.account"),
    ("subject", "kind.subject"),
    ("key", "kind.key"),
    ("substitution", "kind.substitution"),
    ("recusal", "kind.recusal"),
];

fn worded(language: Language, words: &[(&str, &'static str)], word: &str) -> String {
    words.iter().find(|(known, _)| *known == word).map_or_else(|| word.to_owned(), |(_, key)| say(language, key).to_owned())
}

/// What was done, in words.
pub fn deed(language: Language, word: &str) -> String {
    worded(language, DEEDS, word)
}

/// What kind of thing, in words.
pub fn kind(language: Language, word: &str) -> String {
    worded(language, KINDS, word)
}

/// Words for members of what changed. Others are shown as they stand.
const MEMBERS: &[(&str, &str)] = &[
    ("absent", "member.absent"),
    ("by", "member.by"),
    ("cases", "member.cases"),
    ("code", "member.code"),
    ("duty", "member.duty"),
    ("filter", "member.filter"),
    ("format", "member.format"),
    ("from", "member.from"),
    ("hash", "member.hash"),
    ("items", "member.items"),
    ("kind", "member.kind"),
    ("left", "member.left"),
    ("login", "member.login"),
    ("mail", "member.mail"),
    ("name", "member.name"),
    ("no", "member.no"),
    ("parent", "member.parent"),
    ("person", "member.person"),
    ("posts", "member.posts"),
    ("processes", "member.processes"),
    ("proposed_by", "member.proposed_by"),
    ("reason", "member.reason"),
    ("role", "member.role"),
    ("rows", "member.rows"),
    ("unit", "member.unit"),
    ("until", "member.until"),
    ("version", "member.version"),
    ("what", "member.what"),
];

/// A value as it was and as it is.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Where it stands.
    name: String,
    before: String,
    after: String,
    changed: bool,
}

/// What turns ids, words and moments of a change into what people call them.
pub struct Names<'a> {
    /// Units and people, those who left among them.
    pub register: &'a Register,
    /// Roles of the office.
    pub roles: &'a IndexMap<String, Role>,
    /// Moments.
    pub when: &'a When,
}

impl Names<'_> {
    /// Old and new side by side, a line for each value, in the order in which they stand.
    pub fn sides(&self, before: Option<&str>, after: Option<&str>) -> Vec<Side> {
        let mut lines: IndexMap<String, [String; 2]> = IndexMap::new();
        for (index, text) in [before, after].into_iter().enumerate() {
            let Some(text) = text else { continue };
            let value = serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()));
            self.flat(&value, "", "", &mut |name, text| lines.entry(name).or_default()[index] = text);
        }
        lines.into_iter().map(|(name, [before, after])| Side { name, changed: before != after, before, after }).collect()
    }

    fn flat(&self, value: &Value, path: &str, member: &str, tell: &mut impl FnMut(String, String)) {
        let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path} · {name}") };
        match value {
            Value::Object(members) if !members.is_empty() => {
                members.iter().for_each(|(name, value)| self.flat(value, &below(&self.member(name)), name, tell));
            }
            Value::Array(items) if !items.is_empty() => {
                items.iter().zip(1..).for_each(|(value, no): (_, u32)| self.flat(value, &below(&no.to_string()), member, tell));
            }
            value => tell(path.to_owned(), self.value(member, value)),
        }
    }

    /// `person lin` is what a proposal is about, anything else a member's name.
    fn member(&self, name: &str) -> String {
        match name.split_once(' ') {
            Some(("person", id)) => self.called("person", id),
            Some(("unit", id)) => self.called("unit", id),
            _ => worded(self.when.language(), MEMBERS, name),
        }
    }

    fn value(&self, member: &str, value: &Value) -> String {
        match (member, value) {
            ("from" | "until" | "left", Value::Number(at)) => at.as_i64().map(|at| self.when.moment(Moment(at))).unwrap_or_default(),
            (_, Value::String(text)) => self.called(member, text),
            (_, other) => other.to_string(),
        }
    }

    fn called(&self, member: &str, id: &str) -> String {
        let language = self.when.language();
        let found = match member {
            "role" => self.roles.get(id).map(|role| role.name.get(language).to_owned()),
            "unit" | "parent" => self.register.units.get(id).map(|unit| unit.name.get(language).to_owned()),
            "person" | "absent" | "by" | "proposed_by" => self.register.people.get(id).map(|official| official.name.clone()),
            _ => None,
        };
        found.unwrap_or_else(|| id.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tongban_engine::{
        calendar::Calendar,
        source::{Source, parse},
    };

    use super::*;

    #[test]
    fn old_and_new_stand_side_by_side_as_people_call_them() {
        let text = include_str!("../../../forms/calendars/cn.yaml");
        let source = Source { name: "forms/calendars/cn.yaml".into(), text: text.into() };
        let (calendar, _) = Calendar::load(&source, &parse(&source).0.expect("a tree"));
        let when = When::new(Arc::new(calendar.expect("a calendar")), Language::Zh, Moment(1_795_426_200_000));
        let register =
            serde_json::from_str(r#"{"people": {"an": {"name": "安"}}, "units": {"jia": {"name": {"zh": "甲区"}, "kind": "district"}}}"#);
        let (register, roles) = (register.expect("a register"), IndexMap::new());
        let names = Names { register: &register, roles: &roles, when: &when };
        let told = names.sides(
            Some(r#"{"person an": {"name": "安", "posts": [{"role": "a", "unit": "jia"}]}}"#),
            Some(r#"{"person an": {"name": "安", "posts": [{"role": "a", "unit": "jia", "until": 1795424400000}], "size": 2}}"#),
        );
        let lines: Vec<_> = told.iter().map(|side| (side.name.as_str(), &*side.before, &*side.after, side.changed)).collect();
        assert_eq!(
            lines,
            [
                ("安 · 姓名", "安", "安", false),
                ("安 · 岗位 · 1 · 角色", "a", "a", false),
                ("安 · 岗位 · 1 · 机构", "甲区", "甲区", false),
                ("安 · 岗位 · 1 · 截止", "", "11-23 周一 17:00", true),
                ("安 · size", "", "2", true),
            ]
        );
        assert_eq!(names.sides(None, None), []);
    }
}
