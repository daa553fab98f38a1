//! Publishes to a platform what the office offers: each item as each unit handles it, with its guide and its form.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use serde_json::{Value, json};
use sm3::{Digest, Sm3};
use tongban_engine::{
    definition::{Basis, Definition},
    form::published,
    time::Moment,
};

use super::{link::Link, mapping::Mapping};
use crate::{
    outbox::DeliveryError,
    store::{Store, StoreError},
};

/// How often it is looked whether something is to be published: what was deployed, or could not be published before.
const EVERY: Duration = Duration::from_secs(5);

/// Keeps a platform's list of items up to date.
pub struct Publisher {
    store: Store,
    link: Arc<Link>,
    /// Messages that the platform has confirmed to this process.
    confirmed: Mutex<BTreeSet<String>>,
}

impl Publisher {
    /// Publishes what is deployed in `store` over `link`.
    pub fn new(store: Store, link: Arc<Link>) -> Self {
        Self { store, link, confirmed: Mutex::default() }
    }

    /// Publishes what the platform has not confirmed yet; how many items it confirmed now. A message is the same for the
    /// same version, so that publishing again after a restart does nothing twice.
    ///
    /// # Errors
    /// If the store failed. A platform that is away is no error: the next tick tries again.
    pub async fn tick(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for values in self.publications().await? {
            let id = values["message_id"].as_str().unwrap_or_default().to_owned();
            if self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).contains(&id) {
                continue;
            }
            match self.link.post("item", &values).await {
                Ok(()) => {
                    self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                    count += 1;
                }
                Err(DeliveryError::Never(error)) => {
                    // It would be the same at every attempt: said once, and again when something else is deployed.
                    tracing::error!(task = %values["task"], error, "the platform does not take this item");
                    self.confirmed.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                }
                Err(DeliveryError::Later(error)) => {
                    tracing::info!(error, "the platform is away; its items are published later");
                    break;
                }
            }
        }
        Ok(count)
    }

    /// Publishes for ever.
    pub async fn run(self) {
        let mut ticks = tokio::time::interval(EVERY);
        loop {
            ticks.tick().await;
            match self.tick().await {
                Ok(_) => {}
                Err(StoreError::Closed) => return,
                Err(error) => tracing::error!(%error, "items cannot be published"),
            }
        }
    }

    /// One message for each item and unit of the mapping whose process can be started from this platform.
    async fn publications(&self) -> Result<Vec<Value>, StoreError> {
        let mapping = &self.link.mapping;
        let starts = mapping.incoming.get("application").and_then(|message| message.delivers.as_deref()).unwrap_or_default();
        let organisation = self.store.organisation();
        let mut all = Vec::new();
        for (id, item) in &mapping.items {
            let Some(definition) = self.store.by_item(id).filter(|definition| definition.process.messages.contains_key(starts)) else {
                continue;
            };
            let versions = self.store.versions(&definition.process.id).await?;
            let since = versions.iter().find(|version| version.hash == definition.hash).map_or(Moment(0), |version| version.at);
            for (unit, office) in item["units"].as_object().into_iter().flatten() {
                let Some(known) = organisation.units.get(unit) else { continue };
                all.push(publication(mapping, &definition, since, (id, item), (unit, office, &known.name)));
            }
        }
        Ok(all)
    }
}

fn publication(
    mapping: &Mapping,
    definition: &Definition,
    since: Moment,
    (id, item): (&String, &Value),
    (unit, office, unit_name): (&String, &Value, &tongban_engine::text::Text),
) -> Value {
    let process = &definition.process;
    let form = process.data.form.as_ref().and_then(|form| definition.forms.get(form)).map(|form| published(form, &definition.standard));
    let limits = process.clocks.values().map(|clock| {
        let (basis, unverified) = split(clock.basis.as_ref());
        json!({"name": clock.name, "words": clock.limit.words(), "basis": basis, "unverified": unverified})
    });
    let basis = process.legal_basis.iter().map(|basis| json!({"text": basis.text, "unverified": basis.unverified}));
    let mut values = json!({
        "at": since, "task": format!("{id}@{unit}"), "item": item, "office": office, "name": process.name, "unit_name": unit_name,
        "basis": basis.collect::<Vec<_>>(), "limits": limits.collect::<Vec<_>>(), "form": form,
    });
    values["message_id"] = json!(hex::encode(Sm3::digest(format!("{}{values}", mapping.platform).as_bytes())));
    values
}

fn split(basis: Option<&Basis>) -> (Option<&str>, Option<&str>) {
    (basis.map(|basis| basis.text.as_str()), basis.and_then(|basis| basis.unverified.as_deref()))
}
