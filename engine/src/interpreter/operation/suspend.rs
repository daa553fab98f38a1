//! 挂起 and 恢复: people stop working on a case for a while.
//!
//! Legal clocks go on, since an office cannot stop the law by its own decision; only those that the process names in
//! `operations.pauses`, because the law says so, stand still. What comes from outside is still taken in, and timers fire:
//! silence goes on having its effect.

use super::{
    super::{Ask, Event, Rejection, codes, run::Run},
    needs_reason,
};
use crate::{definition::Operation, text::Text};

impl Run<'_> {
    pub(super) fn suspend(&mut self, reason: &str) -> Result<(), Rejection> {
        self.may_govern(Operation::Suspend)?;
        self.not_suspended()?;
        needs_reason(reason)?;
        let by = self.by();
        self.emit(Event::CaseSuspended { by, reason: reason.to_owned() });
        self.pause_for_suspension(reason);
        Ok(())
    }

    pub(super) fn resume(&mut self, reason: &str) -> Result<(), Rejection> {
        self.may_govern(Operation::Resume)?;
        self.suspended()?;
        let by = self.by();
        self.emit(Event::CaseResumed { by, reason: reason.to_owned() });
        self.resume_after_suspension();
        Ok(())
    }

    pub(super) fn suspended(&self) -> Result<(), Rejection> {
        if self.case.suspended.is_some() {
            return Ok(());
        }
        Err(Rejection::new(codes::CASE_NOT_SUSPENDED, Text::new("办件没有挂起", "the case is not suspended")))
    }

    pub(super) fn not_suspended(&self) -> Result<(), Rejection> {
        let Some(suspension) = &self.case.suspended else { return Ok(()) };
        let why = &suspension.reason;
        Err(Rejection::new(
            codes::CASE_SUSPENDED,
            Text::new(format!("办件已挂起（{why}），恢复后才能办理"), format!("the case is suspended ({why}); it must be resumed first")),
        ))
    }

    /// Refuses what people do with a case while it is suspended.
    pub(in super::super) fn worked_on(&self, ask: &Ask) -> Result<(), Rejection> {
        match ask {
            Ask::Complete { .. }
            | Ask::Claim { .. }
            | Ask::Release { .. }
            | Ask::Transfer { .. }
            | Ask::Urge { .. }
            | Ask::Return { .. }
            | Ask::TakeBack { .. }
            | Ask::Delegate { .. }
            | Ask::GiveBack { .. }
            | Ask::AddSigner { .. }
            | Ask::RemoveSigner { .. }
            | Ask::Sign { .. }
            | Ask::Jump { .. }
            | Ask::Restart { .. } => self.not_suspended(),
            _ => Ok(()),
        }
    }
}
