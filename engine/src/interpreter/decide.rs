//! Decides what a command causes; changes nothing. One arm per command.

use serde_json::{Map, Value};

use super::{
    Ask, Case, Command, Context, Event, Facts, LocalNo, MaterialGiven, ROOT, Rejection, Start, codes, form_data, permission,
    run::{Run, Stop},
};
use crate::{
    calendar::DurationUnit,
    definition::{Definition, NodeKind, StartEvent, TimerTrigger, Trigger},
    form::{self, Scope},
    organisation::Matter,
    text::Text,
};

/// What `command` causes on `case` (None: there is no such case yet), or why it is refused.
///
/// Pure: the same arguments give the same events, which [`super::apply`] then makes of the case exactly what was
/// decided on. A step that fails (an expression, a template) is an [`Event::IncidentRaised`], not an error.
///
/// # Errors
/// A [`Rejection`]: nothing happened, and nothing may be stored.
pub fn decide(definition: &Definition, case: Option<&Case>, command: &Command, context: &Context<'_>) -> Result<Vec<Event>, Rejection> {
    decided(definition, case, command, context).map(|(_, events)| events)
}

/// As [`decide`], and the case as [`super::apply`] makes it of those events: what a store needs, without applying twice.
///
/// # Errors
/// As [`decide`].
pub fn decided(
    definition: &Definition,
    case: Option<&Case>,
    command: &Command,
    context: &Context<'_>,
) -> Result<(Case, Vec<Event>), Rejection> {
    let fresh = Case { id: command.case.clone(), ..Case::default() };
    let mut run = begin(definition, case, &fresh, command, context)?;
    run.settle()?;
    let (case, events, _) = run.into_parts();
    Ok((case, events))
}

/// What a command does itself, before any token moves; `fresh` stands for a case that there is not yet.
pub(super) fn begin<'a>(
    definition: &'a Definition,
    case: Option<&'a Case>,
    fresh: &'a Case,
    command: &'a Command,
    context: &'a Context<'a>,
) -> Result<Run<'a>, Rejection> {
    let mut run = Run::new(definition, case.unwrap_or(fresh), &command.actor, command.at, context);
    match (&command.ask, case) {
        (Ask::Start(start), None) => run.start(start)?,
        (Ask::Start(_), Some(_)) => {
            return Err(Rejection::new(codes::CASE_EXISTS, Text::new("这件申请已经收到过", "this application has been received already")));
        }
        (_, None) => return Err(Rejection::new(codes::CASE_UNKNOWN, Text::new("没有这个办件", "there is no such case"))),
        (ask, Some(case)) => {
            if !matches!(ask, Ask::Reopen { .. } | Ask::MarkRead { .. }) {
                permission::running(case)?;
            }
            permission::not_recused(case, &command.actor, context.organisation)?;
            run.worked_on(ask)?;
            run.ask(ask)?;
        }
    }
    Ok(run)
}

impl<'r> Run<'r> {
    fn ask(&mut self, ask: &Ask) -> Result<(), Rejection> {
        // A person waits for the answer, so what fails refuses: nothing is lost, and what was typed stays.
        let mut operated = false;
        refuse_failures(self.operate(ask).map(|is| operated = is))?;
        if operated {
            return Ok(());
        }
        match ask {
            Ask::Complete { task, action, data } => refuse_failures(self.complete_task(*task, action, data)),
            Ask::ExtendClock { clock, reason } => {
                let outcome = self.extend_clock(clock, reason);
                refuse_failures(outcome)
            }
            Ask::Deliver { message, data, materials } => {
                permission::may_deliver(&self.case, self.actor, self.context.organisation)?;
                let outcome = self.deliver(message, data, materials);
                refuse_failures(outcome)
            }
            Ask::Hand { wait, data } => {
                permission::system(self.actor)?;
                let outcome = self.hand(*wait, data);
                refuse_failures(outcome)
            }
            Ask::FireTimer { timer } => {
                permission::system(self.actor)?;
                self.fire_timer(*timer)
            }
            Ask::AnswerJob { job, output } => {
                permission::system(self.actor)?;
                let token = self.case.jobs.get(job).map_or(ROOT, |job| job.token);
                let outcome = self.attempt(|run| run.answer_job(*job, output));
                self.guard(token, outcome)
            }
            Ask::FailJob { job, reason, give_up } => {
                permission::system(self.actor)?;
                let outcome = self.fail_job(*job, reason, *give_up);
                refuse_failures(outcome)
            }
            Ask::Signal { signal, data } => {
                permission::system(self.actor)?;
                let outcome = self.hear(signal, data);
                refuse_failures(outcome)
            }
            Ask::AnswerCall { call, outcome } => {
                permission::system(self.actor)?;
                let token = self.case.calls.get(call).map_or(ROOT, |call| call.token);
                let outcome = self.attempt(|run| run.answer_call(*call, outcome));
                self.guard(token, outcome)
            }
            Ask::Cancel => {
                permission::system(self.actor)?;
                self.end_at_once();
                Ok(())
            }
            Ask::Throw { task, error, data } => {
                permission::system(self.actor)?;
                let outcome = self.throw_from_task(*task, error, data);
                refuse_failures(outcome)
            }
            Ask::Trigger { node } => {
                permission::system(self.actor)?;
                let outcome = self.trigger(node);
                refuse_failures(outcome)
            }
            Ask::Set { data } => {
                permission::system(self.actor)?;
                self.emit(Event::DataSet { scope: ROOT, values: data.clone() });
                Ok(())
            }
            Ask::Migrate { to, .. } => Err(super::migrate::version_unknown(to)),
            Ask::Retry { incident } => {
                permission::may_repair(&self.case, self.actor, self.context.organisation)?;
                let stuck = self.case.incidents.get(incident).cloned().ok_or_else(|| gone("这个故障已经处理", "this incident is gone"))?;
                self.retry(stuck.token, &stuck.node)
            }
            _ => Ok(()),
        }
    }

