//! Timers of start events: one row for each event of a deployed version, with the moment at which it begins a case next.

use tongban_engine::{
    calendar::Calendar,
    definition::{Definition, NodeKind, TimerTrigger, Trigger},
    time::Moment,
};

use super::{Store, StoreError, plain::Statement, sql::Row};

const ARMED: &str = "SELECT process, event, definition, trigger_text, due, times_left, done, attempts FROM start_timer WHERE process = $1";
const DUE: &str = "SELECT process, event, definition, trigger_text, due, times_left, done, attempts FROM start_timer \
     WHERE done = 0 AND due <= $1 AND lease_until <= $1 ORDER BY due, process, event LIMIT $2";
const ARM: &str = "INSERT INTO start_timer (process, event, definition, trigger_text, due, times_left, done, lease_until, attempts) \
     VALUES ($1, $2, $3, $4, $5, $6, 0, 0, 0) ON CONFLICT (process, event) DO UPDATE SET definition = excluded.definition, \
     trigger_text = excluded.trigger_text, due = excluded.due, times_left = excluded.times_left, done = 0, lease_until = 0, attempts = 0";
const ADOPT: &str = "UPDATE start_timer SET definition = $3 WHERE process = $1 AND event = $2";
const DISARM: &str = "DELETE FROM start_timer WHERE process = $1 AND event = $2";
const MOVE: &str = "UPDATE start_timer SET due = $4, times_left = $5, done = $6, lease_until = 0, attempts = 0 \
     WHERE process = $1 AND event = $2 AND due = $3";
const LEAVE: &str =
    "UPDATE start_timer SET lease_until = $4, attempts = attempts + 1 WHERE process = $1 AND event = $2 AND due = $3 AND done = 0";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[ARMED, DUE, ARM, ADOPT, DISARM, MOVE, LEAVE];

/// When a start event begins a case next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StartTimer {
    /// Process id.
    pub process: String,
    /// The start event's id.
    pub event: String,
    /// Content hash of the version.
    pub definition: String,
    /// What the event says of its times, as text: a new version that says the same keeps `due`.
    pub trigger: String,
    /// When.
    pub due: Moment,
    /// How often it still begins a case; None: without end.
    pub left: Option<u32>,
    /// It has begun its last case.
    pub done: bool,
    /// How often it could not begin a case at this moment.
    pub attempts: i64,
}

impl StartTimer {
    fn of(row: &Row) -> Result<Self, StoreError> {
        Ok(Self {
            process: row.text("process")?,
            event: row.text("event")?,
            definition: row.text("definition")?,
            trigger: row.text("trigger_text")?,
            due: row.moment("due")?,
            left: row.opt_int("times_left")?.map(|left| u32::try_from(left).unwrap_or(0)),
            done: row.int("done")? != 0,
            attempts: row.int("attempts")?,
        })
    }
}

/// The timers of a definition's start events, by event.
fn timers_of(definition: &Definition) -> impl Iterator<Item = (&str, &TimerTrigger)> {
    let process = &definition.process;
    process.scopes[0].starts.iter().filter_map(|&ix| match &process.nodes[ix].kind {
        NodeKind::StartEvent(start) => match &start.trigger {
            Some(Trigger::Timer(timer)) => Some((process.nodes[ix].id.as_str(), timer)),
            _ => None,
        },
        _ => None,
    })
}

/// The first moment at which the timer of a start event begins a case, if it is deployed at `now`.
fn first_due(calendar: &Calendar, timer: &TimerTrigger, now: Moment) -> Option<Moment> {
    match timer {
        TimerTrigger::After(after) | TimerTrigger::Every(after, _) => Some(calendar.due(now, *after).at),
        TimerTrigger::Cron(pattern) => calendar.next_cron(pattern, now),
        TimerTrigger::At(at) => calendar.parse_moment(at.text.trim_matches(['"', '\''])),
        // What a case would have to give is not there before there is a case.
        TimerTrigger::AfterGiven(_) | TimerTrigger::EveryGiven(..) => None,
    }
}

/// The moment after `due`, which came at `now`. Moments that were missed meanwhile are not made up for one by one.
fn next_due(calendar: &Calendar, timer: &TimerTrigger, due: Moment, now: Moment) -> Option<Moment> {
    match timer {
        TimerTrigger::Every(every, _) => {
            let regular = calendar.due(due, *every).at;
            Some(if regular > now { regular } else { calendar.due(now, *every).at })
        }
        TimerTrigger::Cron(pattern) => calendar.next_cron(pattern, due.max(now)),
        _ => None,
    }
}

