//! Who acts for whom, and who keeps away.

use super::{
    Ground,
    fault::{fault, none_of, term_fault, unknown},
};
use crate::{
    form::FieldError,
    organisation::{Concern, Recusal, Register, Substitution},
    time::Moment,
};

/// Letters of a reason, at most.
const REASON_LETTERS_MAX: usize = 500;

impl Register {
    pub(super) fn substitute(&mut self, new: &Substitution, ground: &Ground<'_>) -> Result<(), Vec<FieldError>> {
        let mut faults: Vec<FieldError> =
            [self.absent_fault("absent", &new.absent), self.absent_fault("by", &new.by), term_fault(&new.term)]
                .into_iter()
                .flatten()
                .collect();
        if new.absent == new.by {
            faults.push(fault("by", "substitute-self", "不能由本人代理本人", "nobody stands in for herself"));
        }
        match new.term.until {
            None => faults.push(fault("until", "term-open", "代理须有结束日期", "a substitution needs an end")),
            Some(until) if until <= ground.now => {
                faults.push(fault("until", "term-over", "代理的结束日期已经过去", "the end of the substitution has passed"));
            }
            Some(_) => {}
        }
        for process in new.processes.iter().filter(|process| !ground.processes.contains(*process)) {
            faults.push(unknown("processes", "unknown-process", ("流程", "process"), process, ground.processes.iter().map(String::as_str)));
        }
        faults.extend(self.chain_fault(new));
        none_of(faults)?;
        self.substitutions.push(new.clone());
        Ok(())
    }

    /// A substitute stands in for one who is away, not for one who stands in: rights do not travel on.
    fn chain_fault(&self, new: &Substitution) -> Option<FieldError> {
        let meanwhile = || self.substitutions.iter().filter(|other| other.term.meets(&new.term));
        let name = |id: &str| self.people.get(id).map_or(id, |official| official.name.as_str()).to_owned();
        if meanwhile().any(|other| other.absent == new.absent && other.by == new.by) {
            return Some(fault("by", "substitute-double", "这段时间已由此人代理", "that person stands in for her in that time already"));
        }
        if let Some(other) = meanwhile().find(|other| other.absent == new.by) {
            let (zh, other) = (name(&new.by), name(&other.by));
            return Some(fault(
                "by",
                "substitute-chain",
                format!("{zh}在这段时间自己由{other}代理；代理不能再转代理，请另选一人"),
                format!("{zh} is away in that time herself, with {other} standing in; choose somebody else"),
            ));
        }
        let other = meanwhile().find(|other| other.by == new.absent)?;
        let (absent, other) = (name(&new.absent), name(&other.absent));
        Some(fault(
            "absent",
            "substitute-chain",
            format!("{absent}在这段时间正代理{other}；请先结束那项代理"),
            format!("{absent} stands in for {other} in that time; end that first"),
        ))
    }

    pub(super) fn end_substitution(&mut self, id: &str, now: Moment) -> Result<(), Vec<FieldError>> {
        let Some(at) = self.substitutions.iter().position(|s| s.id == id) else {
            return Err(vec![fault(
                "id",
                "substitution-unknown",
                "没有这项代理，请刷新后再看",
                "there is no such substitution; look again",
            )]);
        };
        if !self.substitutions[at].term.end(now) {
            self.substitutions.remove(at);
        }
        Ok(())
    }

    pub(super) fn recuse(&mut self, new: &Recusal) -> Result<(), Vec<FieldError>> {
        let mut faults: Vec<FieldError> = self.absent_fault("person", &new.person).into_iter().chain(term_fault(&new.term)).collect();
        if let Concern::Unit(unit) = &new.about
            && !self.units.contains_key(unit)
        {
            faults.push(self.unknown_unit("about", unit));
        }
        let letters = new.reason.trim().chars().count();
        if letters == 0 || letters > REASON_LETTERS_MAX {
            faults.push(fault(
                "reason",
                "reason-required",
                format!("请说明回避理由，至多 {REASON_LETTERS_MAX} 字"),
                format!("say why, in {REASON_LETTERS_MAX} characters at most"),
            ));
        }
        none_of(faults)?;
        self.recusals.push(new.clone());
        Ok(())
    }

    pub(super) fn end_recusal(&mut self, id: &str, now: Moment) -> Result<(), Vec<FieldError>> {
        let Some(at) = self.recusals.iter().position(|r| r.id == id) else {
            return Err(vec![fault("id", "recusal-unknown", "没有这项回避，请刷新后再看", "there is no such recusal; look again")]);
        };
        if !self.recusals[at].term.end(now) {
            self.recusals.remove(at);
        }
        Ok(())
    }
}