    /// Tries again what failed at a token: going on from an inside that is done, or from a time that has come, else the
    /// node from its beginning. Boundary events that are armed go on counting.
    fn retry(&mut self, token: LocalNo, node: &str) -> Result<(), Rejection> {
        self.clear_incidents(token);
        let open: Vec<LocalNo> = self.case.scopes.iter().filter(|(_, scope)| scope.token == Some(token)).map(|(no, _)| *no).collect();
        if !open.is_empty() {
            return open.into_iter().try_for_each(|scope| refuse_failures(self.complete_scope_if_empty(scope)));
        }
        let came = match self.definition.process.node(node).map(|node| &node.kind) {
            Some(NodeKind::CatchEvent(Trigger::Timer(timer))) => !matches!(timer, TimerTrigger::At(_)),
            _ => false,
        };
        if came {
            let outcome = self.attempt(|run| run.leave(token));
            return self.guard(token, outcome);
        }
        self.disarm_own(token, node);
        self.wake(token);
        Ok(())
    }

    fn start(&mut self, start: &Start) -> Result<(), Rejection> {
        let definition = self.definition;
        if start.at.is_some() || start.caller.is_some() {
            permission::system(self.actor)?;
        }
        let (index, event) = self.start_event(start)?;
        let plain = StartEvent { trigger: None, form: None, lane: None };
        let event = event.unwrap_or(&plain);
        let (case, process) = (self.case.id.as_str(), definition.process.id.as_str());
        let matter = Matter { process, case, applicant_unit: start.applicant.unit.as_deref() };
        permission::may_start(event, self.actor, &matter, &start.unit, self.context.organisation)?;
        if !definition.process.data.open && !self.context.organisation.units.contains_key(&start.unit) {
            let unit = &start.unit;
            return Err(Rejection::new(
                codes::START_NOT_OFFERED,
                Text::new(format!("没有机构“{unit}”"), format!("there is no unit `{unit}`")),
            ));
        }
        let facts = Facts {
            number: None,
            title: String::new(),
            unit: start.unit.clone(),
            applicant: start.applicant.clone(),
            application_no: start.application_no.clone().unwrap_or_else(|| self.case.id.clone()),
            source: start.source.clone(),
            started_by: self.actor.person().map(str::to_owned),
            started_at: self.at,
            received_at: start.received_at,
            caller: start.caller.clone(),
        };
        self.emit(Event::CaseStarted {
            process: definition.process.id.clone(),
            definition: definition.hash.clone(),
            facts: Box::new(facts),
        });
        let errors = start.message.as_ref().map(|message| form_data::message_errors(definition, message, &start.data)).unwrap_or_default();
        if !errors.is_empty() {
            return Err(Rejection::form(errors));
        }
        let data = self.checked_application(event, &start.data, &start.materials)?;
        if !data.is_empty() {
            self.emit(Event::DataSet { scope: ROOT, values: data });
        }
        if !start.materials.is_empty() {
            self.emit(Event::MaterialsAdded { materials: start.materials.clone() });
        }
        refuse_failures(self.name_case())?;
        if let Some(message) = &start.message {
            self.emit(Event::MessageReceived { message: message.clone(), key: self.case.facts.application_no.clone(), wait: None });
        }
        let process = &definition.process;
        for &inner in &process.scopes[0].event_sub_processes {
            refuse_failures(self.arm_event_sub_process(&process.nodes[inner], ROOT))?;
        }
        match index {
            Some(index) => refuse_failures(self.begin_at(&process.nodes[index], &start.data)),
            None => refuse_failures(self.place_orphans(0, ROOT).and_then(|()| self.complete_scope_if_empty(ROOT))),
        }
    }