fn text_of(timer: &TimerTrigger) -> String {
    match timer {
        TimerTrigger::At(at) => format!("at {}", at.text),
        TimerTrigger::AfterGiven(after) => format!("after {}", after.text),
        TimerTrigger::EveryGiven(every, times) => format!("every {} {times:?}", every.text),
        TimerTrigger::After(after) => format!("after {after:?}"),
        TimerTrigger::Every(every, times) => format!("every {every:?} {times:?}"),
        TimerTrigger::Cron(pattern) => format!("cron {pattern}"),
    }
}

impl Store {
    /// Sets the timers of a version's start events. An event that says the same as before keeps its time, even one that
    /// has come and was missed; what the version does not say any more is taken away.
    pub(crate) async fn arm_starts(&self, definition: &Definition) -> Result<(), StoreError> {
        let process = definition.process.id.as_str();
        let now = self.inner.clock.now();
        let mut armed: Vec<StartTimer> = self.start_timers(process).await?;
        let mut statements = Vec::new();
        for (event, timer) in timers_of(definition) {
            let text = text_of(timer);
            let key = || vec![process.into(), event.into()];
            let hash = definition.hash.as_str();
            if let Some(at) = armed.iter().position(|row| row.event == event) {
                let row = armed.swap_remove(at);
                if row.trigger == text {
                    if row.definition != hash {
                        let values = [key(), vec![hash.into()]].concat();
                        statements.push(Statement::new("keep a start's timer", ADOPT, values));
                    }
                    continue;
                }
            }
            let Some(due) = first_due(&definition.calendar, timer, now) else {
                statements.push(Statement::new("take a start's timer away", DISARM, key()));
                continue;
            };
            let left = match timer {
                TimerTrigger::Every(_, times) => times.map(i64::from),
                _ => None,
            };
            let values = [key(), vec![hash.into(), text.into(), due.into(), left.into()]].concat();
            statements.push(Statement::new("set a start's timer", ARM, values));
        }
        for row in armed {
            statements.push(Statement::new("take a start's timer away", DISARM, vec![process.into(), row.event.into()]));
        }
        if !statements.is_empty() {
            self.write(statements).await?;
        }
        Ok(())
    }

    /// The timers of a process's start events.
    ///
    /// # Errors
    /// The store failed.
    pub async fn start_timers(&self, process: &str) -> Result<Vec<StartTimer>, StoreError> {
        let rows = self.inner.readers.fetch("read starts' timers", ARMED, vec![process.into()]).await?;
        rows.iter().map(StartTimer::of).collect()
    }

    /// Timers of start events whose moment has come.
    pub(crate) async fn due_starts(&self, now: Moment, max: u32) -> Result<Vec<StartTimer>, StoreError> {
        let rows = self.inner.readers.fetch("look for due starts", DUE, vec![now.into(), max.into()]).await?;
        rows.iter().map(StartTimer::of).collect()
    }

    /// Its cases have begun: on to the next moment, or done. Whoever comes second changes nothing.
    pub(crate) async fn move_start(&self, timer: &StartTimer, now: Moment) -> Result<(), StoreError> {
        let definition = self.definition(&timer.definition).await?;
        let trigger = definition.as_ref().and_then(|definition| timers_of(definition).find(|(event, _)| *event == timer.event));
        let left = timer.left.map(|left| left.saturating_sub(1));
        let next = match (&definition, trigger) {
            (Some(definition), Some((_, trigger))) if left != Some(0) => next_due(&definition.calendar, trigger, timer.due, now),
            _ => None,
        };
        let (due, done) = (next.unwrap_or(timer.due), i64::from(next.is_none()));
        let StartTimer { process, event, .. } = timer;
        let values =
            vec![process.as_str().into(), event.as_str().into(), timer.due.into(), due.into(), left.map(i64::from).into(), done.into()];
        self.write_one(Statement::new("move a start's timer", MOVE, values)).await.map(drop)
    }

    /// No case could begin: left alone until `until`.
    pub(crate) async fn leave_start(&self, timer: &StartTimer, until: Moment) -> Result<(), StoreError> {
        let values = vec![timer.process.as_str().into(), timer.event.as_str().into(), timer.due.into(), until.into()];
        self.write_one(Statement::new("leave a start's timer alone", LEAVE, values)).await.map(drop)
    }
}
