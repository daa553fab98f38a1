//! What waits in the intake list: carried out after a restart, tried again or closed by a clerk.

use serde_json::Value;
use tongban_engine::time::Moment;

use super::{Inbound, answer::Fate};
use crate::{
    one_net::messages::Outcome,
    store::{IntakeRow, IntakeState, StoreError},
};

impl Inbound {
    /// Carries out what was recorded but not finished when the process ended; how many messages.
    ///
    /// # Errors
    /// The store failed.
    pub async fn resume(&self) -> Result<usize, StoreError> {
        let mut count = 0;
        for page in 0.. {
            let rows = self.store.intake(Some(IntakeState::Received), page).await?;
            for row in rows.rows.iter().filter(|row| row.source == self.platform()) {
                self.again(row, row.received_at).await?;
                count += 1;
            }
            if page + 1 >= rows.pages() {
                break;
            }
        }
        Ok(count)
    }

    /// A clerk tries a refused message once more; what became of it, in words.
    ///
    /// # Errors
    /// The store failed.
    pub async fn retry(&self, message_id: &str) -> Result<Option<(Outcome, String)>, StoreError> {
        let row = self.store.intake_row(self.platform(), message_id).await?;
        match row.filter(|row| row.state == IntakeState::Refused) {
            Some(row) => self.again(&row, self.store.clock().now()).await,
            None => Ok(None),
        }
    }

    /// A clerk closes a refused message with a reason.
    ///
    /// # Errors
    /// The store failed.
    pub async fn close(&self, message_id: &str, reason: &str) -> Result<(), StoreError> {
        self.store.settle_intake(self.platform(), message_id, IntakeState::Done, None, Some(reason)).await
    }

    async fn again(&self, row: &IntakeRow, at: Moment) -> Result<Option<(Outcome, String)>, StoreError> {
        let wire: Value = serde_json::from_str(row.body.expose()).unwrap_or(Value::Null);
        let Some(values) = self.link.mapping.incoming.get(&row.kind).and_then(|message| message.fields.read(&wire).ok()) else {
            return Ok(None);
        };
        match self.carry_out(row, &values, at).await {
            Ok(done) => Ok(Some(done)),
            Err(Fate::Failed(error)) => Err(error),
            Err(Fate::TooEarly) => Ok(None),
            Err(Fate::Answer(outcome, text)) => Ok(Some((outcome, text))),
        }
    }
}
