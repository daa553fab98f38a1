//! From the office to the platform: each reported status, as the case stood when it was reported.

use std::sync::Arc;

use serde_json::{Map, Value, json};
use sm3::{Digest, Sm3};
use tongban_engine::{
    definition::{Definition, NodeKind, PortalStatus},
    interpreter::{Case, CaseId, Effect, LocalNo, TimerPurpose, Waiter, apply},
    text::Text,
    time::Moment,
};

use super::{link::Link, mapping::Mapping};
use crate::{
    outbox::{Deliverer, Delivery, DeliveryError, OutboxItem},
    store::{DocumentRow, JournalRow, NoticeRow, Store, StoreError},
};

/// Delivers `platform:ID`.
pub struct PlatformDeliverer {
    store: Store,
    link: Arc<Link>,
}

impl PlatformDeliverer {
    /// Delivers to the platform at the other end of `link`.
    pub fn new(store: Store, link: Arc<Link>) -> Self {
        Self { store, link }
    }

    async fn send(&self, item: &OutboxItem) -> Result<(), DeliveryError> {
        let later = |error: StoreError| DeliveryError::Later(error.to_string());
        // The case as it stood then, not as it stands now: every attempt says the same.
        let journal = self.store.journal(&item.case).await.map_err(later)?;
        let case = case_at(item, &journal);
        let definition = self.store.definition(&case.definition).await.map_err(later)?;
        let definition = definition.ok_or_else(|| DeliveryError::Never(format!("definition {} is not deployed", case.definition)))?;
        let unit_name = self.store.organisation().units.get(&case.facts.unit).map(|unit| unit.name.clone());
        let documents = self.documents(item).await?;
        let told = Told { item, case: &case, definition: &definition, mapping: &self.link.mapping, unit_name, documents };
        self.link.post("status", &told.values()?).await
    }

    /// The documents that go with the status. What is issued never changes.
    async fn documents(&self, item: &OutboxItem) -> Result<Vec<Value>, DeliveryError> {
        let Effect::Portal { documents: wanted, .. } = &item.effect else { return Ok(Vec::new()) };
        let mut documents = Vec::with_capacity(wanted.len());
        for no in wanted {
            let found = self.document(&item.case, *no).await.map_err(|error| DeliveryError::Later(error.to_string()))?;
            let DocumentRow { no, title, number, html, hash, made_at } =
                found.ok_or_else(|| DeliveryError::Never(format!("the case has no document {no}")))?;
            documents.push(json!({
                "id": no.to_string(), "title": title, "number": number, "made_at": made_at, "hash": hash, "content": html,
            }));
        }
        Ok(documents)
    }

    /// A document of the case; or a notice, which shares the case's count of numbers, as one.
    async fn document(&self, case: &CaseId, no: LocalNo) -> Result<Option<DocumentRow>, StoreError> {
        if let Some(document) = self.store.document(case, no).await? {
            return Ok(Some(document));
        }
        let notice = self.store.notices(case).await?.into_iter().find(|notice| notice.no == no);
        Ok(notice.map(|NoticeRow { no, at, subject, html, .. }| {
            let hash = hex::encode(Sm3::digest(html.as_bytes()));
            DocumentRow { no, title: subject, number: None, html, hash, made_at: at }
        }))
    }
}

impl Deliverer for PlatformDeliverer {
    fn deliver<'a>(&'a self, item: &'a OutboxItem) -> Delivery<'a> {
        Box::pin(self.send(item))
    }
}

fn case_at(item: &OutboxItem, journal: &[JournalRow]) -> Case {
    let mut case = Case { id: item.case.clone(), ..Case::default() };
    for row in journal.iter().filter(|row| row.seq <= item.seq) {
        row.events.iter().for_each(|event| apply(&mut case, event, row.at));
    }
    case
}

/// One status and all that belongs to it.
struct Told<'a> {
    item: &'a OutboxItem,
    case: &'a Case,
    definition: &'a Definition,
    mapping: &'a Mapping,
    unit_name: Option<Text>,
    documents: Vec<Value>,
}

impl Told<'_> {
    /// The message in our words, for the mapping to translate.
    fn values(&self) -> Result<Value, DeliveryError> {
        let Effect::Portal { status, text, details, .. } = &self.item.effect else {
            return Err(DeliveryError::Never("a platform is told statuses only".to_owned()));
        };
        let facts = &self.case.facts;
        let item_id = self.definition.process.item.clone().unwrap_or_default();
        let item = self.mapping.items.get(&item_id).cloned().unwrap_or(Value::Null);
        let office = item["units"][facts.unit.as_str()].clone();
        let (due, due_provisional) = self.due();
        Ok(json!({
            "message_id": self.item.key, "seq": self.item.seq, "at": self.item.at,
            "application_no": facts.application_no, "number": facts.number, "title": facts.title,
            "status": self.status(*status), "text": text.clone().unwrap_or_else(|| status.label()), "details": details,
            "task": format!("{item_id}@{}", facts.unit), "item": item, "office": office,
            "name": self.definition.process.name, "unit_name": self.unit_name,
            "applicant": {"name": facts.applicant.name, "subject": facts.applicant.subject},
            "received_at": facts.received_at, "due": due, "due_provisional": due_provisional,
            "reply_due": (*status == PortalStatus::Correction).then(|| self.reply_due()).flatten(),
            "document": self.documents.last(), "documents": self.documents,
        }))
    }

    /// What the mapping says of the status, with its code.
    fn status(&self, status: PortalStatus) -> Value {
        let mut told = self.mapping.statuses.get(status.code()).and_then(Value::as_object).cloned().unwrap_or_else(Map::new);
        told.insert("code".to_owned(), json!(status.code()));
        Value::Object(told)
    }

    /// The soonest due date of the clocks that run.
    fn due(&self) -> (Option<Moment>, bool) {
        let running = self.case.clocks.values().filter(|record| record.stopped.is_none());
        let soonest = running.map(|record| self.definition.calendar.clock_due(record, self.item.at)).min_by_key(|due| due.at);
        soonest.map_or((None, false), |due| (Some(due.at), due.provisional))
    }

    /// Until when an answer is awaited: the soonest timer that ends the wait for a supplement.
    fn reply_due(&self) -> Option<Moment> {
        let message = self.mapping.incoming.get("supplement")?.delivers.as_deref()?;
        let waiting = self.case.waits.values().filter(|wait| wait.message == message).find_map(|wait| match &wait.waiter {
            Waiter::Token { token, .. } => Some(*token),
            Waiter::Scope { .. } => None,
        })?;
        let ends_it = |purpose: &TimerPurpose| match purpose {
            TimerPurpose::Token { token, node } if *token == waiting => {
                matches!(self.definition.process.node(node).map(|node| &node.kind), Some(NodeKind::BoundaryEvent(event)) if event.interrupting)
            }
            _ => false,
        };
        self.case.timers.values().filter(|timer| ends_it(&timer.purpose)).map(|timer| timer.due).min()
    }
}
