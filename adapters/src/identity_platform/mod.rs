//! Log-in through the office's identity platform: OpenID Connect, authorization code with PKCE (S256), state and nonce.
//!
//! The browser takes along a sealed cookie with what it must bring back, so that a log-in that was begun in one browser
//! ends in none other. Who somebody is, is the platform's address and its subject together; names and mail addresses
//! only say, once and where the office wants it so, whom a newcomer is bound to. A second factor that the platform says
//! it has asked for (`amr`, `acr`) counts as one here, and when it asked (`auth_time`) is when she last showed who she is.

mod provider;
mod settings;

pub use settings::{BindBy, IdentityFile, IdentitySettings, RETURN_PATH, SecondFactor};

use openidconnect::{
    AuthenticationContextClass, AuthenticationFlow, AuthorizationCode, ClaimsVerificationError, CsrfToken, LogoutRequest, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl, Scope, SignatureVerificationError, TokenResponse,
    core::{CoreAuthPrompt, CoreIdToken, CoreIdTokenClaims, CoreResponseType, CoreTokenResponse, CoreUserInfoClaims},
};
use serde::{Deserialize, Serialize};
use tongban_engine::{text::Text, time::Moment};

use self::provider::{Provider, Source, told};
use crate::{
    accounts::{Arrival, LoginError, Origin, Session},
    store::{Store, StoreError},
};

/// Whoever sets out must be back after so long.
const AWAY_MS: i64 = 10 * 60_000;
/// The platform's clock may be off by so much.
const SKEW_MS: i64 = 30_000;
/// A cookie has room for an address of so many bytes; whoever wanted to go to a longer one begins at the start page.
const BACK_BYTES_MAX: usize = 1_000;
/// Whose key seals what browsers take along.
const SUBJECT: &str = "~departures";
const PLACE: &str = "departure|cookie";

