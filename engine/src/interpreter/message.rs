//! Messages that come for a case: to the oldest wait that fits, or kept, or refused.

use serde_json::{Map, Value};

use super::{
    Event, LocalNo, MaterialGiven, ROOT, Rejection, Wait, WaitKind, Waiter, codes,
    run::{Run, Stop},
};
use crate::{
    form::{self, Scope},
    text::Text,
};

impl Run<'_> {
    /// Delivers a message: the oldest wait with its name and key gets it; else it is kept as long as its declaration says.
    pub(super) fn deliver(&mut self, message: &str, data: &Map<String, Value>, materials: &[MaterialGiven]) -> Result<(), Stop> {
        let key = self.message_key(message, ROOT, data)?;
        self.check_declared(message, data)?;
        self.check_application(data, materials)?;
        let wait = self
            .case
            .waits
            .iter()
            .find(|(_, wait)| wait.kind == WaitKind::Message && wait.message == message && wait.key == key)
            .map(|(no, _)| *no);
        if let Some(wait) = wait {
            return self.happens(wait, data, materials);
        }
        let declared = self.definition.process.messages.get(message);
        let Some(keep) = declared.and_then(|declared| declared.keep) else {
            return Err(not_expected(message).into());
        };
        let until = self.definition.calendar.due(self.at, keep).at;
        let (message, data, materials) = (message.to_owned(), data.clone(), materials.to_vec());
        self.emit(Event::MessageKept { message, key, data, materials, until });
        Ok(())
    }

    /// Hands a message to one wait.
    pub(super) fn hand(&mut self, wait: LocalNo, data: &Map<String, Value>) -> Result<(), Stop> {
        match self.case.waits.get(&wait) {
            Some(waiting) if waiting.kind == WaitKind::Message => {
                let message = waiting.message.clone();
                self.check_declared(&message, data)?;
                self.happens(wait, data, &[])
            }
            _ => Err(Rejection::new(codes::GONE, Text::new("这个等待已经不在", "this wait is gone")).into()),
        }
    }

    /// Gives the oldest kept message that a wait fits now to that wait; false if there is none. One that cannot be taken
    /// stays, and its waiter has an incident.
    pub(super) fn take_kept(&mut self) -> Result<bool, Rejection> {
        let gone: Vec<_> = self.case.kept.iter().filter(|kept| kept.until <= self.at).map(|k| (k.message.clone(), k.key.clone())).collect();
        for (message, key) in gone {
            self.emit(Event::KeptMessageGone { message, key });
        }
        let stuck = |waiter: &Waiter| match waiter {
            Waiter::Token { token, .. } => self.case.incidents.values().any(|incident| incident.token == *token),
            Waiter::Scope { .. } => false,
        };
        let found = self.case.kept.iter().find_map(|kept| {
            let fits = |wait: &Wait| {
                wait.kind == WaitKind::Message && wait.message == kept.message && wait.key == kept.key && !stuck(&wait.waiter)
            };
            let (no, wait) = self.case.waits.iter().find(|(_, wait)| fits(wait))?;
            Some((kept.clone(), *no, wait.waiter.clone()))
        });
        let Some((kept, wait, waiter)) = found else { return Ok(false) };
        let outcome = self.attempt(|run| {
            run.emit(Event::KeptMessageGone { message: kept.message.clone(), key: kept.key.clone() });
            run.happens(wait, &kept.data, &kept.materials)
        });
        match (waiter, outcome) {
            (Waiter::Token { token, .. }, outcome) => self.guard(token, outcome)?,
            (Waiter::Scope { .. }, Err(Stop::Failed(message))) => return Err(Rejection::new(codes::RULE_FAILED, message)),
            (Waiter::Scope { .. }, Err(Stop::Refused(rejection))) => return Err(rejection),
            (Waiter::Scope { .. }, Ok(())) => {}
        }
        Ok(true)
    }

    /// Takes what an applicant gave into the case: fields of the application form, and attachments.
    pub(super) fn take_in(&mut self, data: &Map<String, Value>, materials: &[MaterialGiven]) {
        let values = self.application_part(data);
        if !values.is_empty() {
            self.emit(Event::DataSet { scope: ROOT, values });
        }
        if !materials.is_empty() {
            self.emit(Event::MaterialsAdded { materials: materials.to_vec() });
        }
    }

    /// The part of a message that belongs to the application form. The rest is for the receiving node's `set`.
    fn application_part(&self, data: &Map<String, Value>) -> Map<String, Value> {
        let Some(form) = self.application_form() else { return Map::new() };
        data.iter().filter(|(name, _)| form.type_of(name).is_some()).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    pub(super) fn application_form(&self) -> Option<&form::Form> {
        self.definition.process.data.form.as_ref().and_then(|id| self.definition.forms.get(id))
    }

    /// Refuses a message that does not bring what its declaration says.
    fn check_declared(&self, message: &str, data: &Map<String, Value>) -> Result<(), Stop> {
        let errors = super::form_data::message_errors(self.definition, message, data);
        if errors.is_empty() { Ok(()) } else { Err(Rejection::form(errors).into()) }
    }

    /// Refuses values and attachments that do not fit the application form; what is not given is not asked for here.
    fn check_application(&self, data: &Map<String, Value>, materials: &[MaterialGiven]) -> Result<(), Stop> {
        let Some(form) = self.application_form() else { return Ok(()) };
        let part = self.application_part(data);
        let only: Vec<String> = part.keys().cloned().collect();
        let given = super::form_data::given(materials);
        let what = Scope { only: Some(&only), require: &[] };
        let errors = form::check_form(form, &self.definition.standard, &self.definition.rules, &part, &given, &self.names(ROOT), what);
        if errors.is_empty() { Ok(()) } else { Err(Rejection::form(errors).into()) }
    }
}

fn not_expected(message: &str) -> Rejection {
    Rejection::new(
        codes::MESSAGE_NOT_EXPECTED,
        Text::new(
            format!("办件此时不等待“{message}”，也没有规定先收下"),
            format!("the case does not wait for `{message}` now, and its declaration does not keep it"),
        ),
    )
}
