//! Service tasks: work that an adapter or worker is asked for through the outbox, and its answer.

use serde_json::{Map, Value};

use super::super::{
    Event, LocalNo, Rejection, codes,
    run::{Run, Stop},
};
use crate::{
    definition::{Node, NodeKind, ServiceTask},
    text::Text,
};

impl Run<'_> {
    /// Asks for the work and waits for its answer.
    pub(super) fn ask_job(&mut self, token: LocalNo, node: &Node, service: &ServiceTask, scope: LocalNo) -> Result<(), Stop> {
        let Some(operation) = &service.operation else {
            return if node.automatic { self.leave(token) } else { self.open_unassigned(token, node, scope) };
        };
        let mut input = Map::new();
        for (name, value) in &service.with {
            input.insert(name.clone(), self.definition.rules.evaluate(value, &self.names(scope))?);
        }
        let settings = service.settings.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
        let job = self.number();
        self.emit(Event::JobAsked { job, token, node: node.id.clone(), operation: operation.clone(), input, settings });
        Ok(())
    }

    /// The work is done: its output is what `set` sees as `result`.
    pub(in super::super) fn answer_job(&mut self, no: LocalNo, output: &Map<String, Value>) -> Result<(), Stop> {
        let job = self.case.jobs.get(&no).cloned().ok_or_else(|| gone(no))?;
        self.emit(Event::JobAnswered { job: no, output: output.clone() });
        let over = std::iter::once(("result".to_owned(), Value::Object(output.clone()))).collect();
        self.leave_with(job.token, None, &over)
    }

    /// The work failed: it will be tried again, or, after the last attempt, waits as an incident.
    pub(in super::super) fn fail_job(&mut self, no: LocalNo, reason: &str, give_up: bool) -> Result<(), Stop> {
        let job = self.case.jobs.get(&no).cloned().ok_or_else(|| gone(no))?;
        self.emit(Event::JobFailed { job: no, reason: reason.to_owned() });
        let node = self.node(&job.node)?;
        let attempts_max = match &node.kind {
            NodeKind::ServiceTask(service) => service.retry,
            _ => 1,
        };
        if give_up || job.attempts + 1 >= attempts_max {
            let message = Text::new(
                format!("{}：“{}”失败：{reason}", node.place, job.operation),
                format!("{}: `{}` failed: {reason}", node.place, job.operation),
            );
            self.raise(job.token, message);
        }
        Ok(())
    }
}

fn gone(no: LocalNo) -> Stop {
    Rejection::new(codes::GONE, Text::new(format!("工作 {no} 已不再等待"), format!("job {no} no longer waits"))).into()
}
