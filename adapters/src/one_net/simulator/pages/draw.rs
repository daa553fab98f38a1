//! The published form, drawn and checked by the engine as the office would.

use std::sync::Arc;

use serde_json::{Map, Value};
use tongban_engine::{
    form::{
        FieldError, FieldStandard, FieldType, Form, FormView, MaterialGiven, Rights, Scope, added_row, check_form, from_fields,
        from_published, html,
    },
    rules::{Lookup, Rules},
    text::Language,
};

use super::{super::platform::Upload, upload::Posted};

/// A form as the office published it.
pub(super) struct PublishedForm {
    form: Form,
    standard: Arc<FieldStandard>,
}

/// Values that are known before the form is filled in.
struct Known<'a>(&'a Map<String, Value>);

impl Lookup for Known<'_> {
    fn value(&self, name: &str) -> Option<Value> {
        self.0.get(name).cloned()
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
    pub(super) fn inputs(&self, data: &Map<String, Value>, errors: &[FieldError], add: Option<&str>, language: Language) -> String {
        let view = FormView { data: Some(data), errors, language, edit: Rights::Everything, attach: true, add, ..FormView::default() };
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

    /// Mistakes of a new application. Rules across fields are judged by the office alone.
    pub(super) fn check(&self, data: &Map<String, Value>, uploads: &[Upload]) -> Vec<FieldError> {
        self.check_in(data, uploads, &Map::new(), Scope::default())
    }

    /// Mistakes of a supplement to what is known already: nothing is asked for again.
    pub(super) fn check_supplement(&self, data: &Map<String, Value>, uploads: &[Upload], known: &Map<String, Value>) -> Vec<FieldError> {
        let names: Vec<String> = self.form.types().into_keys().collect();
        self.check_in(data, uploads, known, Scope { only: Some(&names), require: &[] })
    }

    fn check_in(&self, data: &Map<String, Value>, uploads: &[Upload], known: &Map<String, Value>, scope: Scope<'_>) -> Vec<FieldError> {
        let (rules, _) = Rules::new(None, self.standard.clone());
        let given = |upload: &Upload| MaterialGiven { material: upload.material.clone(), file: String::new(), name: upload.name.clone() };
        let materials: Vec<MaterialGiven> = uploads.iter().map(given).collect();
        check_form(&self.form, &self.standard, &rules, data, &materials, &Known(known), scope)
    }
}
