//! Two-person rules: what is sensitive takes effect only when a second administrator agrees.
//!
//! One of two administrators proposes, the other one decides, never the same person or duty; what was agreed on is written in
//! one commit with the agreement. Each step is a deed. A proposal that nobody decides on within a week expires.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};
use tongban_engine::{definition::THREE, organisation::RegisterChange, time::Moment};

use super::{Deed, RegisterAsked, RegisterError, SYSTEM, Store, StoreError, plain::Statement, register::Prepared, sql::Row, submit};

/// So long one may decide.
const OPEN_MS: i64 = 7 * 86_400_000;
/// Decided ones that are listed.
const DECIDED_MAX: u32 = 100;

macro_rules! listed {
    ($which:literal) => {
        concat!(
            "SELECT id, kind, about, body, before, after, reason, decides, proposed_by, proposed_at, expires_at, verdict, decided_by, \
             decided_at, decision_reason FROM proposal WHERE ",
            $which
        )
    };
}

const WAITING: &str = listed!("verdict IS NULL ORDER BY proposed_at, id");
const DECIDED: &str = listed!("verdict IS NOT NULL ORDER BY decided_at DESC, id LIMIT $1");
const ONE: &str = listed!("id = $1");
const PROPOSE: &str = "INSERT INTO proposal \
     (id, kind, about, body, before, after, reason, decides, proposed_by, proposed_at, expires_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
const DECIDE: &str = "UPDATE proposal SET verdict = $2, decided_by = $3, decided_at = $4, decision_reason = $5 \
     WHERE id = $1 AND verdict IS NULL";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(crate) const STATEMENTS: &[&str] = &[WAITING, DECIDED, ONE, PROPOSE, DECIDE];

/// What is proposed. Each kind says who proposes it, who decides, and what is written when it is agreed on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "body", rename_all = "kebab-case")]
pub enum Change {
    /// Changes of the register that take two: [`RegisterChange::takes_two`].
    Register {
        /// The version of the register that was seen.
        version: u64,
        /// In order, all or none.
        changes: Vec<RegisterChange>,
    },
    /// For an hour somebody has an administrator's duty: [`Store::emergencies`].
    Emergency {
        /// Person id.
        person: String,
        /// A word of [`THREE`].
        duty: String,
    },
}

/// What became of a proposal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Agreed on, and in force.
    Approved,
    /// Refused by the second administrator.
    Refused,
    /// Taken back by who proposed it.
    Withdrawn,
    /// Nobody decided in time.
    Expired,
}

/// A change that waits for the second administrator, or was decided.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// Its id.
    pub id: String,
    /// What is proposed.
    pub change: Change,
    /// What it is about, in a few words or ids.
    pub about: String,
    /// What it would change, as it was when it was proposed; JSON.
    pub before: Option<String>,
    /// What it would change, as it would be; JSON.
    pub after: Option<String>,
    /// Why.
    pub reason: String,
    /// The duties of who decides, between spaces: those that the proposer has not.
    pub decides: String,
    /// Person id.
    pub proposed_by: String,
    /// When.
    pub proposed_at: Moment,
    /// Until when it can be decided.
    pub expires_at: Moment,
    /// What became of it; None: it waits.
    pub decision: Option<Decision>,
}

/// What became of a proposal, and who said so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// What.
    pub verdict: Verdict,
    /// Person id; [`SYSTEM`] if it expired.
    pub by: String,
    /// When.
    pub at: Moment,
    /// Why.
    pub reason: String,
}

/// Why nothing was proposed or decided.
#[derive(Debug, thiserror::Error)]
pub enum ProposalError {
    /// There is no such proposal.
    #[error("there is no such proposal")]
    Unknown,
    /// It was decided already, or has expired.
    #[error("the proposal was decided already, or has expired")]
    Closed,
    /// She lacks the duty: one of these words of [`THREE`].
    #[error("one of the duties `{0}` is needed")]
    NotEntitled(String),
    /// Nobody agrees to what she herself proposed, nor proposes or agrees to what is about herself.
    #[error("who proposed it, or whom it is about, cannot decide on it")]
    SamePerson,
    /// A reason must be given.
    #[error("a reason must be given")]
    ReasonNeeded,
    /// It would change nothing.
    #[error("it would change nothing")]
    NothingChanges,
    /// It cannot take effect as things stand.
    #[error(transparent)]
    Register(RegisterError),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for ProposalError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<RegisterError> for ProposalError {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Store(error) => Self::Store(error),
            other => Self::Register(other),
        }
    }
}

impl Verdict {
    /// The word that is kept.
    pub fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Approved, Self::Refused, Self::Withdrawn, Self::Expired].into_iter().find(|verdict| verdict.word() == word)
    }
}

