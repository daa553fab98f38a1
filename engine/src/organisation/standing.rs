//! May this person do the work of a post in a case, and on whose behalf: for herself, or for somebody who is away.
//!
//! What posts give, a substitute has, and no more: not what the person who is away was given by name, nor what that person
//! would do for others. Whoever must keep away from a case has nothing in it, and gives nothing.

use super::{Concern, Organisation, Person, Post, Recusal};

/// A case, as far as people's rights depend on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Matter<'a> {
    /// Process id.
    pub process: &'a str,
    /// The case's id.
    pub case: &'a str,
    /// The unit that applied.
    pub applicant_unit: Option<&'a str>,
}

/// On whose behalf somebody acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing<'a> {
    /// Her own: she holds the post, or was given the work by name.
    Own,
    /// For a person who is away, by id.
    For(&'a str),
}

impl<'a> Standing<'a> {
    /// The person who is away and for whom she acts.
    pub fn absent(self) -> Option<&'a str> {
        match self {
            Self::Own => None,
            Self::For(absent) => Some(absent),
        }
    }
}

impl Concern {
    /// Whether a case is what it is about.
    pub fn covers(&self, matter: &Matter<'_>) -> bool {
        match self {
            Self::Case(case) => case == matter.case,
            Self::Unit(unit) => matter.applicant_unit == Some(unit.as_str()),
        }
    }
}

impl Organisation {
    /// Why `person` must keep away from a case, if she must.
    pub fn recusal(&self, person: &str, matter: &Matter<'_>) -> Option<&Recusal> {
        self.recusals.iter().find(|recusal| recusal.person == person && recusal.about.covers(matter))
    }

    /// Those who are away and for whom `person` acts in a case. Who must keep away from it gives nobody anything.
    pub fn absent_for<'a>(&'a self, person: &str, matter: &Matter<'_>) -> impl Iterator<Item = (&'a str, &'a Person)> {
        let matter = *matter;
        let mine = self.people.get(person).map_or(&[][..], |person| &person.stands_in);
        mine.iter()
            .filter(move |stand_in| stand_in.in_process(matter.process) && self.recusal(&stand_in.absent, &matter).is_none())
            .filter_map(|stand_in| Some((stand_in.absent.as_str(), self.people.get(&stand_in.absent)?)))
    }

    /// On whose behalf `person` does in a case what posts that fit give; None: not at all.
    pub fn stands(&self, person: &str, matter: &Matter<'_>, fits: impl Fn(&Post) -> bool) -> Option<Standing<'_>> {
        let own = self.people.get(person)?;
        if self.recusal(person, matter).is_some() {
            return None;
        }
        if own.posts.iter().any(&fits) {
            return Some(Standing::Own);
        }
        self.absent_for(person, matter).find(|(_, absent)| absent.posts.iter().any(&fits)).map(|(id, _)| Standing::For(id))
    }

    /// On whose behalf `person` does the work of `role` at `unit` in a case; None: not at all.
    pub fn standing(&self, person: &str, role: &str, unit: &str, matter: &Matter<'_>) -> Option<Standing<'_>> {
        self.stands(person, matter, |post| post.role == role && post.unit == unit)
    }

    /// Whether somebody acts for `person` in a process, because she is away.
    pub fn is_away(&self, person: &str, process: &str) -> bool {
        let stands_in = |other: &Person| other.stands_in.iter().any(|s| s.absent == person && s.in_process(process));
        self.people.values().any(stands_in)
    }

    /// Ids of those who are there for the work of `role` at `unit` in a case, in order: holders who are not away, and
    /// substitutes of those who are; nobody who must keep away from it.
    pub fn workers<'a>(&'a self, role: &'a str, unit: &'a str, matter: Matter<'a>) -> impl Iterator<Item = (&'a str, &'a Person)> {
        let there = move |id: &str| self.standing(id, role, unit, &matter).is_some() && !self.is_away(id, matter.process);
        self.people.iter().map(|(id, person)| (id.as_str(), person)).filter(move |(id, _)| there(id))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    /// An is away and Bo acts for her, in one process; Bo is away and Cy acts for him, in all.
    fn organisation() -> Organisation {
        let text = r#"{
            "units": {},
            "people": {
                "an": {"name": "安", "posts": [{"role": "head", "unit": "jia"}]},
                "bo": {"name": "卜", "posts": [{"role": "clerk", "unit": "jia"}], "stands_in": [{"absent": "an", "processes": ["p"]}]},
                "cy": {"name": "褚", "posts": [], "stands_in": [{"absent": "bo"}]}},
            "recusals": [
                {"id": "r1", "person": "an", "about": {"case": "c1"}, "reason": "亲属"},
                {"id": "r2", "person": "bo", "about": {"unit": "temple"}, "reason": "任职"}]}"#;
        serde_json::from_str(text).unwrap()
    }

    fn matter(process: &'static str, case: &'static str) -> Matter<'static> {
        Matter { process, case, applicant_unit: None }
    }

    #[test]
    fn a_substitute_has_the_posts_of_one_who_is_away_in_the_processes_that_were_named() {
        let organisation = organisation();
        let head = |person: &str, process| organisation.standing(person, "head", "jia", &matter(process, "c")).map(|s| s.absent());
        assert_eq!([head("an", "p"), head("bo", "p"), head("bo", "q")], [Some(None), Some(Some("an")), None]);
    }

    #[test]
    fn a_substitute_of_a_substitute_has_only_the_posts_of_the_one_she_stands_in_for() {
        let organisation = organisation();
        assert_eq!(organisation.standing("cy", "clerk", "jia", &matter("p", "c")), Some(Standing::For("bo")));
        assert_eq!(organisation.standing("cy", "head", "jia", &matter("p", "c")), None);
    }

    #[test]
    fn whoever_must_keep_away_has_nothing_and_gives_nothing() {
        let organisation = organisation();
        let of_temple = Matter { applicant_unit: Some("temple"), ..matter("p", "c") };
        assert_eq!(organisation.standing("bo", "clerk", "jia", &of_temple), None);
        assert_eq!(organisation.standing("cy", "clerk", "jia", &of_temple), None, "nor does his substitute");
        assert_eq!(organisation.standing("bo", "head", "jia", &matter("p", "c1")), None, "an must keep away from c1");
        assert_eq!(organisation.recusal("an", &matter("q", "c1")).unwrap().reason, "亲属");
    }

    #[test]
    fn those_who_are_there_are_neither_away_nor_recused() {
        let organisation = organisation();
        let there = |role, process, case| organisation.workers(role, "jia", matter(process, case)).map(|(id, _)| id).collect::<Vec<_>>();
        assert_eq!(there("clerk", "q", "c"), ["cy"]);
        assert_eq!(there("head", "p", "c"), Vec::<&str>::new(), "bo, who would act for an, is away himself");
        assert_eq!(there("head", "q", "c"), ["an"], "in other processes she is there");
    }
}
