//! The published form, drawn and checked by the engine as the office would.

use std::sync::Arc;

use jiff::tz::TimeZone;
use serde_json::{Map, Value, json};
use tongban_engine::{
    form::{
        Attached, FieldError, FieldStandard, FieldType, Form, FormView, MaterialGiven, Rights, Scope, added_row, check_form, from_fields,
        from_published, html,
    },
    rules::{Lookup, Rules},
    text::Language,
    time::Moment,
};

use super::{super::platform::Upload, upload::Posted};

/// A form as the office published it.
pub(super) struct PublishedForm {
    form: Form,
    standard: Arc<FieldStandard>,
}

/// What the office will see besides the form: data that it has already, and the facts that a platform knows.
struct Known<'a> {
    data: &'a Map<String, Value>,
    meta: Value,
}

impl Lookup for Known<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        if name == "meta" { Some(self.meta.clone()) } else { self.data.get(name).cloned() }
    }

    fn type_of(&self, _: &str) -> Option<FieldType> {
        None
    }
}

impl PublishedForm {
    /// The form of an item; None if none was published, or not in a way that we can read.
    pub(super) fn of(item: &Value) -> Option<Self> {
        match from_published(item.get("form")?) {
            Ok((form, standard)) => Some(Self { form, standard: Arc::new(standard) }),
            Err(reason) => {
                tracing::warn!(reason, "a published form cannot be read");
                None
            }
        }
    }

    /// Inputs for everything.
    pub(super) fn inputs(
        &self,
        data: &Map<String, Value>,
        attached: &[Attached],
        (errors, add): (&[FieldError], Option<&str>),
        language: Language,
    ) -> String {
        let view =
            FormView { data: Some(data), errors, language, edit: Rights::Everything, attach: true, attached, add, ..FormView::default() };
        html(&self.form, &self.standard, &view)
    }

    /// What was filled in, to read.
    pub(super) fn reading(&self, data: &Map<String, Value>, language: Language) -> String {
        let view = FormView { data: Some(data), language, show: Rights::Everything, ..FormView::default() };
        html(&self.form, &self.standard, &view)
    }

    /// What `data` knows and this form has.
    pub(super) fn prefilled(&self, data: &Map<String, Value>) -> Map<String, Value> {
        let types = self.form.types();
        data.iter().filter(|(name, _)| types.contains_key(name.as_str())).map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    /// The posted values.
    pub(super) fn data(&self, posted: &Posted) -> Map<String, Value> {
        from_fields(&self.form, &self.standard, &posted.fields)
    }

    /// The row that was asked for instead of submitting.
    pub(super) fn added<'a>(&self, posted: &'a Posted) -> Option<&'a str> {
        added_row(&posted.fields)
    }

    /// Mistakes of a new application, rules across fields included, as the office will judge it.
    pub(super) fn check(&self, data: &Map<String, Value>, uploads: &[Upload], times: &Times) -> Vec<FieldError> {
        self.check_in(data, uploads, &Map::new(), times, Scope::default())
    }

    /// Mistakes of a supplement to what is known already: nothing is asked for again.
    pub(super) fn check_supplement(
        &self,
        data: &Map<String, Value>,
        uploads: &[Upload],
        known: &Map<String, Value>,
        times: &Times,
    ) -> Vec<FieldError> {
        let names: Vec<String> = self.form.types().into_keys().collect();
        self.check_in(data, uploads, known, times, Scope { only: Some(&names), require: &[] })
    }

    fn check_in(
        &self,
        data: &Map<String, Value>,
        uploads: &[Upload],
        known: &Map<String, Value>,
        times: &Times,
        scope: Scope<'_>,
    ) -> Vec<FieldError> {
        let (rules, _) = Rules::new(None, self.standard.clone());
        let given = |upload: &Upload| MaterialGiven { material: upload.material.clone(), file: String::new(), name: upload.name.clone() };
        let materials: Vec<MaterialGiven> = uploads.iter().map(given).collect();
        let known = Known { data: known, meta: times.meta() };
        let rules = rules.in_zone(&times.zone);
        let mut errors = check_form(&self.form, &self.standard, &rules, data, &materials, &known, scope);
        // A rule that reads what only the office knows is the office's to judge.
        errors.retain(|error| error.code != "rule-failed");
        errors
    }
}

/// When an application is, or was, received, and what time it is.
pub(super) struct Times {
    pub(super) zone: TimeZone,
    pub(super) received_at: Moment,
    pub(super) now: Moment,
}

impl Times {
    /// The part of a case's facts that a platform knows, written as the office writes it.
    fn meta(&self) -> Value {
        let text = |at: Moment| {
            let at = jiff::Timestamp::from_millisecond(at.0).unwrap_or_default();
            at.display_with_offset(self.zone.to_offset(at)).to_string()
        };
        json!({"received_at": text(self.received_at), "now": text(self.now)})
    }
}
