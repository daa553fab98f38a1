//! What the teller expects, compared with what is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Expectation, ExpectedClock, runner::Teller};
use crate::{
    calendar::{Calendar, Duration},
    definition::{Definition, NodeKind},
    interpreter::{Case, CaseStatus, Event},
    time::Moment,
};

impl Teller<'_> {
    pub(super) fn expect(&mut self, expected: &Expectation) -> Result<(), String> {
        let id = match &expected.case {
            Some(named) => self.case_called(named)?,
            None => self.telling.last.clone().ok_or("no case to look at")?,
        };
        let definition = self.definition_of(&id).clone();
        let case = self.world.case(&id).ok_or("the case does not exist")?;
        let events = self.world.events(&id);
        let mut wrong = Vec::new();
        let mut compare = |what: &str, told: String, is: String| {
            if told != is {
                wrong.push(format!("{what}: told {told}, is {is}"));
            }
        };
        if let Some(at) = &expected.at {
            let told: BTreeSet<&str> = at.iter().map(String::as_str).collect();
            compare("at", format!("{told:?}"), format!("{:?}", waiting(&definition, &case)));
        }
        if let Some(portal) = &expected.portal {
            compare("portal", portal.clone(), case.portal.map_or("none", crate::definition::PortalStatus::code).to_owned());
        }
        if let Some(ended) = expected.ended {
            compare("ended", ended.to_string(), (case.status == CaseStatus::Ended).to_string());
        }
        let incidents: Vec<&str> = case.incidents.values().map(|incident| incident.message.zh.as_str()).collect();
        compare("incident", expected.incident.unwrap_or(false).to_string(), (!incidents.is_empty()).to_string());
        if let Some(suspended) = expected.suspended {
            compare("suspended", suspended.to_string(), case.suspended.is_some().to_string());
        }
        if let Some(calls) = expected.calls {
            compare("calls", calls.to_string(), case.calls.len().to_string());
        }
        for (node, person) in &expected.assigned {
            let is = case.tasks.values().find(|task| task.node == *node).and_then(|task| task.assignee.clone());
            compare(&format!("{node} is with"), person.clone(), is.unwrap_or_else(|| "nobody".to_owned()));
        }
        for (name, value) in &expected.data {
            let is = case.data.get(name).cloned().or_else(|| definition.process.data.fields.get(name)?.default.clone());
            let is = is.unwrap_or(Value::Null);
            if *value != is {
                compare(&format!("data {name}"), value.to_string(), is.to_string());
            }
        }
        if let Some(documents) = &expected.documents {
            let told: BTreeSet<&str> = documents.iter().map(String::as_str).collect();
            let made: BTreeSet<&str> = case.documents.iter().filter_map(|document| document.name.as_deref()).collect();
            compare("documents", format!("{told:?}"), format!("{made:?}"));
        }
        for template in &expected.notices {
            let sent = events.iter().any(|event| matches!(event, Event::NoticeSent { template: of, .. } if of == template));
            compare(&format!("notice {template}"), "sent".to_owned(), if sent { "sent" } else { "not sent" }.to_owned());
        }
        for (clock, state) in &expected.clock {
            let (told, is) = clock_state(&definition.calendar, &case, clock, state, self.telling.now);
            compare(&format!("clock {clock}"), told, is);
        }
        if wrong.is_empty() {
            return Ok(());
        }
        wrong.extend(incidents.iter().map(|incident| format!("incident: {incident}")));
        Err(wrong.join("\n  "))
    }
}

/// The nodes that tokens stand at, each once: neither the sub-processes around them nor parallel joins that are not complete.
pub(crate) fn waiting<'a>(definition: &Definition, case: &'a Case) -> BTreeSet<&'a str> {
    let waits = |node: &str| {
        let kind = definition.process.node(node).map(|node| &node.kind);
        kind.is_none_or(|kind| kind.inside().is_none() && !matches!(kind, NodeKind::ParallelGateway))
    };
    case.tokens.values().map(|token| token.node.as_str()).filter(|node| waits(node)).collect()
}

fn clock_state(calendar: &Calendar, case: &Case, clock: &str, expected: &ExpectedClock, now: Moment) -> (String, String) {
    let record = case.clocks.get(clock);
    match expected {
        ExpectedClock::State(state) => {
            let is = match record {
                None => "not-started",
                Some(record) if record.stopped.is_some() => "stopped",
                Some(record) if record.pause_at(now).is_some() => "paused",
                Some(_) => "running",
            };
            (state.clone(), is.to_owned())
        }
        ExpectedClock::Left { left } => {
            let told = Duration::parse(left).map_or_else(|wrong| wrong.zh, |duration| duration.amount.to_string());
            let is = record.map_or("not-started".to_owned(), |record| calendar.clock_left(record, now).amount.to_string());
            (told, is)
        }
    }
}
