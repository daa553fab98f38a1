//! The register of units and people as it is kept: who held what from when until when, who stands in for whom.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};

use super::{Organisation, Person, Post, StandIn, Unit};
use crate::time::Moment;

/// Units, people, substitutions and recusals, with their terms. Whoever left stays in it: the journal names her.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Register {
    /// Units by id.
    #[serde(default)]
    pub units: IndexMap<String, Unit>,
    /// People by id.
    #[serde(default)]
    pub people: IndexMap<String, Official>,
    /// Who stands in for whom.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub substitutions: Vec<Substitution>,
    /// Who must keep away from what.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recusals: Vec<Recusal>,
}

/// From when until when; open at an end that is not given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The first moment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// The first moment after it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
}

/// A person as she is kept.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Official {
    /// Shown name.
    pub name: String,
    /// The name of her account.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
    /// Mail address for notices.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail: Option<String>,
    /// Roles at units, past and future ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub posts: Vec<Tenure>,
    /// When she left; then she holds nothing and cannot log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left: Option<Moment>,
}

/// A post for a term.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tenure {
    /// Role at a unit.
    #[serde(flatten)]
    pub post: Post,
    /// When.
    #[serde(flatten)]
    pub term: Term,
}

/// One person acts for another who is away.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Substitution {
    /// Made by the shell.
    pub id: String,
    /// The person who is away.
    pub absent: String,
    /// Who acts for her.
    pub by: String,
    /// When.
    #[serde(flatten)]
    pub term: Term,
    /// In which processes; in all, if none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub processes: Vec<String>,
}

/// A person must keep away from cases (回避): she neither sees nor handles them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recusal {
    /// Made by the shell.
    pub id: String,
    /// Who keeps away.
    pub person: String,
    /// From what.
    pub about: Concern,
    /// Why, as it is recorded.
    pub reason: String,
    /// When.
    #[serde(flatten)]
    pub term: Term,
}

/// What a recusal is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Concern {
    /// One case, by its id.
    Case(String),
    /// Whatever a unit applies for.
    Unit(String),
}

impl Term {
    /// Whether it covers a moment.
    pub fn covers(&self, at: Moment) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }

    /// Whether both cover some moment.
    pub fn overlaps(&self, other: &Self) -> bool {
        let before = |one: &Self, other: &Self| one.until.zip(other.from).is_some_and(|(until, from)| until <= from);
        !before(self, other) && !before(other, self)
    }

    fn ends(&self) -> impl Iterator<Item = Moment> {
        self.from.into_iter().chain(self.until)
    }
}

impl Register {
    /// The organisation as it stands at a moment.
    pub fn at(&self, at: Moment) -> Organisation {
        let here = |official: &Official| official.left.is_none_or(|left| at < left);
        let person = |(id, official): (&String, &Official)| {
            let posts = official.posts.iter().filter(|tenure| tenure.term.covers(at)).map(|tenure| tenure.post.clone()).collect();
            let stands_in = self.substitutions.iter().filter(|s| s.by == *id && s.term.covers(at));
            let stands_in = stands_in.map(|s| StandIn { absent: s.absent.clone(), processes: s.processes.clone() }).collect();
            (id.clone(), Person { name: official.name.clone(), mail: official.mail.clone(), posts, stands_in })
        };
        Organisation {
            units: self.units.clone(),
            people: self.people.iter().filter(|(_, official)| here(official)).map(person).collect(),
            recusals: self.recusals.iter().filter(|recusal| recusal.term.covers(at)).cloned().collect(),
        }
    }

    /// The next moment after `at` at which [`Register::at`] may give something else.
    pub fn changes_after(&self, at: Moment) -> Option<Moment> {
        let people = self.people.values().flat_map(|o| o.posts.iter().flat_map(|tenure| tenure.term.ends()).chain(o.left));
        let substitutions = self.substitutions.iter().flat_map(|substitution| substitution.term.ends());
        let recusals = self.recusals.iter().flat_map(|recusal| recusal.term.ends());
        people.chain(substitutions).chain(recusals).filter(|moment| *moment > at).min()
    }
}

impl From<Organisation> for Register {
    /// An organisation whose terms are all open.
    fn from(organisation: Organisation) -> Self {
        let mut substitutions = Vec::new();
        for (by, person) in &organisation.people {
            for StandIn { absent, processes } in &person.stands_in {
                let id = format!("{absent}-{by}");
                let term = Term::default();
                substitutions.push(Substitution { id, absent: absent.clone(), by: by.clone(), term, processes: processes.clone() });
            }
        }
        let official = |person: Person| {
            let posts = person.posts.into_iter().map(|post| Tenure { post, term: Term::default() }).collect();
            Official { name: person.name, login: None, mail: person.mail, posts, left: None }
        };
        let people = organisation.people.into_iter().map(|(id, person)| (id, official(person))).collect();
        Self { units: organisation.units, people, substitutions, recusals: organisation.recusals }
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn register() -> Register {
        let text = r#"{
            "units": {"jia": {"name": {"zh": "甲"}, "kind": "district"}},
            "people": {
                "an": {"name": "安", "login": "an", "posts": [{"role": "clerk", "unit": "jia", "from": 10, "until": 20}, {"role": "head", "unit": "jia", "from": 20}]},
                "bo": {"name": "卜", "posts": [{"role": "clerk", "unit": "jia"}], "left": 40}},
            "substitutions": [{"id": "s", "absent": "an", "by": "bo", "from": 25, "until": 30}]}"#;
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn a_term_holds_from_its_first_moment_to_the_one_before_its_end() {
        let holds = |at: i64| {
            let organisation = register().at(Moment(at));
            ["clerk", "head"].into_iter().filter(|role| organisation.holds("an", role, "jia")).collect::<Vec<_>>()
        };
        let held: Vec<_> = [9, 10, 19, 20, 1000].map(holds).to_vec();
        assert_eq!(held, [vec![], vec!["clerk"], vec!["clerk"], vec!["head"], vec!["head"]]);
    }

    #[test]
    fn whoever_left_is_not_there_and_a_substitution_ends_by_itself() {
        let standing = |at: i64| register().at(Moment(at)).people.get("bo").map(|person| person.stands_in.len());
        assert_eq!([24, 25, 30, 39, 40].map(standing), [Some(0), Some(1), Some(0), Some(0), None]);
    }

    #[test]
    fn between_its_changes_the_organisation_stays_as_it_is() {
        let register = register();
        let (mut at, mut changes) = (Moment(0), Vec::new());
        while let Some(next) = register.changes_after(at) {
            changes.push(next.0);
            at = next;
        }
        assert_eq!(changes, [10, 20, 25, 30, 40]);
    }

    #[test]
    fn an_organisation_without_terms_comes_back_as_it_was() {
        let now = register().at(Moment(26));
        let again = Register::from(now.clone()).at(Moment(99));
        assert_eq!(serde_json::to_value(again).unwrap(), serde_json::to_value(now).unwrap());
    }
}
