//! The second factor: one-time codes by time (TOTP, RFC 6238), and recovery codes for the day the telephone is lost.
//!
//! A code counts once, and the one before and after the present one are taken too, for clocks that are a little off. The
//! seed is sealed; recovery codes are kept as keyed hashes and shown once.

use tongban_engine::time::Moment;
use totp_rs::{Builder, Secret, Totp};
use zeroize::Zeroizing;

use super::{
    Awaited, LoginError, Origin, Session,
    deeds::{done, from},
};
use crate::{
    seal::seal_text,
    store::{Statement, Store, StoreError},
};

/// Codes for the day the telephone is lost.
const RECOVERY_CODES: usize = 10;
/// Letters of one: 50 bits.
const RECOVERY_LETTERS: usize = 10;
/// Thirty-two letters, none of which is taken for another.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789z";
/// Whose key seals seeds.
const SUBJECT: &str = "~factors";

const READ: &str = "SELECT secret, used_step, since, offered FROM second_factor WHERE person = $1";
const OFFER: &str = "INSERT INTO second_factor (person, secret, used_step, since, offered) VALUES ($1, NULL, 0, 0, $2) \
     ON CONFLICT (person) DO UPDATE SET offered = excluded.offered";
const ENROL: &str = "UPDATE second_factor SET secret = $2, used_step = $3, since = $4, offered = NULL WHERE person = $1";
const USE: &str = "UPDATE second_factor SET used_step = $2 WHERE person = $1 AND used_step < $2";
const END: &str = "DELETE FROM second_factor WHERE person = $1";
const KEEP_CODE: &str = "INSERT INTO recovery_code (person, code) VALUES ($1, $2) ON CONFLICT (person, code) DO NOTHING";
const USE_CODE: &str = "DELETE FROM recovery_code WHERE person = $1 AND code = $2";
const END_CODES: &str = "DELETE FROM recovery_code WHERE person = $1";
const CODES: &str = "SELECT COUNT(*) AS codes FROM recovery_code WHERE person = $1";

/// Statements of this file, for the test that prepares each.
#[cfg(test)]
pub(super) const STATEMENTS: &[&str] = &[READ, OFFER, ENROL, USE, END, KEEP_CODE, USE_CODE, END_CODES, CODES];

/// A seed that is offered for enrolment; it counts once a code of it was seen.
pub struct Offer {
    /// In base 32, for typing.
    pub secret: Zeroizing<String>,
    /// As `otpauth://…`, for a QR code.
    pub url: Zeroizing<String>,
}

/// A person's factor as it rests.
struct Factor {
    secret: Option<String>,
    used_step: i64,
    since: Moment,
    offered: Option<String>,
}

impl Store {
    /// Since when the person has a second factor, if she has one.
    ///
    /// # Errors
    /// The store failed.
    pub async fn factor_since(&self, person: &str) -> Result<Option<Moment>, StoreError> {
        Ok(self.factor(person).await?.filter(|factor| factor.secret.is_some()).map(|factor| factor.since))
    }

    /// Whether the person has a second factor.
    ///
    /// # Errors
    /// The store failed.
    pub async fn has_factor(&self, person: &str) -> Result<bool, StoreError> {
        Ok(self.factor_since(person).await?.is_some())
    }

    /// How many recovery codes she has left.
    ///
    /// # Errors
    /// The store failed.
    pub async fn recovery_codes(&self, person: &str) -> Result<u64, StoreError> {
        let rows = self.inner.readers.fetch("count recovery codes", CODES, vec![person.into()]).await?;
        rows.first().map_or(Ok(0), |row| row.count("codes"))
    }

    /// Offers the person a new seed; the one she has stays until the new one is enrolled.
    ///
    /// # Errors
    /// The store failed.
    pub async fn offer_factor(&self, person: &str) -> Result<(), StoreError> {
        let seed = Zeroizing::new(self.inner.keys.random::<20>()?);
        let text = Zeroizing::new(Secret::from(*seed).to_base32());
        let sealed = seal_text(&self.key_of(SUBJECT).await?, &place(person), &text)?;
        self.write_one(Statement::new("offer a second factor", OFFER, vec![person.into(), sealed.into()])).await.map(drop)
    }

