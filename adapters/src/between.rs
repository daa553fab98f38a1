//! What one case asks of another: calls and their answers, signals, messages. Each is a row of the outbox, written in the
//! commit of the case that asks, and becomes a command with a key of its own, so that it is carried out once.

use tongban_engine::{
    definition::{Definition, Trigger},
    interpreter::{Actor, Ask, CallOutcome, Caller, Case, CaseId, Command, Effect, LocalNo, Rejection, Start, codes},
};

use crate::{
    outbox::{Deliverer, Delivery, DeliveryError, OutboxItem},
    store::{Store, SubmitError, case_id_for},
};

/// Carries what cases ask of each other.
#[derive(Clone)]
pub struct Between {
    store: Store,
}

/// What an asked case answers that is no failure of the asking one: it is over, or no longer waits.
const OVER: [&str; 3] = [codes::CASE_ENDED, codes::GONE, codes::CASE_UNKNOWN];

/// The identifier of the case that a call begins.
fn called_id(caller: &str, call: LocalNo) -> CaseId {
    case_id_for(&format!("call:{caller}"), &call.to_string())
}

impl Between {
    /// A carrier for the cases of `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn carry(&self, item: &OutboxItem) -> Result<(), DeliveryError> {
        match &item.effect {
            Effect::Call { call, process, data } => {
                let caller = Caller { case: item.case.clone(), call: *call };
                let start = Start { process: process.clone(), caller: Some(caller), data: data.clone(), ..self.start_for(item).await? };
                match self.submit(item, &called_id(&item.case, *call), Ask::Start(Box::new(start))).await {
                    Err(Refusal::Rejected(rejection)) if rejection.code != codes::CASE_EXISTS => {
                        let ask = Ask::AnswerCall { call: *call, outcome: CallOutcome::refused(process, &rejection) };
                        self.ask(item, &item.case, ask, &OVER).await
                    }
                    Err(Refusal::Failed(error)) => Err(DeliveryError::Later(error)),
                    _ => Ok(()),
                }
            }
            Effect::Answer { caller, outcome } => {
                let ask = Ask::AnswerCall { call: caller.call, outcome: outcome.clone() };
                self.ask(item, &caller.case, ask, &OVER).await
            }
            Effect::CancelCall { call } => self.ask(item, &called_id(&item.case, *call), Ask::Cancel, &OVER).await,
            Effect::Signal { signal, data } => {
                let listening = self.store.listening_to(signal).await.map_err(later)?;
                let listening = listening.ok_or_else(|| DeliveryError::Never(format!("too many cases wait for the signal `{signal}`")))?;
                for case in listening {
                    if case != item.case {
                        self.ask(item, &case, Ask::Signal { signal: signal.clone(), data: data.clone() }, &OVER).await?;
                    }
                }
                let begins = |trigger: &Trigger| matches!(trigger, Trigger::Signal(name) if name.text == *signal);
                self.begin(item, None, data, begins).await.map(drop)
            }
            Effect::Message { message, key, data } => self.message(item, message, key, data).await,
            Effect::Portal { .. } | Effect::Mail { .. } | Effect::Job { .. } => {
                Err(DeliveryError::Never("this is not for another case".to_owned()))
            }
        }
    }

    /// A message goes to the case that has waited longest; else it begins the process that begins by it; else it is tried
    /// again, and in the end waits for an operator.
    async fn message(
        &self,
        item: &OutboxItem,
        message: &str,
        key: &str,
        data: &serde_json::Map<String, serde_json::Value>,
    ) -> Result<(), DeliveryError> {
        for case in self.store.waiting_for(message, key).await.map_err(later)? {
            let ask = Ask::Deliver { message: message.to_owned(), data: data.clone(), materials: Vec::new() };
            match self.submit(item, &case, ask).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Rejected(rejection)) if passes_on(&rejection) => {}
                Err(refusal) => return Err(refusal.into()),
            }
        }
        let begins = |trigger: &Trigger| matches!(trigger, Trigger::Message(catch) if catch.message == *message);
        match self.begin(item, Some(message), data, begins).await? {
            0 => Err(DeliveryError::Later(format!("no case waits for the message `{message}`"))),
            _ => Ok(()),
        }
    }

    /// Begins a case of every latest version with a start event that fits; of a message only the first. Says how many.
    async fn begin(
        &self,
        item: &OutboxItem,
        message: Option<&str>,
        data: &serde_json::Map<String, serde_json::Value>,
        fits: impl Fn(&Trigger) -> bool,
    ) -> Result<usize, DeliveryError> {
        let mut begun = 0;
        for definition in self.store.processes() {
            let Some(event) = start_event(&definition, &fits) else { continue };
            let process = definition.process.id.clone();
            let start = Start {
                process: process.clone(),
                message: message.map(str::to_owned),
                at: message.is_none().then_some(event),
                data: data.clone(),
                ..self.start_for(item).await?
            };
            let case = case_id_for(&format!("sent:{}", item.key), &process);
            self.ask(item, &case, Ask::Start(Box::new(start)), &[codes::CASE_EXISTS]).await?;
            begun += 1;
            if message.is_some() {
                break;
            }
        }
        Ok(begun)
    }

    /// A case begun for another is handled by the same unit, for the same applicant.
    async fn start_for(&self, item: &OutboxItem) -> Result<Start, DeliveryError> {
        let opened = self.store.case(&item.case).await.map_err(later)?;
        let facts = opened.map(|opened| opened.case.facts).unwrap_or_else(|| Case::default().facts);
        Ok(Start { unit: facts.unit, applicant: facts.applicant, source: "office".to_owned(), received_at: item.at, ..Start::default() })
    }

    /// Asks a case, and takes the refusals in `fine` for done.
    async fn ask(&self, item: &OutboxItem, case: &str, ask: Ask, fine: &[&str]) -> Result<(), DeliveryError> {
        match self.submit(item, case, ask).await {
            Err(Refusal::Rejected(rejection)) if fine.contains(&rejection.code.as_str()) => Ok(()),
            other => Ok(other?),
        }
    }

    async fn submit(&self, item: &OutboxItem, case: &str, ask: Ask) -> Result<(), Refusal> {
        let at = self.store.clock().now();
        let command = Command { case: case.to_owned(), key: item.key.clone(), actor: Actor::System, at, ask };
        match self.store.submit(command).await {
            Ok(_) => Ok(()),
            Err(SubmitError::Rejected(rejection)) => Err(Refusal::Rejected(rejection)),
            Err(error) => Err(Refusal::Failed(error.to_string())),
        }
    }
}

impl Deliverer for Between {
    fn deliver<'a>(&'a self, item: &'a OutboxItem) -> Delivery<'a> {
        Box::pin(self.carry(item))
    }
}

/// Why a case did not take what it was asked.
enum Refusal {
    Rejected(Rejection),
    Failed(String),
}

impl From<Refusal> for DeliveryError {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Rejected(rejection) => Self::Never(format!("{}: {}", rejection.code, rejection.message)),
            Refusal::Failed(error) => Self::Later(error),
        }
    }
}

/// Whether another case may take a message that this one refused.
fn passes_on(rejection: &Rejection) -> bool {
    OVER.contains(&rejection.code.as_str()) || rejection.code == codes::MESSAGE_NOT_EXPECTED
}

fn start_event(definition: &Definition, fits: impl Fn(&Trigger) -> bool) -> Option<String> {
    let process = &definition.process;
    let starts = process.scopes[0].starts.iter().map(|&ix| &process.nodes[ix]);
    starts.filter(|node| node.kind.trigger().is_some_and(&fits)).map(|node| node.id.clone()).next()
}

fn later(error: impl std::fmt::Display) -> DeliveryError {
    DeliveryError::Later(error.to_string())
}
