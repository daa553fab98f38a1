//! People and their posts.

use std::collections::BTreeSet;

use indexmap::IndexMap;

use super::{
    Entry, Ground,
    fault::{fault, id_fault, name_fault, none_of, term_fault, unknown},
};
use crate::{
    definition::{Role, THREE},
    form::{FieldError, is_mail},
    organisation::{Official, Post, Register, Tenure, Term},
    time::Moment,
};

impl Register {
    pub(super) fn add_person(&mut self, id: &str, entry: &Entry) -> Result<(), Vec<FieldError>> {
        let mut faults: Vec<FieldError> = id_fault("id", id).into_iter().collect();
        if self.people.contains_key(id) {
            faults.push(fault("id", "exists", format!("人员编号“{id}”已被使用"), format!("there is a person `{id}` already")));
        }
        faults.extend(self.entry_faults(id, entry));
        none_of(faults)?;
        let Entry { name, login, mail } = entry.clone();
        self.people.insert(id.to_owned(), Official { name, login, mail, ..Official::default() });
        Ok(())
    }

    pub(super) fn change_person(&mut self, id: &str, entry: &Entry) -> Result<(), Vec<FieldError>> {
        none_of(self.entry_faults(id, entry))?;
        let Some(official) = self.people.get_mut(id) else { return Err(vec![self.unknown_person("id", id)]) };
        let Entry { name, login, mail } = entry.clone();
        (official.name, official.login, official.mail) = (name, login, mail);
        Ok(())
    }

    fn entry_faults(&self, id: &str, entry: &Entry) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = name_fault("name", &entry.name).into_iter().collect();
        if let Some(login) = &entry.login {
            faults.extend(login_fault(login));
            let taken = self.people.iter().find(|(other, official)| *other != id && official.login.as_ref() == Some(login));
            faults.extend(taken.map(|(_, official)| {
                let name = &official.name;
                fault(
                    "login",
                    "login-taken",
                    format!("账号“{login}”已属于{name}，请另取一个"),
                    format!("the login `{login}` belongs to {name}; choose another one"),
                )
            }));
        }
        if let Some(mail) = entry.mail.as_deref().filter(|mail| !is_mail(mail)) {
            faults.push(fault(
                "mail",
                "mail-malformed",
                format!("“{mail}”不是邮箱地址，应如 name@example.test"),
                format!("`{mail}` is no mail address such as name@example.test"),
            ));
        }
        faults
    }

    pub(super) fn give_post(&mut self, person: &str, tenure: &Tenure, ground: &Ground<'_>) -> Result<(), Vec<FieldError>> {
        // what somebody held who has left is history, and may still be written down
        let left = self.people.get(person).and_then(|official| official.left);
        let past = left.zip(tenure.term.until).is_some_and(|(left, until)| until <= left);
        let mut faults: Vec<FieldError> = self.absent_fault("person", person).filter(|_| !past).into_iter().collect();
        let Post { role, unit } = &tenure.post;
        if !ground.roles.contains_key(role) {
            faults.push(unknown("role", "unknown-role", ("角色", "role"), role, ground.roles.keys().map(String::as_str)));
        }
        if !self.open_units().any(|open| open == unit) {
            faults.push(self.unknown_unit("unit", unit));
        }
        faults.extend(term_fault(&tenure.term));
        if let Some(official) = self.people.get(person) {
            let held = |other: &&Tenure| other.post == tenure.post && other.term.meets(&tenure.term);
            if official.posts.iter().any(|other| held(&other)) {
                faults.push(double());
            }
            faults.extend(apart_fault(official, tenure, ground));
        }
        none_of(faults)?;
        if let Some(official) = self.people.get_mut(person) {
            official.posts.push(tenure.clone());
        }
        Ok(())
    }

    pub(super) fn end_post(
        &mut self,
        person: &str,
        post: &Post,
        from: Option<Moment>,
        until: Option<Moment>,
    ) -> Result<(), Vec<FieldError>> {
        let Some(official) = self.people.get_mut(person) else { return Err(vec![self.unknown_person("person", person)]) };
        let Some(at) = official.posts.iter().position(|tenure| tenure.post == *post && tenure.term.from == from) else {
            return Err(vec![fault("role", "post-unknown", "此人没有这个岗位，请刷新后再看", "that person has no such post; look again")]);
        };
        if from.zip(until).is_some_and(|(from, until)| until <= from) {
            official.posts.remove(at);
            return Ok(());
        }
        let term = Term { from, until };
        let meets = |(other, tenure): (usize, &Tenure)| other != at && tenure.post == *post && tenure.term.meets(&term);
        if official.posts.iter().enumerate().any(meets) {
            return Err(vec![double()]);
        }
        official.posts[at].term = term;
        Ok(())
    }

    /// How many of the three administrators' duties are in the hands of somebody for good.
    pub(super) fn duties_held(&self, roles: &IndexMap<String, Role>) -> usize {
        let posts = || self.people.values().flat_map(|official| &official.posts).filter(|tenure| tenure.term.until.is_none());
        let carries = |role: &str, duty: &str| roles.get(role).is_some_and(|role| role.may.iter().any(|word| word == duty));
        THREE.into_iter().filter(|duty| posts().any(|tenure| carries(&tenure.post.role, duty))).count()
    }

    pub(super) fn leave(&mut self, person: &str, at: Moment) -> Result<(), Vec<FieldError>> {
        if let Some(fault) = self.absent_fault("person", person) {
            return Err(vec![fault]);
        }
        let Some(official) = self.people.get_mut(person) else { return Ok(()) };
        official.left = Some(at);
        official.posts.retain_mut(|tenure| tenure.term.end(at));
        self.substitutions.retain_mut(|s| (s.absent != person && s.by != person) || s.term.end(at));
        Ok(())
    }
}