    /// The seed that was offered; `account` is what her telephone will call it.
    ///
    /// # Errors
    /// The store failed, or the seed does not open.
    pub async fn offered_factor(&self, person: &str, account: &str, issuer: &str) -> Result<Option<Offer>, StoreError> {
        let Some(sealed) = self.factor(person).await?.and_then(|factor| factor.offered) else { return Ok(None) };
        let totp = self.totp(person, &sealed, account, issuer).await?;
        let secret = Zeroizing::new(totp.secret().to_base32());
        Ok(Some(Offer { url: Zeroizing::new(totp.to_url().map_err(broken)?), secret }))
    }

    /// Enrols the offered seed, of which the person shows a code: gives back recovery codes, to be shown once, and the
    /// session's new token. Her other sessions end.
    ///
    /// # Errors
    /// [`LoginError::Refused`]: nothing was offered, or the code is not of it.
    pub async fn enrol_factor(&self, token: &str, code: &str, origin: &Origin) -> Result<(Vec<String>, String), LoginError> {
        let session = self.session(token).await?.ok_or(LoginError::Refused)?;
        let person = session.person.as_str();
        self.count_attempt(&half(person), origin).await?;
        let Some(sealed) = self.factor(person).await?.and_then(|factor| factor.offered) else { return Err(LoginError::Refused) };
        let Some(step) = self.totp(person, &sealed, person, "").await?.check(&typed(code), self.seconds()) else {
            return Err(LoginError::Refused);
        };
        self.forget_attempts(&half(person), origin).await?;
        let codes = (0..RECOVERY_CODES).map(|_| self.recovery_code()).collect::<Result<Vec<_>, _>>()?;
        let values = vec![person.into(), sealed.into(), step.into(), self.inner.clock.now().into()];
        let mut statements = vec![
            Statement::new("enrol a second factor", ENROL, values),
            Statement::new("forget recovery codes", END_CODES, vec![person.into()]),
        ];
        let keep =
            |code: &String| Statement::new("keep a recovery code", KEEP_CODE, vec![person.into(), self.code_hash(person, code).into()]);
        statements.extend(codes.iter().map(keep));
        self.write_audited(vec![done(self, person, "factor.enrolled", "person", person, Some(&from(origin, "totp")))], statements).await?;
        self.end_sessions(person, Some(token), person).await?;
        let awaits = self.awaited_after_factor(&session).await?;
        Ok((codes, self.renew_session(token, awaits, true).await?.1))
    }

    /// Takes a person's second factor away, at her own wish or because she has lost it; her sessions end, that of the
    /// token `but` excepted.
    ///
    /// # Errors
    /// The store failed.
    pub async fn end_factor(&self, person: &str, but: Option<&str>, by: &str) -> Result<(), StoreError> {
        let word = if by == person { "factor.ended" } else { "factor.reset" };
        let end = |doing, sql| Statement::new(doing, sql, vec![person.into()]);
        let statements = vec![end("end a second factor", END), end("forget recovery codes", END_CODES)];
        self.write_audited(vec![done(self, by, word, "person", person, None)], statements).await?;
        self.end_sessions(person, but, by).await
    }

    /// Completes a log-in with the second factor: the session under its new token.
    ///
    /// # Errors
    /// [`LoginError::Refused`]: the session awaits none or is over, or the code is not hers or was used.
    pub async fn give_factor(&self, token: &str, code: &str, origin: &Origin) -> Result<(Session, String), LoginError> {
        let session = self.session(token).await?.filter(|session| session.awaits == Some(Awaited::SecondFactor));
        let session = session.ok_or(LoginError::Refused)?;
        let how = self.code_checked(&session, code, origin).await?;
        self.note(done(self, &session.person, "session.begun", "session", &session.id, Some(&from(origin, how)))).await?;
        let awaits = self.awaited_after_factor(&session).await?;
        self.renew_session(token, awaits, true).await
    }

    /// Shows anew who she is: by a code if she has a second factor, else by her password. The session under its new token.
    ///
    /// # Errors
    /// [`LoginError::Refused`]: the session is over or only half, or what she shows is not hers.
    pub async fn step_up(&self, token: &str, proof: &str, origin: &Origin) -> Result<(Session, String), LoginError> {
        let session = self.session(token).await?.filter(|session| session.awaits != Some(Awaited::SecondFactor));
        let session = session.ok_or(LoginError::Refused)?;
        let how = if self.has_factor(&session.person).await? {
            self.code_checked(&session, proof, origin).await?
        } else {
            self.checked(&session.login, proof, origin).await?;
            "password"
        };
        self.note(done(self, &session.person, "session.stepped-up", "session", &session.id, Some(&from(origin, how)))).await?;
        self.renew_session(token, session.awaits, true).await
    }

