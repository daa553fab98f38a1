//! Several cases in turns: commands whose tokens move one at a time, first in first out over all cases of a world.
//!
//! A store carries a command out to its end before the next one. A world of cases that signal and call each other shows
//! what happens in which order, so there each token has its turn, and joins and conditions are looked at only when no token
//! of any case can move.

use std::collections::VecDeque;

use super::{Actor, Case, Command, Context, Event, LocalNo, Rejection, decide::begin, run::Run};
use crate::{definition::Definition, time::Moment};

/// What one turn did.
pub(crate) struct Turn {
    /// The case after it.
    pub(crate) case: Case,
    /// What happened.
    pub(crate) events: Vec<Event>,
    /// Tokens whose turn comes now, in their order.
    pub(crate) ready: VecDeque<LocalNo>,
}

impl Turn {
    fn of(run: Run<'_>) -> Self {
        let (case, events, ready) = run.into_parts();
        Self { case, events, ready }
    }
}

/// What is looked at when no token can move, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Messages that were kept and are waited for now.
    Kept,
    /// Inclusive and complex joins.
    Joins,
    /// Conditions that have become true.
    Conditions,
}

impl Rest {
    /// All of them.
    pub(crate) const ALL: [Self; 3] = [Self::Kept, Self::Joins, Self::Conditions];
}

/// What a command does itself, before any token moves.
///
/// # Errors
/// As [`super::decide`].
pub(crate) fn command(definition: &Definition, case: Option<&Case>, command: &Command, context: &Context<'_>) -> Result<Turn, Rejection> {
    let fresh = Case { id: command.case.clone(), ..Case::default() };
    begin(definition, case, &fresh, command, context).map(Turn::of)
}

/// One token acts where it stands.
///
/// # Errors
/// None that a model can cause: a step that fails is an incident.
pub(crate) fn turn(definition: &Definition, case: &Case, token: LocalNo, at: Moment, context: &Context<'_>) -> Result<Turn, Rejection> {
    let mut run = Run::new(definition, case, &Actor::System, at, context);
    run.turn(token)?;
    Ok(Turn::of(run))
}

/// Looks at what moves only when nothing else can; None if nothing does.
///
/// # Errors
/// As [`turn`].
pub(crate) fn rest(definition: &Definition, case: &Case, what: Rest, at: Moment, context: &Context<'_>) -> Result<Option<Turn>, Rejection> {
    let mut run = Run::new(definition, case, &Actor::System, at, context);
    let moved = match what {
        Rest::Kept => run.take_kept()?,
        Rest::Joins => run.look_at_joins()?,
        Rest::Conditions => run.look_at_conditions()?,
    };
    let turn = Turn::of(run);
    Ok((moved || !turn.events.is_empty()).then_some(turn))
}