fn double() -> FieldError {
    fault("role", "double-post", "此人在这段时间已有这个岗位", "that person has this post in that time already")
}

/// Logins are typed by hand, and are the same whatever the case of letters.
fn login_fault(login: &str) -> Option<FieldError> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = (2..=64).contains(&login.len()) && login.starts_with(letter) && login.chars().all(|c| letter(c) || "._-".contains(c));
    (!fits).then(|| {
        fault(
            "login",
            "login-malformed",
            format!("账号“{login}”应为 2 至 64 个小写字母、数字、点、下划线或连字符"),
            format!("the login `{login}` should have 2 to 64 lower-case letters, digits, dots, underscores or hyphens"),
        )
    })
}

/// Whether the post would put two duties into one hand that are kept apart.
fn apart_fault(official: &Official, tenure: &Tenure, ground: &Ground<'_>) -> Option<FieldError> {
    let duties = |role: &str| -> BTreeSet<&str> {
        let may = ground.roles.get(role).into_iter().flat_map(|role| role.may.iter().map(String::as_str));
        may.filter(|duty| THREE.contains(duty)).collect()
    };
    let new = duties(&tenure.post.role);
    let meanwhile = official.posts.iter().filter(|other| other.term.meets(&tenure.term)).flat_map(|other| duties(&other.post.role));
    meanwhile.into_iter().any(|duty| !new.is_empty() && !new.contains(duty)).then(|| {
        fault(
            "role",
            "duties-apart",
            "系统管理、安全保密管理、安全审计三种职责不能由一人兼任",
            "the duties of system, security and audit administrator cannot be held by one person",
        )
    })
}

impl Term {
    /// Whether two terms have a moment in common.
    pub fn meets(&self, other: &Self) -> bool {
        let before = |from: Option<Moment>, until: Option<Moment>| from.zip(until).is_none_or(|(from, until)| from < until);
        before(self.from, other.until) && before(other.from, self.until)
    }

    /// Ends it at `at` at the latest; false if it would not even begin.
    pub(super) fn end(&mut self, at: Moment) -> bool {
        self.until = Some(self.until.map_or(at, |until| until.min(at)));
        self.from.is_none_or(|from| from < at)
    }
}