/// Why somebody does not come in through the platform.
#[derive(Debug, thiserror::Error)]
pub enum PlatformError {
    /// What the settings say cannot be.
    #[error("{0}")]
    Settings(String),
    /// The platform does not answer, or not as one.
    #[error("the identity platform does not answer: {0}")]
    Unreachable(String),
    /// She turned back at the platform, or it sent her away.
    #[error("the identity platform says: {0}")]
    Denied(String),
    /// What came back does not belong to a departure from this browser, or is too late.
    #[error("the log-in was not begun here: {0}")]
    NotOurs(&'static str),
    /// What the platform says is not believed.
    #[error("the identity platform is not believed: {0}")]
    Unbelieved(String),
    /// She is nobody here.
    #[error("the identity platform sent somebody whom nobody here is bound to")]
    Unknown,
    /// She may not log in here, or the store failed.
    #[error(transparent)]
    LogIn(#[from] LoginError),
}

impl From<StoreError> for PlatformError {
    fn from(error: StoreError) -> Self {
        Self::LogIn(error.into())
    }
}

/// Where the browser goes, and what it takes along.
#[derive(Debug)]
pub struct Departure {
    /// The platform's page.
    pub url: String,
    /// Value of a cookie that must come back.
    pub cookie: String,
}

/// What the browser brings back in the address.
#[derive(Debug, Default, Deserialize)]
pub struct Returned {
    /// To be exchanged for what the platform says.
    #[serde(default)]
    pub code: String,
    /// What was given along.
    #[serde(default)]
    pub state: String,
    /// Which platform it comes from (RFC 9207).
    #[serde(default)]
    pub iss: Option<String>,
    /// Why there is no code.
    #[serde(default)]
    pub error: Option<String>,
}

/// Somebody who has come in.
#[derive(Debug)]
pub struct Arrived {
    /// Her session.
    pub session: Session,
    /// Its token.
    pub token: String,
    /// Where she wanted to go.
    pub back: String,
}

/// What a browser takes along, sealed.
#[derive(Serialize, Deserialize)]
struct Luggage {
    state: String,
    nonce: String,
    verifier: String,
    back: String,
    at: Moment,
    fresh: bool,
}

/// The office's identity platform.
pub struct IdentityPlatform {
    store: Store,
    settings: IdentitySettings,
    source: Source,
}

impl IdentityPlatform {
    /// The platform of these settings; it is asked for nothing yet.
    ///
    /// # Errors
    /// [`PlatformError::Settings`].
    pub fn new(store: Store, file: IdentityFile) -> Result<Self, PlatformError> {
        Ok(Self { store, settings: file.settings.clone(), source: Source::new(file)? })
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.settings.name
    }

    /// Its address, as identities are kept under it.
    pub fn issuer(&self) -> &str {
        &self.settings.issuer
    }

    /// Sends a browser to it; `fresh` if she has to show anew who she is.
    ///
    /// # Errors
    /// The platform does not answer, or the store failed.
    pub async fn depart(&self, back: &str, fresh: bool) -> Result<Departure, PlatformError> {
        let now = self.store.clock().now();
        let provider = self.source.provider(now, false).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = AuthenticationFlow::<CoreResponseType>::AuthorizationCode;
        let mut ask = provider.client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random).set_pkce_challenge(challenge);
        ask = ask.add_scopes(self.settings.scopes.iter().cloned().map(Scope::new));
        for level in &self.settings.levels {
            ask = ask.add_auth_context_value(AuthenticationContextClass::new(level.clone()));
        }
        if fresh {
            ask = ask.add_prompt(CoreAuthPrompt::Login).set_max_age(std::time::Duration::ZERO);
        }
        let (url, state, nonce) = ask.url();
        let luggage = Luggage {
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
            back: if back.len() <= BACK_BYTES_MAX { back.to_owned() } else { "/".to_owned() },
            at: now,
            fresh,
        };
        let plain = serde_json::to_vec(&luggage).map_err(|error| StoreError::corrupt("send to the platform", error.to_string()))?;
        let cookie = self.store.key_of(SUBJECT).await?.seal(PLACE, &plain).map_err(StoreError::from)?;
        Ok(Departure { url: url.into(), cookie })
    }

    /// Takes in who comes back.
    ///
    /// # Errors
    /// [`PlatformError`].
    pub async fn arrive(&self, cookie: &str, returned: Returned, origin: &Origin) -> Result<Arrived, PlatformError> {
        let luggage = self.opened(cookie, &returned).await?;
        if let Some(error) = returned.error {
            return Err(PlatformError::Denied(error));
        }
        let now = self.store.clock().now();
        let provider = self.source.provider(now, false).await?;
        let token = self.exchanged(&provider, returned.code, luggage.verifier).await?;
        let id_token = token.id_token().ok_or_else(|| PlatformError::Unbelieved("it gave no id token".to_owned()))?;
        let nonce = Nonce::new(luggage.nonce);
        let claims = match self.believed(&provider, id_token, &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(SignatureVerificationError::NoMatchingKey)) => {
                // it may sign with a new key since it was asked
                self.believed(&self.source.provider(now, true).await?, id_token, &nonce)
            }
            other => other,
        };
        let claims = claims.map_err(|error| PlatformError::Unbelieved(told(&error)))?;
        let shown_at = claims.auth_time().map(|at| Moment(at.timestamp_millis()));
        if luggage.fresh && shown_at.is_none_or(|at| at < luggage.at.plus_ms(-SKEW_MS)) {
            return Err(PlatformError::Unbelieved("it was to ask anew and did not".to_owned()));
        }
        let Some(person) = self.person(&provider, &token, &claims).await? else {
            self.store.refuse_from_platform(origin).await?;
            return Err(PlatformError::Unknown);
        };
        let arrival = Arrival { person: &person, strong: self.is_strong(&claims), shown_at, id_token: &id_token.to_string() };
        let (session, token) = self.store.log_in_from_platform(&arrival, origin).await?;
        Ok(Arrived { session, token, back: luggage.back })
    }

    /// Where the session's person logs out of the platform too, if she came from there and it has such a page.
    ///
    /// # Errors
    /// The store failed.
    pub async fn farewell(&self, session: &Session) -> Result<Option<String>, StoreError> {
        let Some(id_token) = self.store.id_token(session).await?.and_then(|text| text.parse::<CoreIdToken>().ok()) else { return Ok(None) };
        let Ok(provider) = self.source.provider(self.store.clock().now(), false).await else { return Ok(None) };
        let Some(end_session) = provider.end_session else { return Ok(None) };
        let mut ask = LogoutRequest::from(end_session).set_id_token_hint(&id_token).set_client_id(provider.client.client_id().clone());
        if let Some(after) = self.settings.after_log_out.clone().and_then(|after| PostLogoutRedirectUrl::new(after).ok()) {
            ask = ask.set_post_logout_redirect_uri(after);
        }
        Ok(Some(ask.http_get_url().into()))
    }

