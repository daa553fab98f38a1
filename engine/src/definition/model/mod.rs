//! What a designer wrote, compiled: nodes and flows with every name resolved. Built by [`super::load_office`] only.

mod declared;
mod event;
mod mapping;
mod node;
mod operation;
mod portal;
mod priority;
mod task;

use std::collections::BTreeMap;

use indexmap::IndexMap;

pub use declared::*;
pub use event::*;
pub use mapping::{ClockChoice, Mapping, Migration};
pub use node::*;
pub use operation::*;
pub use portal::PortalStatus;
pub use priority::{Priority, PriorityOf};
pub use task::*;

use crate::{calendar::Duration, rules::Expression, source::Place, text::Text};

/// Index of a node in [`Process::nodes`].
pub type NodeIx = usize;
/// Index of a flow in [`Process::flows`].
pub type FlowIx = usize;
/// Index of a scope in [`Process::scopes`]; 0 is the process itself.
pub type ScopeIx = usize;

/// One process: one `process.yaml`.
#[derive(Debug)]
pub struct Process {
    /// kebab-case id.
    pub id: String,
    /// Its name.
    pub name: Text,
    /// What it is in administrative law; decides which legal checks apply.
    pub kind: ProcessKind,
    /// Where it stands.
    pub place: Place,
    /// The One-Net item that it handles, if any. Opaque to the engine.
    pub item: Option<String>,
    /// Articles it rests on.
    pub legal_basis: Vec<Basis>,
    /// The case number's pattern: `{…}` holds an expression; `{year}` and `{seq}` come from the number series.
    pub number: Option<Pattern>,
    /// The case title's pattern.
    pub title: Option<Pattern>,
    /// Lanes by id.
    pub lanes: IndexMap<String, Lane>,
    /// Messages by name.
    pub messages: IndexMap<String, MessageDeclaration>,
    /// Signals, errors and escalations that it declares.
    pub declared: Declarations,
    /// Data names that a caller gives, in written order.
    pub parameters: IndexMap<String, Parameter>,
    /// What data a case has.
    pub data: DataModel,
    /// Legal clocks by id.
    pub clocks: IndexMap<String, ClockDeclaration>,
    /// Who may do what with a whole case.
    pub operations: CasePolicy,
    /// Scopes; 0 is the process.
    pub scopes: Vec<Scope>,
    /// Nodes in written order; implied nodes have ids like `x__join`.
    pub nodes: Vec<Node>,
    /// Sequence flows.
    pub flows: Vec<Flow>,
    /// How cases of older versions go on under this one, where that does not follow from ids; the first that fits counts.
    pub migrations: Vec<Migration>,
    /// Files of the fragments that it uses.
    pub fragments: Vec<String>,
    /// Node index by id.
    pub by_id: BTreeMap<String, NodeIx>,
}

impl Process {
    /// What this version says of cases that are on the version with this number (if it is known) and content hash.
    pub fn mapping_from(&self, no: Option<u32>, hash: &str) -> Mapping {
        self.migrations.iter().find(|migration| migration.is_for(no, hash)).map(|migration| migration.mapping.clone()).unwrap_or_default()
    }

    /// The node called `id`.
    pub fn node(&self, id: &str) -> Option<&Node> {
        self.by_id.get(id).map(|&ix| &self.nodes[ix])
    }

    /// Whether a clock, or the one it follows, stands still while a case is suspended.
    pub fn stands_while_suspended(&self, clock: &str) -> bool {
        let follows = self.clocks.get(clock).and_then(|declared| declared.follows.as_deref());
        self.operations.pauses.iter().any(|named| named == clock || Some(named.as_str()) == follows)
    }
}

/// What a process is in administrative law.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProcessKind {
    /// 行政许可: may permit or refuse.
    Licence,
    /// 备案: recorded, returned, or not recorded with reasons; never "approves".
    Filing,
    /// 报告: acknowledged or asked back; never refused.
    Report,
    /// Office work inside the bureau.
    #[default]
    Office,
}

/// An article that something rests on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Basis {
    /// The article, such as 行政许可法 第三十二条.
    pub text: String,
    /// Why it is not certain (待核), if it is not.
    pub unverified: Option<String>,
}

/// A text with `{expression}` in it.
#[derive(Debug)]
pub struct Pattern {
    /// Literal parts and expressions in turn.
    pub parts: Vec<PatternPart>,
    /// As written.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// A part of a [`Pattern`].
#[derive(Debug)]
pub enum PatternPart {
    /// Literal text.
    Literal(String),
    /// `{…}`.
    Expression(Expression),
}

/// A lane: a role at a unit.
#[derive(Debug)]
pub struct Lane {
    /// Shown name.
    pub name: Text,
    /// Role id from `workflows/roles.yaml`.
    pub role: String,
    /// Which unit: an expression that gives a unit id. None: the case's unit.
    pub unit: Option<Expression>,
    /// Role (at the same unit) that takes over if nobody holds `role`, or only the applicant does.
    pub fallback: Option<String>,
    /// Where it stands.
    pub place: Place,
}

/// Data of a case, typed by the field standard.
#[derive(Debug, Default)]
pub struct DataModel {
    /// The application form's id, whose fields are data names.
    pub form: Option<String>,
    /// Undeclared names may be read and written too.
    pub open: bool,
    /// All data names of the case, the form's and the extra ones, with their types.
    pub fields: IndexMap<String, DataField>,
}

/// One data name.
#[derive(Clone, Debug)]
pub struct DataField {
    /// Its type.
    pub of: crate::form::FieldType,
    /// Its value before anybody writes it.
    pub default: Option<serde_json::Value>,
    /// Whether it is in the index of declared fields (`search: true`).
    pub search: bool,
    /// Where it was declared.
    pub place: Place,
}

/// A legal duration over a region of the process.
#[derive(Debug)]
pub struct ClockDeclaration {
    /// Shown name.
    pub name: Text,
    /// Article.
    pub basis: Option<Basis>,
    /// The limit. None with `follows` only if it has its own.
    pub limit: Duration,
    /// Another clock whose starts, stops and pauses it shares.
    pub follows: Option<String>,
    /// Node ids at whose entry it starts, and from when it counts.
    pub start_at: IndexMap<String, ClockStart>,
    /// Node ids at whose entry it stops.
    pub stop_at: Vec<String>,
    /// Node ids during which it pauses.
    pub pause_in: Vec<String>,
    /// How it may be extended.
    pub extend: Option<Extension>,
    /// Warnings, longest remaining time first.
    pub warn: Vec<Warning>,
    /// Where it stands.
    pub place: Place,
}

/// From when a started clock counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClockStart {
    /// From the moment the node is entered.
    Now,
    /// From the moment the application was received.
    Received,
}

/// How a clock may be extended.
#[derive(Debug)]
pub struct Extension {
    /// By how much each time.
    pub by: Duration,
    /// How often at most.
    pub times: u32,
    /// Lane whose holders may extend.
    pub lane: Option<String>,
    /// Notice template sent to the applicant.
    pub notify: Option<String>,
}

/// A warning of a clock.
#[derive(Debug)]
pub struct Warning {
    /// When so much is left.
    pub left: Duration,
    /// Lane that is told, besides the task's own people.
    pub escalate: Option<String>,
}
