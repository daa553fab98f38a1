//! The form of a task: the form that it names, with the data names besides that the step shows or edits.

use crate::{
    definition::{Definition, TaskForm},
    form::{FieldType, Form},
    text::Text,
};

impl Definition {
    /// The form of a task: the one that it uses, and one more group with what the step edits or shows besides (names
    /// that the process declares itself). None: the form is not pinned, which [`super::load_office`] never lets pass.
    ///
    /// Put together at the first call: a version never changes.
    pub fn task_form<'a>(&self, rights: &'a TaskForm) -> Option<&'a Form> {
        rights.whole.get_or_init(|| self.put_together(rights)).as_ref()
    }

    fn put_together(&self, rights: &TaskForm) -> Option<Form> {
        let form = self.forms.get(&rights.form)?;
        let besides: Vec<(&str, FieldType)> = rights
            .edit
            .iter()
            .chain(rights.show.iter().flatten())
            .filter_map(|name| Some((name.as_str(), self.name_type(name)?)))
            .collect();
        let heading = Text::new("本环节填写", "This step");
        Some(form.extended(&self.standard, heading, besides.iter().map(|(name, of)| (*name, of))))
    }

    /// The type of a data name, or of a name that is local to a multi-instance.
    fn name_type(&self, name: &str) -> Option<FieldType> {
        let local = || self.process.nodes.iter().find_map(|node| node.multi_instance.as_ref()?.types.get(name)).cloned();
        self.process.data.fields.get(name).map(|field| field.of.clone()).or_else(local)
    }
}
