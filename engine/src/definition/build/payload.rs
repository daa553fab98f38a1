//! What messages and signals bring, where their declarations say so: given whole where they are sent, known by name and type
//! where they are caught.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        Assignment, ScopeIx,
        context::{entries, string},
        names::Besides,
        shape,
    },
    form::FieldType,
    rules::Expression,
    source::Tree,
    text::Text,
};

impl Builder<'_, '_> {
    /// What the message or signal named in `item` brings; None: its declaration does not say.
    fn payload(&self, item: &Tree) -> Option<&IndexMap<String, FieldType>> {
        let message = || self.messages.get(&string(item.get("message")?)?).map(|declared| &declared.data);
        let signal = || self.declared.signals.as_ref()?.get(&string(item.get("signal")?)?).map(|declared| &declared.data);
        message().or_else(signal).filter(|data| !data.is_empty())
    }

    /// `set` of what waits for a message or a signal, which `trigger` names: over what its declaration says that it brings,
    /// else over `otherwise`.
    pub(super) fn assignments_over(&mut self, item: &Tree, trigger: &Tree, scope: ScopeIx, otherwise: Besides) -> Vec<Assignment> {
        let Some(data) = self.payload(trigger).cloned() else { return self.assignments(item, scope, otherwise) };
        self.brought = data;
        let set = self.assignments(item, scope, Besides::Nothing);
        self.brought.clear();
        set
    }

    /// Checks what is sent along with a message or signal against its declaration.
    pub(super) fn check_payload(&mut self, item: &Tree, given: &IndexMap<String, Expression>, scope: ScopeIx) {
        let Some(wanted) = self.payload(item).cloned() else { return };
        let known: Vec<&str> = wanted.keys().map(String::as_str).collect();
        for (name, span, _) in entries(item.get("with")).filter(|(name, ..)| !wanted.contains_key(*name)) {
            let message = Text::new(format!("声明的内容里没有“{name}”"), format!("its declaration has no `{name}`"));
            self.cx.error("R031", span, message).help = Some(shape::suggestion(name, &known));
        }
        for (name, of) in &wanted {
            let Some(value) = given.get(name) else {
                if item.get("with").and_then(|with| with.get(name)).is_none() {
                    let message = Text::new(format!("声明的内容“{name}”没有给出"), format!("`{name}`, which it declares, is not given"));
                    let help = Text::new(format!("在 with 中加上 {name}"), format!("add {name} to `with`"));
                    self.cx.error("D055", item.get("message").or(item.get("signal")).unwrap_or(item).span, message).help = Some(help);
                }
                continue;
            };
            let finding = self.names(scope, Besides::Nothing).check_assignment(self.cx.around.rules, value, of);
            self.cx.findings.extend(finding);
        }
    }
}