    /// Uses a code of the session's person; says which kind it was.
    async fn code_checked(&self, session: &Session, code: &str, origin: &Origin) -> Result<&'static str, LoginError> {
        let person = session.person.as_str();
        self.may_try_codes(person).await?;
        self.count_attempt(&half(person), origin).await?;
        let Some(how) = self.use_code(person, code).await? else {
            self.refuse(&session.login, origin, "second-factor", Some(self.failed_code(person))).await?;
            return Err(LoginError::Refused);
        };
        self.forget_attempts(&half(person), origin).await?;
        Ok(how)
    }

    async fn use_code(&self, person: &str, code: &str) -> Result<Option<&'static str>, LoginError> {
        let code = typed(code);
        let Some(Factor { secret: Some(secret), used_step, .. }) = self.factor(person).await? else { return Ok(None) };
        if !code.bytes().all(|letter| letter.is_ascii_digit()) {
            let values = vec![person.into(), self.code_hash(person, &code).into()];
            let used = self.write_one(Statement::new("use a recovery code", USE_CODE, values)).await?.touched > 0;
            return Ok(used.then_some("recovery-code"));
        }
        let step = self.totp(person, &secret, person, "").await?.check(&code, self.seconds());
        let Some(step) = step.and_then(|step| i64::try_from(step).ok()).filter(|step| *step > used_step) else { return Ok(None) };
        // two at once: the statement's condition lets one of them win
        let used = self.write_one(Statement::new("use a code", USE, vec![person.into(), step.into()])).await?.touched > 0;
        Ok(used.then_some("totp"))
    }

    async fn awaited_after_factor(&self, session: &Session) -> Result<Option<Awaited>, StoreError> {
        let account = self.account(&session.login).await?;
        Ok(account.and_then(|account| self.awaited_besides_factor(&account)))
    }

    async fn factor(&self, person: &str) -> Result<Option<Factor>, StoreError> {
        let rows = self.inner.readers.fetch("read a second factor", READ, vec![person.into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let (secret, offered) = (row.opt_text("secret")?, row.opt_text("offered")?);
        Ok(Some(Factor { secret, used_step: row.int("used_step")?, since: row.moment("since")?, offered }))
    }

    async fn totp(&self, person: &str, sealed: &str, account: &str, issuer: &str) -> Result<Totp, StoreError> {
        let text = Zeroizing::new(self.key_of(SUBJECT).await?.open(&place(person), sealed)?);
        let secret = Secret::try_from_base32(String::from_utf8_lossy(&text)).map_err(broken)?;
        let issuer = Some(issuer).filter(|issuer| !issuer.is_empty());
        Builder::new().with_secret(secret).with_account_name(account.replace(':', " ")).with_issuer(issuer).build().map_err(broken)
    }

    fn seconds(&self) -> u64 {
        u64::try_from(self.inner.clock.now().0 / 1000).unwrap_or_default()
    }

    fn recovery_code(&self) -> Result<String, StoreError> {
        let bytes = self.inner.keys.random::<RECOVERY_LETTERS>()?;
        let letters: String = bytes.into_iter().map(|byte| char::from(LETTERS[usize::from(byte) % LETTERS.len()])).collect();
        let (first, second) = letters.split_at(RECOVERY_LETTERS / 2);
        Ok(format!("{first}-{second}"))
    }

    fn code_hash(&self, person: &str, code: &str) -> String {
        self.inner.keys.keyed_hash(&[b"recovery", person.as_bytes(), typed(code).as_bytes()])
    }
}

/// A code as it was meant: people type spaces, hyphens and capitals.
fn typed(code: &str) -> String {
    code.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What wrong codes of a person are counted under: apart from wrong passwords.
fn half(person: &str) -> String {
    format!("{person}\nsecond factor")
}

fn place(person: &str) -> String {
    format!("second_factor|secret|{person}")
}

fn broken(error: impl std::fmt::Display) -> StoreError {
    StoreError::corrupt("read a second factor", error.to_string())
}
