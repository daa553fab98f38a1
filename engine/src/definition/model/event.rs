//! Events: what they wait for and what they throw.

use indexmap::IndexMap;

use super::Pattern;
use crate::{calendar::Duration, rules::Expression};

/// A name of a message or signal, which may hold `{expression}` parts.
#[derive(Debug)]
pub struct Name {
    /// As written.
    pub text: String,
    /// Its parts, if it holds an expression.
    pub pattern: Option<Pattern>,
}

/// What triggers an event.
#[derive(Debug)]
pub enum Trigger {
    /// `message: NAME`.
    Message(MessageCatch),
    /// `timer: {…}`.
    Timer(TimerTrigger),
    /// `signal: NAME`.
    Signal(Name),
    /// `error: CODE`; None: any.
    Error(Option<String>),
    /// `escalation: CODE`; None: any.
    Escalation(Option<String>),
    /// `condition: EXPRESSION`: happens when it becomes true.
    Condition(Expression),
    /// `compensation: true`.
    Compensation,
    /// `cancel: true`, on a transaction.
    Cancel,
    /// `link: NAME`: where the throwing link of that name goes on.
    Link(String),
    /// `any: […]`: the first of several.
    Any(Vec<Trigger>),
    /// `all: […]`: when each of several has happened.
    All(Vec<Trigger>),
    /// Nothing is said yet: happens only when an experiment makes it happen.
    Unfinished,
}

/// Catches a message by name.
#[derive(Debug)]
pub struct MessageCatch {
    /// A declared message's name.
    pub message: String,
    /// Its parts, if the name holds an expression.
    pub pattern: Option<Pattern>,
}

/// When a timer fires.
#[derive(Debug)]
pub enum TimerTrigger {
    /// `{after: DURATION}` from the moment the node begins to wait.
    After(Duration),
    /// `{after: EXPRESSION}`: the same, with a duration text that the case gives.
    AfterGiven(Expression),
    /// `{at: expression}`: a date or a moment (ISO 8601 text).
    At(Expression),
    /// `{every: DURATION}`: again and again, at most `times`.
    Every(Duration, Option<u32>),
    /// `{every: EXPRESSION}`: the same, with a duration or an ISO 8601 cycle (`R3/PT10S`) that the case gives.
    EveryGiven(Expression, Option<u32>),
    /// `{cron: "…"}` in the calendar's zone.
    Cron(String),
}

/// What an event throws.
#[derive(Debug)]
pub enum Throw {
    /// Nothing.
    None,
    /// `message: NAME`, with data.
    Message(Name, IndexMap<String, Expression>),
    /// `signal: NAME`, with data.
    Signal(Name, IndexMap<String, Expression>),
    /// `error: CODE`.
    Error(String),
    /// `escalation: CODE`.
    Escalation(String),
    /// `compensate: true`, or of one activity.
    Compensate(Option<String>),
    /// `cancel: true`: ends the transaction around it.
    Cancel,
    /// `terminate: true`: ends its own scope at once.
    Terminate,
    /// `link: NAME`.
    Link(String),
    /// Several, in their order.
    All(Vec<Throw>),
}
