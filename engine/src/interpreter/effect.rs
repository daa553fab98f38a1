//! What an event asks of the world, as data; carried out only after the commit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{CallOutcome, Caller, Case, Event, LocalNo, Recipient};
use crate::{definition::PortalStatus, text::Text};

/// Something to be delivered through the outbox, at least once, in order per case and destination.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "effect")]
pub enum Effect {
    /// Tell the platform that the application came from about a status.
    Portal {
        /// The platform's id (`facts.source`).
        platform: String,
        /// The status.
        status: PortalStatus,
        /// What the applicant may read about it.
        text: Option<Text>,
        /// Documents that go with it.
        documents: Vec<LocalNo>,
        /// Details: what is missing, reasons, due dates.
        details: Map<String, Value>,
    },
    /// Send a mail.
    Mail {
        /// Whom.
        to: Vec<Recipient>,
        /// Subject.
        subject: String,
        /// HTML body.
        html: String,
        /// Plain text body.
        text: String,
    },
    /// Ask an adapter or worker for work.
    Job {
        /// The job.
        job: LocalNo,
        /// Operation name.
        operation: String,
        /// What it is given.
        input: Map<String, Value>,
        /// Literal settings.
        settings: Map<String, Value>,
    },
    /// Begin a case of another process for a call.
    Call {
        /// The call.
        call: LocalNo,
        /// Process id.
        process: String,
        /// What it begins with.
        data: Map<String, Value>,
    },
    /// Tell the case that called this one what became of it.
    Answer {
        /// The caller.
        caller: Caller,
        /// What became of it.
        outcome: CallOutcome,
    },
    /// End what a call began.
    CancelCall {
        /// The call.
        call: LocalNo,
    },
    /// Let every case hear a signal.
    Signal {
        /// Signal name.
        signal: String,
        /// Its data.
        data: Map<String, Value>,
    },
    /// Send a message by name.
    Message {
        /// Message name.
        message: String,
        /// Its correlation key, as the sender's declaration gives it; empty: whoever waits.
        #[serde(default)]
        key: String,
        /// Its data.
        data: Map<String, Value>,
    },
}

impl Effect {
    /// The outbox destination it goes to: order is kept per case and destination.
    pub fn destination(&self) -> String {
        match self {
            Self::Portal { platform, .. } => format!("platform:{platform}"),
            Self::Mail { .. } => "mail".to_owned(),
            Self::Job { operation, .. } => format!("job:{operation}"),
            Self::Message { message, .. } => format!("message:{message}"),
            Self::Call { .. } | Self::Answer { .. } | Self::CancelCall { .. } | Self::Signal { .. } => INSIDE.to_owned(),
        }
    }
}

/// The destination of what one case asks of another.
pub const INSIDE: &str = "case:";

/// Sources that are our own pages: nobody outside needs to be told.
const OWN_SOURCES: [&str; 2] = ["portal", "office"];

/// What `event` asks of the world. `case` is the case after the event was applied.
pub fn effect(case: &Case, event: &Event) -> Option<Effect> {
    match event {
        Event::PortalReported { status, text, documents, details, .. } if !OWN_SOURCES.contains(&case.facts.source.as_str()) => {
            Some(Effect::Portal {
                platform: case.facts.source.clone(),
                status: *status,
                text: text.clone(),
                documents: documents.clone(),
                details: details.clone(),
            })
        }
        Event::NoticeSent { to, subject, html, text, .. } if !to.is_empty() => {
            Some(Effect::Mail { to: to.clone(), subject: subject.clone(), html: html.clone(), text: text.clone() })
        }
        Event::JobAsked { job, operation, input, settings, .. } => {
            Some(Effect::Job { job: *job, operation: operation.clone(), input: input.clone(), settings: settings.clone() })
        }
        Event::CallMade { call, process, data, .. } => Some(Effect::Call { call: *call, process: process.clone(), data: data.clone() }),
        Event::CallCancelled { call } => Some(Effect::CancelCall { call: *call }),
        Event::SignalThrown { signal, data, .. } => Some(Effect::Signal { signal: signal.clone(), data: data.clone() }),
        Event::EscalationThrown { code, caught: false, .. } => {
            let caller = case.facts.caller.clone()?;
            Some(Effect::Answer { caller, outcome: CallOutcome::Escalation { code: code.clone() } })
        }
        Event::CaseEnded { .. } => {
            let caller = case.facts.caller.clone()?;
            let outcome = match &case.error {
                Some(code) => CallOutcome::Error { code: code.clone() },
                None => CallOutcome::Completed { data: case.data.clone() },
            };
            Some(Effect::Answer { caller, outcome })
        }
        Event::MessageSent { message, key, data, .. } => {
            Some(Effect::Message { message: message.clone(), key: key.clone(), data: data.clone() })
        }
        _ => None,
    }
}