impl Change {
    /// The word of its kind.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Register { .. } => "register",
            Self::Emergency { .. } => "emergency",
        }
    }

    /// Whether it is about that person.
    fn is_about(&self, person: &str) -> bool {
        match self {
            Self::Register { changes, .. } => changes.iter().any(|change| matches!(change.deed(), (_, "person", about) if about == person)),
            Self::Emergency { person: about, .. } => about == person,
        }
    }

    /// Whose duties it takes: whoever has one of them proposes it, and who has another one decides.
    pub fn duties(&self) -> &'static [&'static str] {
        match self {
            Self::Register { .. } => &["people", "grants"],
            Self::Emergency { .. } => &THREE,
        }
    }
}

impl Store {
    /// Proposes a change; gives the proposal's id.
    ///
    /// # Errors
    /// See [`ProposalError`].
    pub async fn propose(&self, change: Change, reason: &str, actor: &str) -> Result<String, ProposalError> {
        let (hers, others): (Vec<_>, Vec<_>) = change.duties().iter().copied().partition(|duty| self.has_duty(actor, duty));
        if hers.is_empty() {
            return Err(ProposalError::NotEntitled(others.join(" ")));
        }
        let decides = others.join(" ");
        if reason.trim().is_empty() {
            return Err(ProposalError::ReasonNeeded);
        }
        if change.is_about(actor) {
            return Err(ProposalError::SamePerson);
        }
        // what cannot take effect is told to who proposes it, not to who decides
        let deeds = self.prepared(&change, actor, "").await?.deeds;
        if deeds.is_empty() {
            return Err(ProposalError::NothingChanges);
        }
        let (id, now) = (submit::fresh_id(), self.inner.clock.now());
        let (before, after, about) = told(&deeds);
        let body = serde_json::to_value(&change).map_err(|error| StoreError::corrupt("propose", error.to_string()))?;
        let values = vec![
            id.as_str().into(),
            change.kind().into(),
            about.as_str().into(),
            body["body"].to_string().into(),
            before.clone().into(),
            after.clone().into(),
            reason.into(),
            decides.as_str().into(),
            actor.into(),
            now.into(),
            now.plus_ms(OPEN_MS).into(),
        ];
        let deed = Deed { before, after, purpose: Some(reason.to_owned()), ..Deed::new(now, actor, "proposal.made", "proposal", &*id) };
        self.write_audited(vec![deed], vec![Statement::new("propose", PROPOSE, values)]).await?;
        Ok(id)
    }

    /// Decides on a proposal: an approved change takes effect in the same commit. Who proposed it may only withdraw it.
    ///
    /// # Errors
    /// See [`ProposalError`]; then nothing has changed, and the proposal still waits.
    pub async fn decide_proposal(&self, id: &str, actor: &str, verdict: Verdict, reason: &str) -> Result<(), ProposalError> {
        let proposal = self.proposal(id).await?.ok_or(ProposalError::Unknown)?;
        let now = self.inner.clock.now();
        if proposal.decision.is_some() || now >= proposal.expires_at || verdict == Verdict::Expired {
            return Err(ProposalError::Closed);
        }
        let own = actor == proposal.proposed_by;
        match verdict {
            Verdict::Withdrawn if !own => return Err(ProposalError::SamePerson),
            Verdict::Withdrawn => {}
            _ if own => return Err(ProposalError::SamePerson),
            _ if !self.may_decide(actor, &proposal) => return Err(ProposalError::NotEntitled(proposal.decides)),
            Verdict::Approved if proposal.change.is_about(actor) => return Err(ProposalError::SamePerson),
            Verdict::Refused if reason.trim().is_empty() => return Err(ProposalError::ReasonNeeded),
            _ => {}
        }
        let mut deeds = vec![decided(&proposal, verdict, actor, reason, now)];
        let mut statements = vec![decision(&proposal.id, verdict, actor, reason, now)];
        let _one = self.inner.registering.lock().await;
        let mut prepared = None;
        if verdict == Verdict::Approved {
            let purpose = format!("{} ({}, {})", proposal.reason, proposal.id, proposal.proposed_by);
            let mut change = self.prepared(&proposal.change, actor, &purpose).await?;
            deeds.append(&mut change.deeds);
            statements.append(&mut change.statements);
            prepared = Some(change);
        }
        match (self.write_audited(deeds, statements).await, prepared) {
            (Ok(_), prepared) => {
                prepared.map(|prepared| self.register_changed(prepared));
                Ok(())
            }
            (Err(StoreError::Untouched { .. }), _) => Err(ProposalError::Closed),
            (Err(error), Some(prepared)) => Err(self.register_overtaken(error, prepared.version).await.into()),
            (Err(error), None) => Err(error.into()),
        }
    }

    /// Whether somebody's duties let her decide on it.
    pub fn may_decide(&self, person: &str, proposal: &Proposal) -> bool {
        proposal.decides.split(' ').any(|duty| self.has_duty(person, duty))
    }

    /// Proposals that wait, oldest first.
    ///
    /// # Errors
    /// The store failed.
    pub async fn proposals_waiting(&self) -> Result<Vec<Proposal>, StoreError> {
        let now = self.inner.clock.now();
        let rows = self.inner.readers.fetch("list proposals", WAITING, Vec::new()).await?;
        let waiting = rows.iter().map(proposal).collect::<Result<Vec<_>, _>>()?;
        Ok(waiting.into_iter().filter(|proposal| now < proposal.expires_at).collect())
    }

