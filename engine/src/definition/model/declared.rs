//! Names that processes tell each other: messages, signals, errors, escalations, and what a called process is given.

use indexmap::IndexMap;

use crate::{calendar::Duration, form::FieldType, rules::Expression, source::Place, text::Text};

/// A message that the process can receive or send.
#[derive(Debug)]
pub struct MessageDeclaration {
    /// Correlation key, evaluated on the message's data, and on the case when it begins to wait.
    pub key: Option<Expression>,
    /// How long a message that nobody waits for is kept. None: not kept.
    pub keep: Option<Duration>,
    /// What it brings, by name. Empty: that is not said.
    pub data: IndexMap<String, FieldType>,
    /// Where it stands.
    pub place: Place,
}

/// A signal, an error or an escalation as a process declares it.
#[derive(Debug)]
pub struct Declaration {
    /// Its name for people.
    pub name: Option<Text>,
    /// What a signal brings, by name. Empty: that is not said.
    pub data: IndexMap<String, FieldType>,
    /// Where it stands.
    pub place: Place,
}

/// What a process declares by name. None: it declares none of the kind, and every name of it is free.
#[derive(Debug, Default)]
pub struct Declarations {
    /// `signals`.
    pub signals: Option<IndexMap<String, Declaration>>,
    /// `errors`, by code.
    pub errors: Option<IndexMap<String, Declaration>>,
    /// `escalations`, by code.
    pub escalations: Option<IndexMap<String, Declaration>>,
}

/// A data name that a called process is given by its caller; its type stands with the other data.
#[derive(Debug)]
pub struct Parameter {
    /// Whether no case begins without it.
    pub required: bool,
    /// Where it stands.
    pub place: Place,
}
