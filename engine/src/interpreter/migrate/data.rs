//! Case data under the types of the new version.

use serde_json::{Map, Value};

use super::{
    super::{Event, ROOT, run::Stop},
    Migration, Reason, reasons,
};
use crate::{
    definition::Definition,
    form::{FieldError, check_value},
    text::{Language, Text},
};

impl Migration<'_> {
    /// Writes what the mapping says, and checks that what is there still fits.
    pub(super) fn data(&mut self) {
        let mut written = Map::new();
        for (name, text) in &self.versions.mapping.data {
            match self.value(name, text) {
                Ok(value) => drop(written.insert(name.clone(), value)),
                Err(what) => self.refuse(Reason::undecided(reasons::DATA_FAILS, name, what)),
            }
        }
        if !written.is_empty() {
            self.run.emit(Event::DataSet { scope: ROOT, values: written });
        }
        let (old, new) = (self.versions.old, self.versions.new);
        for name in new.process.data.fields.keys() {
            let fails = self.reasons.iter().any(|reason| reason.about.as_ref() == Some(name));
            let Some(value) = self.run.case.data.get(name).filter(|_| !fails) else { continue };
            let Some(wrong) = misfit(new, name, value) else { continue };
            // What did not fit before is no worse now.
            let known = old.process.data.fields.contains_key(name) && !self.versions.mapping.data.contains_key(name);
            if known && misfit(old, name, value).is_some() {
                continue;
            }
            let (zh, en) = (wrong.message.zh.clone(), wrong.message.get(Language::En).to_owned());
            let message = Text::new(
                format!("数据“{name}”不合新版本的类型：{zh}；可在 migrate.data 里写明换成什么"),
                format!("the value of `{name}` does not fit the new version: {en}; say in migrate.data what it becomes"),
            );
            self.refuse(Reason::undecided(reasons::DATA_MISFIT, name, message));
        }
    }

    /// What an expression of the mapping gives on the case as it is.
    fn value(&self, name: &str, text: &str) -> Result<Value, Text> {
        let new = self.versions.new;
        if !new.process.data.open && !new.process.data.fields.contains_key(name) {
            return Err(Text::new(format!("新版本没有数据“{name}”"), format!("the new version has no data `{name}`")));
        }
        let expression = new.rules.expression(text, new.process.place.clone()).map_err(|finding| finding.message)?;
        new.rules.evaluate(&expression, &self.run.names(ROOT)).map_err(|error| match Stop::from(error) {
            Stop::Failed(message) => message,
            Stop::Refused(rejection) => rejection.message,
        })
    }
}

fn misfit(definition: &Definition, name: &str, value: &Value) -> Option<FieldError> {
    let field = definition.process.data.fields.get(name)?;
    let standard = &definition.standard;
    check_value(standard, name, &standard.field_for(name, &field.of), value).into_iter().next()
}
