//! 终止, 重新打开 and 重启: the whole case ends, goes on after it has ended, or begins anew.

use std::collections::BTreeSet;

use super::{
    super::{
        CaseStatus, Event, ROOT, Rejection, codes,
        run::{Run, Stop},
    },
    needs_reason,
    path::is_step,
};
use crate::{
    definition::{NodeIx, NodeKind, Operation},
    text::Text,
};

impl Run<'_> {
    /// Ends the case, and what it called, before it is done. Who called it gets the error `terminated`.
    pub(super) fn terminate_case(&mut self, reason: &str) -> Result<(), Rejection> {
        self.may_govern(Operation::Terminate)?;
        needs_reason(reason)?;
        let by = self.by();
        self.emit(Event::CaseTerminated { by, reason: reason.to_owned() });
        self.end_at_once();
        Ok(())
    }

    /// An ended case goes on at a step that was passed. Clocks that stopped stay stopped, for the case was decided then.
    pub(super) fn reopen(&mut self, to: Option<&str>, reason: &str) -> Result<(), Stop> {
        self.may_govern(Operation::Reopen)?;
        if self.case.status != CaseStatus::Ended {
            return Err(Rejection::new(codes::CASE_NOT_ENDED, Text::new("办件还在办理", "the case has not ended")).into());
        }
        needs_reason(reason)?;
        if self.case.facts.caller.is_some() {
            return Err(Rejection::new(
                codes::CALLER_ANSWERED,
                Text::new("调用它的办件已经收到结果", "the case that called it has had its answer"),
            )
            .into());
        }
        let process = &self.definition.process;
        let steps = self.reopenable();
        let step = match to {
            None => steps.first().copied(),
            Some(id) => steps.iter().copied().find(|&ix| process.nodes[ix].id == id),
        };
        let step = step.ok_or_else(|| {
            Rejection::new(
                codes::RETURN_TARGET_NOT_PASSED,
                Text::new("没有经过这样的环节，不能从那里重新打开", "no such step was passed that the case could go on from"),
            )
        })?;
        let (to, by, reason) = (process.nodes[step].id.clone(), self.by(), reason.to_owned());
        self.emit(Event::CaseReopened { to, by, reason });
        for &event in &process.scopes[0].event_sub_processes {
            self.arm_event_sub_process(&process.nodes[event], ROOT)?;
        }
        let undone = self.passed_since(ROOT, step);
        self.relocate(ROOT, step, &[], &undone);
        Ok(())
    }

    /// Steps of the process itself that were passed, the last one first.
    pub(super) fn reopenable(&self) -> Vec<NodeIx> {
        let process = &self.definition.process;
        let passed = self.case.trail.iter().filter(|(_, pass)| pass.order > 0);
        let mut steps: Vec<(u32, NodeIx)> = passed.filter_map(|(id, pass)| Some((pass.order, *process.by_id.get(id)?))).collect();
        steps.sort_unstable_by(|a, b| b.cmp(a));
        steps.into_iter().map(|(_, ix)| ix).filter(|&ix| is_step(&process.nodes[ix])).collect()
    }

    /// Everything is taken away, and the case begins anew where it began. Its data, documents and clocks stay: the
    /// application was received when it was.
    pub(super) fn restart(&mut self, reason: &str) -> Result<(), Stop> {
        self.may_govern(Operation::Restart)?;
        needs_reason(reason)?;
        let by = self.by();
        self.emit(Event::CaseRestarted { by, reason: reason.to_owned() });
        let process = &self.definition.process;
        let begun = |&&ix: &&NodeIx| self.case.trail.contains_key(&process.nodes[ix].id);
        let start = process.scopes[0].starts.iter().find(begun).copied();
        self.interrupt_inside(ROOT, None);
        self.disarm_scope(ROOT);
        let passed: BTreeSet<NodeIx> = self.case.trail.keys().filter_map(|id| process.by_id.get(id).copied()).collect();
        self.reset_gateways(ROOT, &passed);
        self.forget_collected(ROOT, &passed);
        let nodes = self.case.trail.keys().cloned().collect();
        self.emit(Event::PathUndone { scope: ROOT, nodes });
        for &event in &process.scopes[0].event_sub_processes {
            self.arm_event_sub_process(&process.nodes[event], ROOT)?;
        }
        if let Some(start) = start.filter(|&ix| matches!(process.nodes[ix].kind, NodeKind::StartEvent(_))) {
            let data = self.case.data.clone();
            self.begin_at(&process.nodes[start], &data)?;
        }
        self.place_orphans(0, ROOT)
    }
}
