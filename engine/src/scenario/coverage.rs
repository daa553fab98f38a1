//! What stories went through of a process, and what none of them did: each with its id and place.

use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use serde::Serialize;

use super::World;
use crate::{
    definition::{Definition, NodeKind},
    interpreter::Event,
    source::Place,
    text::Text,
};

/// What stories went through of one process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Story {
    /// Ids of nodes that a token came to.
    pub nodes: BTreeSet<String>,
    /// Actions taken, as `node.action`.
    pub actions: BTreeSet<String>,
    /// Ids of sequence flows taken.
    pub flows: BTreeSet<String>,
    /// Rows of decision tables that fired, as `decision.rule`: the rule's id, or its number from 1.
    pub rows: BTreeSet<String>,
}

impl Story {
    /// What the cases of a world went through, by process.
    pub(super) fn of(world: &mut dyn World) -> IndexMap<String, Self> {
        let mut stories: IndexMap<String, Self> = IndexMap::new();
        for id in world.cases() {
            let Some(case) = world.case(&id) else { continue };
            let story = stories.entry(case.process).or_default();
            world.events(&id).into_iter().for_each(|event| story.note(event));
        }
        stories
    }

    fn note(&mut self, event: Event) {
        match event {
            Event::TokenPlaced { node, flow, .. } => {
                self.nodes.insert(node);
                self.flows.extend(flow);
            }
            Event::TaskCompleted { node, action, .. } => drop(self.actions.insert(format!("{node}.{action}"))),
            Event::ScopeOpened { node, .. } => drop(self.nodes.insert(node)),
            Event::Decided { decision, fired, .. } => {
                self.rows.extend(fired.into_iter().map(|fired| format!("{decision}.{}", fired.rule)));
            }
            _ => {}
        }
    }

    /// Adds what another story went through.
    pub fn merge(&mut self, other: Self) {
        self.nodes.extend(other.nodes);
        self.actions.extend(other.actions);
        self.flows.extend(other.flows);
        self.rows.extend(other.rows);
    }
}

/// What can be covered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Elements that the designer wrote, but boundary events.
    Elements,
    /// Boundary events.
    BoundaryEvents,
    /// Actions of user tasks.
    Actions,
    /// Sequence flows.
    Flows,
    /// Rows of the decision tables that the process asks.
    DecisionRows,
}

impl Kind {
    /// What it is called.
    pub fn name(self) -> Text {
        match self {
            Self::Elements => Text::new("环节", "elements"),
            Self::BoundaryEvents => Text::new("边界事件", "boundary events"),
            Self::Actions => Text::new("处理", "actions"),
            Self::Flows => Text::new("流向", "flows"),
            Self::DecisionRows => Text::new("决策行", "decision rows"),
        }
    }

    /// What one of them is called.
    pub fn one(self) -> Text {
        match self {
            Self::Elements => Text::new("环节", "element"),
            Self::BoundaryEvents => Text::new("边界事件", "boundary event"),
            Self::Actions => Text::new("处理", "action"),
            Self::Flows => Text::new("流向", "flow"),
            Self::DecisionRows => Text::new("决策行", "decision row"),
        }
    }
}

/// How many of one kind were gone through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Share {
    /// So many were.
    pub covered: usize,
    /// Of so many.
    pub all: usize,
}

/// Something that no story went through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// What it is.
    pub kind: Kind,
    /// Its id: a node's, a flow's, `node.action` or `decision.rule`.
    pub id: String,
    /// Where it stands.
    pub place: Place,
}

/// How much of a process was gone through.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    /// By kind; kinds of which the process has none are left out.
    pub shares: BTreeMap<Kind, Share>,
    /// What was not, in the order of kinds and places. A flow out of an element that was not reached is not told again,
    /// nor is one that stands for an action.
    pub missing: Vec<Missing>,
}

impl Coverage {
    /// Compares a process with what stories went through of it.
    pub fn of(definition: &Definition, story: &Story) -> Self {
        let mut coverage = Self::default();
        let process = &definition.process;
        for node in process.nodes.iter().filter(|node| !node.id.contains("__")) {
            let kind = if matches!(node.kind, NodeKind::BoundaryEvent(_)) { Kind::BoundaryEvents } else { Kind::Elements };
            coverage.count(kind, &node.id, &node.place, story.nodes.contains(&node.id), true);
            let NodeKind::UserTask(task) = &node.kind else { continue };
            for (action, declared) in &task.actions {
                let id = format!("{}.{action}", node.id);
                coverage.count(Kind::Actions, &id, &declared.place, story.actions.contains(&id), story.nodes.contains(&node.id));
            }
        }
        for flow in &process.flows {
            let tell = flow.action.is_none() && story.nodes.contains(&process.nodes[flow.from].id);
            coverage.count(Kind::Flows, &flow.id, &flow.place, story.flows.contains(&flow.id), tell);
        }
        let asked = |id: &str| {
            process.nodes.iter().any(|node| matches!(&node.kind, NodeKind::BusinessRuleTask(task) if task.decision.as_deref() == Some(id)))
        };
        for table in definition.decisions.values().filter(|table| asked(&table.id)) {
            for (index, rule) in table.rules.iter().enumerate() {
                let rule_id = rule.id.clone().unwrap_or_else(|| (index + 1).to_string());
                let id = format!("{}.{rule_id}", table.id);
                coverage.count(Kind::DecisionRows, &id, &rule.place, story.rows.contains(&id), true);
            }
        }
        coverage.missing.sort_by(|a, b| (a.kind, &a.place).cmp(&(b.kind, &b.place)));
        coverage
    }

    fn count(&mut self, kind: Kind, id: &str, place: &Place, covered: bool, tell: bool) {
        let share = self.shares.entry(kind).or_default();
        share.all += 1;
        share.covered += usize::from(covered);
        if !covered && tell {
            self.missing.push(Missing { kind, id: id.to_owned(), place: place.clone() });
        }
    }
}
