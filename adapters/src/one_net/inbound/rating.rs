//! 好差评: one rating a case, kept as what came in about it.

use serde_json::json;
use tongban_engine::interpreter::Case;

use super::{
    Inbound, Incoming, Reply,
    answer::{Fate, answer, nonce_used, taken},
    parse,
};
use crate::{
    one_net::messages::{Outcome, Rating},
    store::{IntakeState, Recorded, Store, StoreError, case_id_for},
};

impl Inbound {
    /// A rating: one a case, kept as what came in about it.
    pub(super) async fn rating(&self, incoming: &Incoming<'_>) -> Reply {
        let rating: Rating = match parse(&incoming.values) {
            Ok(rating) => rating,
            Err(reason) => return answer(incoming.message, &Fate::Answer(Outcome::Malformed, reason), None),
        };
        let fate = match self.rate(incoming, &rating).await {
            Ok((outcome, text)) => Fate::Answer(outcome, text),
            Err(fate) => fate,
        };
        answer(incoming.message, &fate, Some(&rating.application_no))
    }

    async fn rate(&self, incoming: &Incoming<'_>, rating: &Rating) -> Result<(Outcome, String), Fate> {
        let case = case_id_for(self.platform(), &rating.application_no);
        if self.store.case(&case).await?.is_none() {
            return Err(Fate::TooEarly);
        }
        let mut row = self.row(incoming, &rating.application_no, json!(rating).to_string());
        // One rating a case is one key.
        row.message_id = rating_id(&rating.application_no);
        match self.store.record_intake(&row).await? {
            Recorded::NonceUsed => Ok(nonce_used()),
            Recorded::Known(known) if known.body != row.body => Ok((Outcome::Rated, "已评价".to_owned())),
            Recorded::New | Recorded::Known(_) => {
                self.store.settle_intake(self.platform(), &row.message_id, IntakeState::Accepted, Some(&case), None).await?;
                Ok(taken())
            }
        }
    }
}

/// The rating of a case, if its applicant gave one.
///
/// # Errors
/// The store failed.
pub async fn rating_of(store: &Store, case: &Case) -> Result<Option<Rating>, StoreError> {
    let row = store.intake_row(&case.facts.source, &rating_id(&case.facts.application_no)).await?;
    Ok(row.and_then(|row| serde_json::from_str(row.body.expose()).ok()))
}

fn rating_id(application_no: &str) -> String {
    format!("rating:{application_no}")
}
