//! Defects that a committer or the engine could have: switches of the simulation, none of them in the product.

use tongban_engine::{
    interpreter::{Case, Event, TimerPurpose, apply},
    time::Moment,
};

/// Defects that a committer could have; none in the simulation itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Defect {
    /// A journal row that another node wrote meanwhile is written over.
    RaceIgnored,
    /// A number that another node took meanwhile is taken again.
    NumberTwice,
    /// Callers are answered before the commit.
    AnswerFirst,
    /// Keys are not kept.
    KeysForgotten,
    /// The same key with another body gets the first answer.
    BodyIgnored,
    /// The last effect of a command is lost.
    EffectLost,
    /// A timer that was taken away stays in the table.
    TimerStays,
    /// Effects of a case leave in any order.
    OrderLost,
    /// After a lost race the cached case is used again.
    CacheKept,
    /// Every attempt at a delivery has a key of its own.
    KeyByAttempt,
    /// The state is written one command late.
    StateLate,
    /// What the engine decides is distorted.
    Engine(Lapse),
}

/// What the engine could forget or do twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lapse {
    /// An interrupted activity's timers go on.
    TimersLeft,
    /// An interrupted activity's waits go on.
    WaitsLeft,
    /// An interrupted task stays open.
    TasksLeft,
    /// A kept message is taken and stays.
    MessagesLeft,
    /// A sub-process that was interrupted stays open.
    ScopesLeft,
    /// A call that was taken away is still waited for.
    CallsLeft,
    /// A join leaves the tokens that it takes.
    TokensLeft,
    /// A job that was answered stays.
    JobsLeft,
    /// A task is opened twice.
    TasksTwice,
    /// A flow is taken twice.
    TokensTwice,
    /// An instance that ended is not counted.
    InstancesUncounted,
    /// A case that ended is not told to have.
    EndsUntold,
    /// A boundary timer is not armed.
    TimersUnset,
    /// Attempts at a job are counted twice in what is stored.
    StateApart,
    /// Two decisions on the same differ.
    Fickle,
}

impl Lapse {
    /// The events as the engine would give them with this lapse, and the case that they make.
    pub(crate) fn distort(self, before: &Case, events: Vec<Event>, at: Moment) -> (Case, Vec<Event>) {
        let mut case = before.clone();
        let mut distorted = Vec::new();
        for event in events {
            for event in self.instead_of(&case, event) {
                apply(&mut case, &event, at);
                distorted.push(event);
            }
        }
        if self == Self::StateApart {
            case.jobs.values_mut().for_each(|job| job.attempts += 1);
        }
        if self == Self::Fickle && before.seq.is_multiple_of(4) && distorted.len() > 3 {
            distorted.swap(1, 2);
        }
        (case, distorted)
    }

    fn instead_of(self, case: &Case, event: Event) -> Vec<Event> {
        let left = match (self, &event) {
            (Self::TimersLeft, Event::TimerCancelled { .. })
            | (Self::WaitsLeft, Event::WaitCancelled { .. })
            | (Self::TasksLeft, Event::TaskCancelled { .. })
            | (Self::MessagesLeft, Event::KeptMessageGone { .. })
            | (Self::ScopesLeft, Event::ScopeClosed { completed: false, .. })
            | (Self::CallsLeft, Event::CallCancelled { .. })
            | (Self::JobsLeft, Event::JobAnswered { .. })
            | (Self::InstancesUncounted, Event::InstanceCompleted { .. })
            | (Self::EndsUntold, Event::CaseEnded { .. }) => true,
            (Self::TokensLeft, Event::TokenTaken { token, completed: false }) => {
                case.tokens.get(token).is_some_and(|token| token.node.contains("parallel"))
            }
            (Self::TimersUnset, Event::TimerSet { purpose: TimerPurpose::Token { node, .. }, .. }) => node.ends_with("_event"),
            _ => false,
        };
        if left {
            return Vec::new();
        }
        let again = match (self, &event) {
            (Self::TasksTwice, Event::TaskOpened { .. }) => number_again(&event, case.next + 1),
            (Self::TokensTwice, Event::TokenPlaced { flow: Some(_), .. }) => number_again(&event, case.next + 1),
            _ => None,
        };
        std::iter::once(event).chain(again).collect()
    }
}

/// The same under another number.
fn number_again(event: &Event, no: u32) -> Option<Event> {
    let mut again = event.clone();
    match &mut again {
        Event::TaskOpened { task, .. } => *task = no,
        Event::TokenPlaced { token, .. } => *token = no,
        _ => return None,
    }
    Some(again)
}
