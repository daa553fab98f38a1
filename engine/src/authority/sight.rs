//! How a person sees a case: which of its data, and whether masked.

use serde_json::{Map, Value};

use super::Dossier;
use crate::{
    form::{Form, masked_value},
    interpreter::Event,
    text::Text,
};

/// How a person sees a case, from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sight {
    /// As its applicant: what is public of it, and what she gave.
    Applicant,
    /// As one who has to do with a step: what that step shows, and no more.
    Consulted,
    /// As one who looks on from above: all of it, masked, and nothing to do.
    Observer,
    /// As an official who handles it: all of it.
    Office,
}

impl Sight {
    /// Its stable word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Applicant => "applicant",
            Self::Consulted => "consulted",
            Self::Observer => "observer",
            Self::Office => "office",
        }
    }

    /// What it shows, in words.
    pub fn name(self) -> Text {
        let (zh, en) = match self {
            Self::Applicant => ("自己填报的内容和公开的进度、文书", "what she gave, and what is public"),
            Self::Consulted => ("自己的环节所显示的内容", "what her own steps show"),
            Self::Observer => {
                ("全部内容，敏感信息隐去，不能打开附件，只看不办", "all of it, masked and without its attachments, to look at only")
            }
            Self::Office => ("全部内容，敏感信息隐去、按目的显示", "all of it, masked until revealed for a purpose"),
        };
        Text::new(zh, en)
    }

    /// Whether all of the case is shown: its journal, documents, attachments, and every task.
    pub fn is_whole(self) -> bool {
        self >= Self::Observer
    }

    /// The case's data as this sight shows them: an applicant her own, an official all, masked, one who has to do with a
    /// step nothing besides what the step shows.
    pub fn data(self, of: Dossier<'_>) -> Map<String, Value> {
        let data = &of.case.data;
        match self {
            Self::Office | Self::Observer => masked(of, data, &[]),
            Self::Consulted => Map::new(),
            Self::Applicant => {
                let form = of.definition.process.data.form.as_ref().and_then(|form| of.definition.forms.get(form));
                let own = form.map(Form::types).unwrap_or_default();
                data.iter().filter(|(name, _)| own.contains_key(*name)).map(|(name, value)| (name.clone(), value.clone())).collect()
            }
        }
    }
}

/// An event of the journal as those see it who see all of a case: its data masked, and without the texts of documents and
/// notices, which are kept apart.
pub fn masked_event(of: Dossier<'_>, event: &Event) -> Event {
    let mut event = event.clone();
    match &mut event {
        Event::DataSet { values: data, .. }
        | Event::ScopeOpened { locals: data, .. }
        | Event::MessageKept { data, .. }
        | Event::MessageSent { data, .. }
        | Event::SignalThrown { data, .. }
        | Event::CallMade { data, .. }
        | Event::PortalReported { details: data, .. }
        | Event::JobAsked { input: data, .. }
        | Event::JobAnswered { output: data, .. } => *data = masked(of, data, &[]),
        Event::InstancesBegun { pending, .. } => pending.iter_mut().for_each(|value| *value = HIDDEN.into()),
        Event::Decided { value, .. } if value.is_object() || value.is_array() => *value = HIDDEN.into(),
        Event::DocumentMade { html, .. } => html.clear(),
        Event::NoticeSent { to, html, text, .. } => {
            to.iter_mut().for_each(|recipient| recipient.mail = HIDDEN.to_owned());
            html.clear();
            text.clear();
        }
        _ => {}
    }
    event
}

/// Stands for what is not shown.
const HIDDEN: &str = "******";

/// Data with whatever is personal masked, except under the names in `whole`.
pub fn masked(of: Dossier<'_>, data: &Map<String, Value>, whole: &[String]) -> Map<String, Value> {
    let types = &of.definition.process.data.fields;
    let shown = |(name, value): (&String, &Value)| {
        let value = if whole.contains(name) {
            value.clone()
        } else {
            masked_value(&of.definition.standard, name, types.get(name).map(|field| &field.of), value)
        };
        (name.clone(), value)
    };
    data.iter().map(shown).collect()
}