    async fn opened(&self, cookie: &str, returned: &Returned) -> Result<Luggage, PlatformError> {
        let key = self.store.key_of(SUBJECT).await?;
        let plain = key.open(PLACE, cookie).map_err(|_| PlatformError::NotOurs("there is no cookie of a departure"))?;
        let luggage: Luggage = serde_json::from_slice(&plain).map_err(|_| PlatformError::NotOurs("the cookie is another"))?;
        if !bool::from(subtle::ConstantTimeEq::ct_eq(luggage.state.as_bytes(), returned.state.as_bytes())) {
            return Err(PlatformError::NotOurs("the state is another"));
        }
        if returned.iss.as_ref().is_some_and(|issuer| *issuer != self.settings.issuer) {
            return Err(PlatformError::NotOurs("it comes from another platform"));
        }
        if self.store.clock().now() >= luggage.at.plus_ms(AWAY_MS) {
            return Err(PlatformError::NotOurs("it took too long"));
        }
        Ok(luggage)
    }

    async fn exchanged(&self, provider: &Provider, code: String, verifier: String) -> Result<CoreTokenResponse, PlatformError> {
        let ask = provider.client.exchange_code(AuthorizationCode::new(code));
        let ask = ask.map_err(|error| PlatformError::Unreachable(error.to_string()))?.set_pkce_verifier(PkceCodeVerifier::new(verifier));
        ask.request_async(&self.source).await.map_err(|error| PlatformError::Unbelieved(told(&error)))
    }

    /// What the id token says, if it is the platform's, for this office, of now, and of this log-in.
    fn believed(&self, provider: &Provider, id_token: &CoreIdToken, nonce: &Nonce) -> Result<CoreIdTokenClaims, ClaimsVerificationError> {
        let verifier = provider.client.id_token_verifier().set_allowed_algs(self.settings.algorithms.clone());
        id_token.claims(&verifier, nonce).cloned()
    }

    fn is_strong(&self, claims: &CoreIdTokenClaims) -> bool {
        let SecondFactor { methods, levels } = &self.settings.second_factor;
        let method = claims.auth_method_refs().is_some_and(|said| said.iter().any(|one| methods.contains(one)));
        method || claims.auth_context_ref().is_some_and(|said| levels.contains(said))
    }

    /// Who she is here: as bound; else, where the office wants it so, by what the platform says of her.
    async fn person(
        &self,
        provider: &Provider,
        token: &CoreTokenResponse,
        claims: &CoreIdTokenClaims,
    ) -> Result<Option<String>, PlatformError> {
        let (issuer, subject) = (self.issuer(), claims.subject().as_str());
        if let Some(person) = self.store.person_of(issuer, subject).await? {
            return Ok(Some(person));
        }
        let Some(by) = self.settings.bind_by else { return Ok(None) };
        // many platforms say it at their other door only
        let asked = provider.client.user_info(token.access_token().clone(), Some(claims.subject().clone()));
        let more: Option<CoreUserInfoClaims> = match asked {
            Ok(ask) => Some(ask.request_async(&self.source).await.map_err(|error| PlatformError::Unbelieved(told(&error)))?),
            Err(_) => None,
        };
        let more = more.as_ref();
        let verified = claims.email_verified().or_else(|| more.and_then(|more| more.email_verified())) == Some(true);
        let mail = claims.email().or_else(|| more.and_then(|more| more.email())).filter(|_| verified).map(|mail| mail.as_str());
        let login = claims.preferred_username().or_else(|| more.and_then(|more| more.preferred_username())).map(|login| login.as_str());
        let register = self.store.register();
        let mut fitting = register.people.iter().filter(|(_, official)| match by {
            BindBy::Mail => mail.is_some() && official.mail.as_deref().map(str::to_lowercase) == mail.map(str::to_lowercase),
            BindBy::Login => login.is_some() && official.login.as_deref() == login,
        });
        // two who share an address are not told apart by it
        let (Some((person, _)), None) = (fitting.next(), fitting.next()) else { return Ok(None) };
        let bound = self.store.bind_identity(issuer, subject, person, "system").await?;
        Ok(bound.then(|| person.clone()))
    }
}

impl std::fmt::Debug for IdentityPlatform {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("IdentityPlatform").field("issuer", &self.settings.issuer).finish_non_exhaustive()
    }
}
