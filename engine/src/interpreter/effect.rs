//! What an event asks of the world, as data; carried out only after the commit.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Case, Event, LocalNo, Recipient};
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
    /// Send a message by name.
    Message {
        /// Message name.
        message: String,
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
        }
    }
}

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
        Event::MessageSent { message, data, .. } => Some(Effect::Message { message: message.clone(), data: data.clone() }),
        _ => None,
    }
}
