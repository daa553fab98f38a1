//! Call activities: another process as a case of its own, and its answer (BPMN 2.0 §13.3.4).

use serde_json::{Map, Value};

use super::super::{
    CallOutcome, Event, LocalNo, Rejection, codes,
    run::{Run, Stop},
};
use crate::{
    definition::{CallActivity, Node, NodeKind},
    text::Text,
};

impl Run<'_> {
    /// Asks for a case of the called process and waits for its answer.
    pub(super) fn call(&mut self, token: LocalNo, node: &Node, call: &CallActivity, scope: LocalNo) -> Result<(), Stop> {
        let mut data = if call.with_all { self.visible_data(scope) } else { Map::new() };
        data.extend(self.evaluate_all(&call.with, scope)?);
        let no = self.number();
        self.emit(Event::CallMade { call: no, token, node: node.id.clone(), process: call.process.clone(), data });
        Ok(())
    }

    /// All data that `scope` sees.
    fn visible_data(&self, scope: LocalNo) -> Map<String, Value> {
        let mut data = self.case.data.clone();
        let mut chain = Vec::new();
        let mut at = Some(scope);
        while let Some(state) = at.and_then(|no| self.case.scopes.get(&no)) {
            chain.push(&state.locals);
            at = state.parent;
        }
        for locals in chain.into_iter().rev() {
            data.extend(locals.clone());
        }
        data
    }

    /// What became of a called case.
    pub(in super::super) fn answer_call(&mut self, no: LocalNo, outcome: &CallOutcome) -> Result<(), Stop> {
        let call = self.case.calls.get(&no).cloned().ok_or_else(|| gone(no))?;
        match outcome {
            CallOutcome::Completed { data } => {
                self.emit(Event::CallAnswered { call: no });
                let scope = self.case.tokens.get(&call.token).map(|token| token.scope);
                if let (NodeKind::CallActivity(declared), Some(scope)) = (&self.node(&call.node)?.kind, scope)
                    && declared.set_all
                    && !data.is_empty()
                {
                    self.write(scope, data.clone());
                }
                let over = std::iter::once(("result".to_owned(), Value::Object(data.clone()))).collect();
                self.leave_with(call.token, None, &over)
            }
            CallOutcome::Error { code } => {
                self.emit(Event::CallAnswered { call: no });
                self.throw_error_at(call.token, code)
            }
            CallOutcome::Failed { message } => {
                self.emit(Event::CallAnswered { call: no });
                self.raise(call.token, message.clone());
                Ok(())
            }
            CallOutcome::Escalation { code } => self.escalate_at(call.token, code),
        }
    }
}

fn gone(no: LocalNo) -> Stop {
    Rejection::new(codes::GONE, Text::new(format!("调用 {no} 已不再等待"), format!("call {no} no longer waits"))).into()
}