    /// Proposals that were decided, latest first; a hundred at most.
    ///
    /// # Errors
    /// The store failed.
    pub async fn proposals_decided(&self) -> Result<Vec<Proposal>, StoreError> {
        self.inner.readers.fetch("list proposals", DECIDED, vec![DECIDED_MAX.into()]).await?.iter().map(proposal).collect()
    }

    /// One proposal.
    ///
    /// # Errors
    /// The store failed.
    pub async fn proposal(&self, id: &str) -> Result<Option<Proposal>, StoreError> {
        self.inner.readers.fetch("read a proposal", ONE, vec![id.into()]).await?.first().map(proposal).transpose()
    }

    /// Closes proposals that nobody decided on in time; says how many.
    pub(crate) async fn expire_proposals(&self) -> Result<u64, StoreError> {
        let now = self.inner.clock.now();
        let rows = self.inner.readers.fetch("list proposals", WAITING, Vec::new()).await?;
        let mut closed = 0;
        for row in &rows {
            let proposal = proposal(row)?;
            if now >= proposal.expires_at {
                let statement = decision(&proposal.id, Verdict::Expired, SYSTEM, "", now);
                match self.write_audited(vec![decided(&proposal, Verdict::Expired, SYSTEM, "", now)], vec![statement]).await {
                    Ok(_) => closed += 1,
                    Err(StoreError::Untouched { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
        }
        Ok(closed)
    }

    /// What is written when a change takes effect.
    async fn prepared(&self, change: &Change, actor: &str, reason: &str) -> Result<Prepared, RegisterError> {
        let roles = self.roles();
        let asked = |seen, changes| RegisterAsked { seen, changes, by: actor, reason, roles: &roles };
        match change {
            Change::Register { version, changes } => self.prepare_register(&asked(*version, changes)).await,
            Change::Emergency { person, duty } => {
                let given = [self.emergency_post(person, duty)?];
                let mut prepared = self.prepare_register(&asked(self.registered().0, &given)).await?;
                let deed = Deed::new(self.inner.clock.now(), actor, "emergency.begun", "person", person);
                prepared.deeds.push(Deed { after: Some(json!({ "duty": duty }).to_string()), purpose: Some(reason.to_owned()), ..deed });
                Ok(prepared)
            }
        }
    }
}

fn decision(id: &str, verdict: Verdict, actor: &str, reason: &str, now: Moment) -> Statement {
    let values = vec![id.into(), verdict.word().into(), actor.into(), now.into(), reason.into()];
    Statement::new("decide on a proposal", DECIDE, values).needed()
}

fn decided(proposal: &Proposal, verdict: Verdict, actor: &str, reason: &str, now: Moment) -> Deed {
    let purpose = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
    let after = Some(json!({"kind": proposal.change.kind(), "proposed_by": proposal.proposed_by}).to_string());
    let word = format!("proposal.{}", verdict.word());
    Deed { after, purpose, ..Deed::new(now, actor, &word, "proposal", &*proposal.id) }
}

/// What deeds would change: old and new by kind and id, and what it is about.
fn told(deeds: &[Deed]) -> (Option<String>, Option<String>, String) {
    let side = |side: fn(&Deed) -> &Option<String>| {
        let parsed = deeds.iter().filter_map(|deed| {
            let value: Json = serde_json::from_str(side(deed).as_deref()?).ok()?;
            Some((format!("{} {}", deed.kind, deed.about), value))
        });
        let all: BTreeMap<String, Json> = parsed.collect();
        (!all.is_empty()).then(|| json!(all).to_string())
    };
    let about: Vec<&str> = deeds.iter().map(|deed| deed.about.as_str()).collect();
    (side(|deed| &deed.before), side(|deed| &deed.after), about.join(", "))
}

fn proposal(row: &Row) -> Result<Proposal, StoreError> {
    const DOING: &str = "read a proposal";
    let odd = |what: String| StoreError::corrupt(DOING, what);
    let body: Json = serde_json::from_str(&row.text("body")?).map_err(|error| odd(error.to_string()))?;
    let change = serde_json::from_value(json!({"kind": row.text("kind")?, "body": body})).map_err(|error| odd(error.to_string()))?;
    let decision = match row.opt_text("verdict")? {
        None => None,
        Some(word) => Some(Decision {
            verdict: Verdict::from_word(&word).ok_or_else(|| odd(format!("no verdict `{word}`")))?,
            by: row.text("decided_by")?,
            at: row.moment("decided_at")?,
            reason: row.opt_text("decision_reason")?.unwrap_or_default(),
        }),
    };
    Ok(Proposal {
        id: row.text("id")?,
        change,
        about: row.text("about")?,
        before: row.opt_text("before")?,
        after: row.opt_text("after")?,
        reason: row.text("reason")?,
        decides: row.text("decides")?,
        proposed_by: row.text("proposed_by")?,
        proposed_at: row.moment("proposed_at")?,
        expires_at: row.moment("expires_at")?,
        decision,
    })
}
