//! A running case goes on under another version of its process. What can be said beforehand is said by doing it and
//! throwing the result away: [`plan`] and [`migrated`] are the same steps.

mod apply;
mod clocks;
mod data;
mod plan;
pub mod reasons;
mod stand;
mod tasks;
mod told;
mod triggers;
mod verdict;

pub(super) use apply::apply;
pub use plan::{CasePlan, Late, Sort, plan};
pub use reasons::Reason;

use super::{Actor, Ask, Case, Command, Context, Event, LocalNo, Rejection, codes, permission, run::Run};
use crate::{
    definition::{Definition, Mapping, Node},
    organisation::Organisation,
    text::Text,
    time::Moment,
};

/// The duty that lets somebody move cases between versions, see [`crate::definition::DUTIES`].
const DUTY: &str = "versions";

/// The case as it goes on under `new`, and what happens to it on the way: [`Ask::Migrate`] carried out.
///
/// Every token, scope, task, timer, wait, job, call, compensation entry and clock is found again in the new version, by
/// id or by the mapping; what is due is computed again from when it began wherever the versions say otherwise. Then the
/// case moves as far as it can, as after any command.
///
/// # Errors
/// `migration-undecided`, if a mapping could say what is missing; `migration-refused`, if none could; what any command is
/// refused for. Nothing happened.
pub fn migrated(
    old: &Definition,
    new: &Definition,
    case: &Case,
    command: &Command,
    context: &Context<'_>,
) -> Result<(Case, Vec<Event>), Rejection> {
    let Ask::Migrate { to, mapping } = &command.ask else { return Err(version_unknown("?")) };
    permission::running(case)?;
    may_migrate([old, new], &command.actor, context.organisation)?;
    if new.hash != *to || old.hash != case.definition || old.process.id != new.process.id {
        return Err(version_unknown(to));
    }
    if old.hash == new.hash {
        return Ok((case.clone(), Vec::new()));
    }
    let migration = Migration::carried_out(Versions { old, new, mapping }, case, &command.actor, command.at, context);
    match reasons::rejection(&migration.reasons) {
        Some(rejection) => Err(rejection),
        None => Ok((migration.run.case, migration.run.events)),
    }
}

/// Refused: whoever asks does not have both versions at hand.
pub fn version_unknown(to: &str) -> Rejection {
    let short = to.get(..12).unwrap_or(to);
    Rejection::new(
        codes::VERSION_UNKNOWN,
        Text::new(
            format!("这个流程没有可用的版本 {short}，或办件已不在原版本上"),
            format!("the process has no usable version {short}, or the case has left the version that it was on"),
        ),
    )
}

/// Whether `actor` may move cases: the system, or who holds a role that has the duty in one of the versions.
fn may_migrate(versions: [&Definition; 2], actor: &Actor, organisation: &Organisation) -> Result<(), Rejection> {
    let in_one = |version: &Definition, role: &str| version.roles.get(role).is_some_and(|role| role.may.iter().any(|duty| duty == DUTY));
    let dutiful = |role: &str| versions.iter().any(|version| in_one(version, role));
    let allowed = match actor {
        Actor::System => true,
        Actor::Person(id) => organisation.people.get(id).is_some_and(|person| person.posts.iter().any(|post| dutiful(&post.role))),
        Actor::Platform(_) => false,
    };
    if allowed {
        return Ok(());
    }
    Err(permission::refused("只有负责流程版本的人可以迁移办件", "only who has the duty `versions` may move cases between versions"))
}

/// Two versions and what answers to what.
#[derive(Clone, Copy)]
struct Versions<'a> {
    old: &'a Definition,
    new: &'a Definition,
    mapping: &'a Mapping,
}

impl<'a> Versions<'a> {
    /// The node of the old version that `new` was, if there was one.
    fn old_of(&self, new: &Node) -> Option<&'a Node> {
        self.old.process.nodes.iter().find(|old| self.mapping.node(&old.id) == new.id)
    }
}

/// A migration under way.
struct Migration<'a> {
    versions: Versions<'a>,
    /// The case as it was.
    found: &'a Case,
    /// The old version on the case as it was: what it would say today.
    before: Run<'a>,
    /// The new version on the case as it becomes.
    run: Run<'a>,
    reasons: Vec<Reason>,
}

impl<'a> Migration<'a> {
    fn carried_out(versions: Versions<'a>, found: &'a Case, actor: &'a Actor, at: Moment, context: &'a Context<'a>) -> Self {
        let before = Run::new(versions.old, found, actor, at, context);
        let run = Run::new(versions.new, found, actor, at, context);
        let mut migration = Self { versions, found, before, run, reasons: Vec::new() };
        migration.call_otherwise();
        migration.drop_tokens();
        migration.data();
        migration.clocks();
        migration.stand();
        if migration.reasons.is_empty() {
            migration.flows();
            migration.tasks();
            migration.triggers();
            migration.kept_messages();
        }
        if migration.reasons.is_empty() {
            migration.can_end();
        }
        if migration.reasons.is_empty() {
            migration.goes_on();
        }
        migration
    }

    fn refuse(&mut self, reason: Reason) {
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// The case is one of the new version, and what it remembers is called as there.
    fn call_otherwise(&mut self) {
        let Versions { old, new, mapping } = self.versions;
        let ids = old.process.nodes.iter().map(|node| &node.id).chain(mapping.nodes.keys());
        let nodes = ids.map(|id| (id.clone(), mapping.node(id))).filter(|(old, new)| old != new).collect();
        let (from, to) = (old.hash.clone(), new.hash.clone());
        self.run.emit(Event::Migrated { from, to, nodes, dropped: mapping.drop.clone() });
    }

    /// The old node where a token of the case stood.
    fn old_node(&self, token: LocalNo) -> Option<&'a Node> {
        let node = &self.found.tokens.get(&token)?.node;
        self.versions.old.process.node(node)
    }

    fn new_node(&self, token: LocalNo) -> Option<&'a Node> {
        let node = &self.run.case.tokens.get(&token)?.node;
        self.versions.new.process.node(node)
    }

    fn has_incident(&self, token: LocalNo) -> bool {
        self.run.case.incidents.values().any(|incident| incident.token == token)
    }

    /// The numbers of the tokens that are there.
    fn tokens(&self) -> Vec<LocalNo> {
        self.run.case.tokens.keys().copied().collect()
    }

    /// After it was moved, the case goes on by itself as after any command: a kept message may be awaited now, a join
    /// may have nothing left to wait for. It must still be a case that its process can have.
    fn goes_on(&mut self) {
        if let Err(rejection) = self.run.settle() {
            return self.refuse(Reason::refused(reasons::REJECTED, None, rejection.message));
        }
        let broken = super::invariant::check(self.versions.new, &self.run.case);
        if broken.is_empty() || !super::invariant::check(self.versions.old, self.found).is_empty() {
            return;
        }
        let what = broken.join("; ");
        let message = Text::new(format!("迁移后办件不完整：{what}"), format!("the case would not be whole: {what}"));
        self.refuse(Reason::refused(reasons::NOT_WHOLE, None, message));
    }
}