    /// The node that takes this start: the one that it names, the start event of its message, or the one without a trigger
    /// (a called process may have only one with). None: the process begins at the nodes that nothing leads to.
    fn start_event(&self, start: &Start) -> Result<(Option<usize>, Option<&'r StartEvent>), Rejection> {
        let process = &self.definition.process;
        let starts = &process.scopes[0].starts;
        let event_at = |ix: usize| match &process.nodes[ix].kind {
            NodeKind::StartEvent(event) => Some(event),
            _ => None,
        };
        if let Some(id) = &start.at {
            let found = process.by_id.get(id).copied().filter(|&ix| process.nodes[ix].scope == 0);
            return match found {
                Some(ix) if event_at(ix).is_some() => Ok((Some(ix), event_at(ix))),
                // A node that nothing leads to is begun with the others.
                Some(_) => Ok((None, None)),
                None => Err(start_not_offered(&process.id, id)),
            };
        }
        let found = starts.iter().copied().find(|&ix| match (event_at(ix).and_then(|event| event.trigger.as_ref()), &start.message) {
            (None, None) => true,
            (Some(trigger), Some(message)) => starts_by(trigger, message),
            _ => false,
        });
        let only = (start.caller.is_some() && starts.len() == 1).then(|| starts[0]);
        match found.or(only) {
            Some(ix) => Ok((Some(ix), event_at(ix))),
            None if start.message.is_none() && starts.is_empty() => Ok((None, None)),
            None => Err(start_not_offered(&process.id, start.message.as_deref().unwrap_or("—"))),
        }
    }

    /// The application's data, checked against its form; a message's routing facts are no data.
    fn checked_application(
        &self,
        event: &StartEvent,
        data: &Map<String, Value>,
        materials: &[MaterialGiven],
    ) -> Result<Map<String, Value>, Rejection> {
        let definition = self.definition;
        let form = event.form.as_ref().and_then(|id| definition.forms.get(id)).or_else(|| self.application_form());
        let mut errors = form_data::parameter_errors(definition, data);
        let Some(form) = form else {
            return if errors.is_empty() { Ok(data.clone()) } else { Err(Rejection::form(errors)) };
        };
        let by_message = event.trigger.is_some();
        let (parameters, rest): (Map<String, Value>, Map<String, Value>) =
            data.clone().into_iter().partition(|(name, _)| definition.process.parameters.contains_key(name));
        let part: Map<String, Value> = rest.into_iter().filter(|(name, _)| !by_message || form.type_of(name).is_some()).collect();
        let given = form_data::given(materials);
        let what = Scope::default();
        errors.extend(form::check_form(form, &definition.standard, &definition.rules, &part, &given, &self.names(ROOT), what));
        if !errors.is_empty() {
            return Err(Rejection::form(errors));
        }
        let mut application = form::unticked(form, part, &self.names(ROOT), None);
        application.extend(parameters);
        Ok(application)
    }

    /// A timer fires only when it is due, and, if its due date was provisional, only once the year's calendar is known.
    fn fire_timer(&mut self, no: LocalNo) -> Result<(), Rejection> {
        let timer = self.case.timers.get(&no).cloned().ok_or_else(|| gone("这个定时已经不在", "this timer is gone"))?;
        if timer.due > self.at {
            return Err(Rejection::new(codes::NOT_DUE, Text::new("定时还没有到", "the timer is not due yet")));
        }
        if let (true, Some(after)) = (timer.provisional, timer.after) {
            let due = self.definition.calendar.due(timer.since, after);
            let days = matches!(after.unit, DurationUnit::Days | DurationUnit::WorkingDays | DurationUnit::WorkingHours);
            if due.provisional && days {
                let again = self.definition.calendar.closing_time(next_day(self.definition.calendar.date_of(self.at)));
                self.emit(Event::TimerMoved { timer: no, due: again, provisional: true });
                return Ok(());
            }
            if due.at > self.at {
                self.emit(Event::TimerMoved { timer: no, due: due.at, provisional: due.provisional });
                return Ok(());
            }
        }
        let token = match &timer.purpose {
            super::TimerPurpose::Token { token, .. } => *token,
            _ => ROOT,
        };
        let outcome = self.fire(no);
        self.guard(token, outcome)
    }
}

/// Whether a start event's trigger is this message.
fn starts_by(trigger: &Trigger, message: &str) -> bool {
    match trigger {
        Trigger::Message(catch) => catch.message == message,
        Trigger::Any(several) | Trigger::All(several) => several.iter().any(|one| starts_by(one, message)),
        _ => false,
    }
}

fn start_not_offered(process: &str, how: &str) -> Rejection {
    Rejection::new(
        codes::START_NOT_OFFERED,
        Text::new(format!("流程“{process}”不能这样发起（{how}）"), format!("process `{process}` cannot be started this way ({how})")),
    )
}

fn next_day(date: jiff::civil::Date) -> jiff::civil::Date {
    date.tomorrow().unwrap_or(date)
}

/// Where nobody's token stands to carry an incident, a failed rule refuses the command.
fn refuse_failures(outcome: Result<(), Stop>) -> Result<(), Rejection> {
    match outcome {
        Ok(()) => Ok(()),
        Err(Stop::Refused(rejection)) => Err(rejection),
        Err(Stop::Failed(message)) => Err(Rejection::new(codes::RULE_FAILED, message)),
    }
}

fn gone(zh: &str, en: &str) -> Rejection {
    Rejection::new(codes::GONE, Text::new(zh, en))
}
