//! Legal clocks: started, paused, resumed and stopped by where tokens stand; extended by a person; warned about.

use serde_json::json;

use super::{
    Event, LocalNo, ROOT, Recipient, Rejection, TimerPurpose, codes,
    run::{Run, Stop},
};
use crate::{
    calendar::ClockRecord,
    definition::{ClockDeclaration, ClockStart, Node},
    text::Text,
    time::Moment,
};

impl Run<'_> {
    /// A clock's own region, or that of the clock it follows.
    pub(super) fn region<'b>(&'b self, declared: &'b ClockDeclaration) -> &'b ClockDeclaration {
        declared.follows.as_ref().and_then(|other| self.definition.process.clocks.get(other)).unwrap_or(declared)
    }

    /// Starts, stops and pauses the clocks whose region this node bounds.
    pub(super) fn clocks_on_entry(&mut self, node: &Node) -> Result<(), Stop> {
        let clocks = &self.definition.process.clocks;
        for (id, declared) in clocks {
            let region = self.region(declared);
            let start = region.start_at.get(&node.id).copied();
            let (stops, pauses) = (region.stop_at.contains(&node.id), region.pause_in.contains(&node.id));
            // A clock that starts while a token stands where it pauses, in another branch, starts paused.
            let elsewhere = start.is_some() && self.case.tokens.values().any(|token| region.pause_in.contains(&token.node));
            if let Some(start) = start
                && !self.case.clocks.contains_key(id)
            {
                let from = match start {
                    ClockStart::Now => self.at,
                    ClockStart::Received => self.case.facts.received_at,
                };
                let due = self.definition.calendar.clock_due(&ClockRecord::new(from, declared.limit), self.at);
                self.emit(Event::ClockStarted {
                    clock: id.clone(),
                    from,
                    limit: declared.limit,
                    due: due.at,
                    provisional: due.provisional,
                });
                self.set_warnings(id, declared);
            }
            if stops {
                self.stop_clock(id);
            }
            // One that starts while the case is suspended stands still like those that ran before.
            let suspended = start.is_some() && self.stands_for_suspension(id);
            if (pauses || elsewhere || suspended) && self.runs(id) {
                self.emit(Event::ClockPaused { clock: id.clone(), reason: node.title().zh });
                self.cancel_warnings(id);
            }
        }
        Ok(())
    }

    /// Resumes the clocks that paused at this node, if no other token stands where they pause.
    pub(super) fn clocks_on_exit(&mut self, node: &Node) {
        for (id, declared) in &self.definition.process.clocks {
            let pause_in = &self.region(declared).pause_in;
            let elsewhere = self.case.tokens.values().any(|token| pause_in.contains(&token.node));
            let paused = self.case.clocks.get(id).is_some_and(|record| record.stopped.is_none() && is_paused(record));
            if !pause_in.contains(&node.id) || elsewhere || !paused || self.stands_for_suspension(id) {
                continue;
            }
            self.resume_clock(id, declared);
        }
    }

    /// Whether a clock stands still because the case is suspended.
    fn stands_for_suspension(&self, id: &str) -> bool {
        self.case.suspended.is_some() && self.definition.process.stands_while_suspended(id)
    }

    /// The case was suspended: the clocks that the law lets stand still then do.
    pub(super) fn pause_for_suspension(&mut self, reason: &str) {
        let process = &self.definition.process;
        for id in process.clocks.keys().filter(|id| process.stands_while_suspended(id)) {
            if self.runs(id) {
                self.emit(Event::ClockPaused { clock: id.clone(), reason: reason.to_owned() });
                self.cancel_warnings(id);
            }
        }
    }

    /// The case was resumed: they go on, unless a token stands where they pause.
    pub(super) fn resume_after_suspension(&mut self) {
        let process = &self.definition.process;
        for (id, declared) in process.clocks.iter().filter(|(id, _)| process.stands_while_suspended(id)) {
            let pause_in = &self.region(declared).pause_in;
            let stands = self.case.tokens.values().any(|token| pause_in.contains(&token.node));
            let paused = self.case.clocks.get(id).is_some_and(|record| record.stopped.is_none() && is_paused(record));
            if paused && !stands {
                self.resume_clock(id, declared);
            }
        }
    }

    fn resume_clock(&mut self, id: &str, declared: &ClockDeclaration) {
        let Some(mut resumed) = self.case.clocks.get(id).cloned() else { return };
        if let Some(pause) = resumed.pauses.iter_mut().rfind(|pause| pause.to.is_none()) {
            pause.to = Some(self.at);
        }
        let due = self.definition.calendar.clock_due(&resumed, self.at);
        self.emit(Event::ClockResumed { clock: id.to_owned(), due: due.at, provisional: due.provisional });
        self.set_warnings(id, declared);
    }

    /// Stops a clock that was started and has not been stopped.
    pub(super) fn stop_clock(&mut self, id: &str) {
        if self.case.clocks.get(id).is_some_and(|record| record.stopped.is_none()) {
            self.emit(Event::ClockStopped { clock: id.to_owned() });
            self.cancel_warnings(id);
        }
    }

    /// Extends a clock, as often and by as much as its declaration allows, by a holder of the lane that may.
    pub(super) fn extend_clock(&mut self, id: &str, reason: &str) -> Result<(), Stop> {
        let cannot = |zh: &str, en: &str| Stop::from(Rejection::new(codes::CLOCK_CANNOT_EXTEND, Text::new(zh, en)));
        let declared = self.definition.process.clocks.get(id).ok_or_else(|| cannot("没有这个时限", "there is no such clock"))?;
        let extension = declared.extend.as_ref().ok_or_else(|| cannot("这个时限依法不能延长", "this clock may not be extended"))?;
        if let (Some(lane), Some(person)) =
            (extension.lane.as_ref().and_then(|lane| self.definition.process.lanes.get(lane)), self.actor.person())
        {
            let post = self.post_of_lane(lane, ROOT)?;
            if !self.does_work_of(person, &post) {
                let name = &lane.name.zh;
                return Err(Rejection::new(
                    codes::NOT_PERMITTED,
                    Text::new(
                        format!("只有“{name}”可以延长这个时限"),
                        format!("only the lane `{}` may extend this clock", lane.name.get(crate::text::Language::En)),
                    ),
                )
                .into());
            }
        }
        let record = self.case.clocks.get(id).filter(|record| record.stopped.is_none());
        let record = record.ok_or_else(|| cannot("时限没有在计算", "the clock does not run"))?;
        if record.extensions.len() >= extension.times as usize {
            return Err(cannot("已经延长过，依法不能再延长", "it has been extended already and may not be again"));
        }
        if reason.trim().is_empty() {
            return Err(cannot("延长须说明理由并告知申请人", "an extension needs a reason, which the applicant is told"));
        }
        let mut extended = record.clone();
        extended.extensions.push((self.at, extension.by, reason.to_owned()));
        let due = self.definition.calendar.clock_due(&extended, self.at);
        let person = self.actor.person().map(str::to_owned);
        self.emit(Event::ClockExtended {
            clock: id.to_owned(),
            by: extension.by,
            reason: reason.to_owned(),
            person,
            due: due.at,
            provisional: due.provisional,
        });
        self.set_warnings(id, declared);
        match &extension.notify {
            Some(template) => {
                let told =
                    json!({ "reason": reason, "due": self.definition.calendar.format_moment(due.at), "by": extension.by.words().zh });
                self.notify_people(None, template, self.applicant(), ROOT, told)
            }
            None => Ok(()),
        }
    }

    /// A warning is due: the people of the open tasks, and the lane that the warning names, are told by mail.
    pub(super) fn warn(&mut self, id: &str, index: u32) -> Result<(), Stop> {
        let Some(declared) = self.definition.process.clocks.get(id) else { return Ok(()) };
        self.emit(Event::ClockWarned { clock: id.to_owned(), warning: index });
        let Some(warning) = declared.warn.get(index as usize) else { return Ok(()) };
        let mut to: Vec<Recipient> = self.case.tasks.values().flat_map(|task| self.people_at(&task.post)).collect();
        if let Some(lane) = warning.escalate.as_ref().and_then(|lane| self.definition.process.lanes.get(lane)) {
            to.extend(self.people_at(&self.post_of_lane(lane, ROOT)?));
        }
        to.sort_by(|a, b| a.mail.cmp(&b.mail));
        to.dedup();
        let (title, name, left) = (&self.case.facts.title, &declared.name.zh, warning.left.words().zh);
        let subject = format!("时限提醒：{title}");
        let text = format!("“{title}”的{name}只剩 {left}，请及时办理。");
        self.notify_plainly(None, to, subject, text);
        Ok(())
    }

    pub(super) fn runs(&self, id: &str) -> bool {
        self.case.clocks.get(id).is_some_and(|record| record.stopped.is_none() && !is_paused(record))
    }

    pub(super) fn set_warnings(&mut self, id: &str, declared: &ClockDeclaration) {
        self.cancel_warnings(id);
        let Some(record) = self.case.clocks.get(id).cloned() else { return };
        for (index, warning) in (0..).zip(&declared.warn) {
            let due: Moment = self.definition.calendar.clock_warns_at(&record, warning.left, self.at);
            if due > self.at {
                let timer: LocalNo = self.number();
                let purpose = TimerPurpose::Clock { clock: id.to_owned(), warning: index };
                self.emit(Event::TimerSet { timer, purpose, due, after: None, provisional: false, repeat: None });
            }
        }
    }

    pub(super) fn cancel_warnings(&mut self, id: &str) {
        self.cancel_timers(|purpose| matches!(purpose, TimerPurpose::Clock { clock, .. } if clock == id));
    }
}

pub(super) fn is_paused(record: &ClockRecord) -> bool {
    record.pauses.iter().any(|pause| pause.to.is_none())
}
