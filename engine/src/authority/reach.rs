//! What a person's posts reach, without any case at hand: the rule of [`Authority::authorize`] for lists.
//!
//! A list that is made of a reach holds exactly the cases that [`super::Action::SeeCase`] allows; a property test compares them.

use super::{Authority, relation::is_below};
use crate::{
    definition::Sees,
    organisation::{Concern, Person, Post},
};

/// What a person's own posts reach, and what she has from those she stands in for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reach {
    /// Her id.
    pub person: String,
    /// What her own posts give.
    pub own: Lent,
    /// What she has from each person who is away.
    pub lent: Vec<Lent>,
    /// What she must keep away from.
    pub recusals: Vec<Concern>,
}

/// Posts with what they reach: a person's own, or those of somebody who is away.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lent {
    /// The person whose they are.
    pub of: String,
    /// In these processes only; in all, if none is named.
    pub processes: Vec<String>,
    /// Posts.
    pub posts: Vec<Post>,
    /// Units whose every case a post sees from above: itself and those below.
    pub below: Vec<String>,
    /// What the person must keep away from: it gives nobody anything there.
    pub recusals: Vec<Concern>,
}

impl Lent {
    /// Ids of the units where the posts are, each once.
    pub fn units(&self) -> Vec<&str> {
        let mut units: Vec<&str> = self.posts.iter().map(|post| post.unit.as_str()).collect();
        units.sort_unstable();
        units.dedup();
        units
    }
}

impl Authority<'_> {
    /// What `person` reaches; nothing, if there is no such person.
    pub fn reach(&self, person: &str) -> Option<Reach> {
        let people = &self.organisation.people;
        let own = people.get(person)?;
        let recusals = self.recusals(person);
        let lent = own.stands_in.iter().filter_map(|stand_in| {
            let absent = people.get(&stand_in.absent)?;
            let (of, processes) = (stand_in.absent.clone(), stand_in.processes.clone());
            Some(Lent { processes, recusals: self.recusals(&of), ..self.lent(of, absent) })
        });
        Some(Reach { person: person.to_owned(), own: self.lent(person.to_owned(), own), lent: lent.collect(), recusals })
    }

    fn lent(&self, of: String, person: &Person) -> Lent {
        let sees = |post: &&Post| self.roles.get(&post.role).is_some_and(|role| role.sees == Sees::Below);
        let tops: Vec<&str> = person.posts.iter().filter(sees).map(|post| post.unit.as_str()).collect();
        let below = |unit: &&String| tops.iter().any(|top| is_below(self.organisation, unit, top));
        let mut units: Vec<String> = self.organisation.units.keys().filter(below).cloned().collect();
        // A post may be at a unit that the tree does not know.
        units.extend(tops.iter().filter(|top| !self.organisation.units.contains_key(**top)).map(|top| (*top).to_owned()));
        Lent { of, posts: person.posts.clone(), below: units, ..Lent::default() }
    }

    fn recusals(&self, person: &str) -> Vec<Concern> {
        self.organisation.recusals.iter().filter(|recusal| recusal.person == person).map(|recusal| recusal.about.clone()).collect()
    }
}
