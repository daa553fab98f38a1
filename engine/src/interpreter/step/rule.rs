//! Work that the engine does itself within the same commit: scripts and decision tables.

use serde_json::Map;

use super::super::{
    Event, FiredRule, LocalNo,
    run::{Run, Stop},
};
use crate::{
    definition::{BusinessRuleTask, Node, ScriptTask},
    text::Text,
};

impl Run<'_> {
    /// A script assigns data; an error that it throws goes the way of errors.
    pub(super) fn run_script(&mut self, token: LocalNo, node: &Node, script: &ScriptTask, scope: LocalNo) -> Result<(), Stop> {
        let ran = self.definition.rules.run(&script.script, &self.names(scope), &script.assigns);
        for line in self.definition.rules.said() {
            self.emit(Event::Logged { node: node.id.clone(), line });
        }
        match ran {
            Ok(values) => {
                self.write(scope, values);
                self.leave(token)
            }
            Err(error) => match error.thrown() {
                Some(code) => self.throw_error_at(token, code),
                None => Err(error.into()),
            },
        }
    }

    /// A decision table gives its value to the data name that the task says; which rules fired is on record.
    pub(super) fn decide_by_table(&mut self, token: LocalNo, node: &Node, task: &BusinessRuleTask, scope: LocalNo) -> Result<(), Stop> {
        let Some(id) = &task.decision else { return self.open_unassigned(token, node, scope) };
        let Some(table) = self.definition.decisions.get(id) else {
            if node.automatic {
                return self.leave(token);
            }
            return Err(Stop::Failed(Text::new(
                format!("{}：没有决策表“{id}”", node.place),
                format!("{}: there is no decision table `{id}`", node.place),
            )));
        };
        let outcome = table.evaluate(&self.definition.rules, &self.names(scope))?;
        let name = |fired: &crate::decision::Fired| fired.id.clone().unwrap_or_else(|| (fired.index + 1).to_string());
        let fired = outcome.fired.iter().map(|fired| FiredRule { rule: name(fired), place: fired.place.to_string() }).collect();
        self.emit(Event::Decided { node: node.id.clone(), decision: id.clone(), value: outcome.value.clone(), fired });
        if let Some(output) = &task.output {
            self.write(scope, std::iter::once((output.clone(), outcome.value.clone())).collect());
        }
        let over = std::iter::once(("result".to_owned(), outcome.value)).collect::<Map<_, _>>();
        self.leave_with(token, None, &over)
    }
}
