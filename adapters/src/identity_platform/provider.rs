//! The platform as it describes itself: where its doors are, and the keys that it signs with, kept for an hour.

use std::{pin::Pin, time::Duration};

use openidconnect::{
    AsyncHttpClient, ClientId, ClientSecret, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl,
    ProviderMetadataWithLogout, RedirectUrl, core::CoreClient,
};
use tokio::sync::RwLock;
use tongban_engine::time::Moment;

use super::{PlatformError, settings::IdentityFile, settings::is_safe};
use crate::http;

/// How long the platform may take to answer.
const TIMEOUT: Duration = Duration::from_secs(10);
/// Its longest answer.
const ANSWER_BYTES_MAX: usize = 256 * 1024;
/// What it says of itself is believed so long.
const KEPT_MS: i64 = 3_600_000;
/// It is asked anew for an unknown key so often at most.
const ASKED_MS: i64 = 60_000;

/// A client that knows the platform's doors.
pub(super) type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What the platform said of itself.
#[derive(Clone)]
pub(super) struct Provider {
    pub(super) client: Client,
    pub(super) end_session: Option<openidconnect::EndSessionUrl>,
    asked_at: Moment,
}

/// Where the platform is asked, and what it last said.
pub(super) struct Source {
    file: IdentityFile,
    http: reqwest::Client,
    known: RwLock<Option<Provider>>,
}

/// Why a call failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum CallError {
    #[error(transparent)]
    Http(#[from] reqwest::Error),
    #[error(transparent)]
    Answer(#[from] openidconnect::http::Error),
    #[error("{0} is no address that may be called")]
    Address(String),
    #[error("an answer of more than {ANSWER_BYTES_MAX} bytes")]
    TooLong,
}

impl Source {
    pub(super) fn new(file: IdentityFile) -> Result<Self, PlatformError> {
        let http = http::client(TIMEOUT, file.authority.as_deref()).map_err(|error| PlatformError::Settings(error.to_string()))?;
        Ok(Self { file, http, known: RwLock::default() })
    }

    /// What the platform says of itself; asked anew if that is old, or if it is older than a minute and `anew`.
    pub(super) async fn provider(&self, now: Moment, anew: bool) -> Result<Provider, PlatformError> {
        let old = if anew { ASKED_MS } else { KEPT_MS };
        let kept = |known: &Option<Provider>| known.as_ref().filter(|known| now < known.asked_at.plus_ms(old)).cloned();
        if let Some(provider) = kept(&*self.known.read().await) {
            return Ok(provider);
        }
        let mut known = self.known.write().await;
        if let Some(provider) = kept(&known) {
            return Ok(provider);
        }
        let provider = self.ask(now).await?;
        *known = Some(provider.clone());
        Ok(provider)
    }

    async fn ask(&self, now: Moment) -> Result<Provider, PlatformError> {
        let settings = &self.file.settings;
        let wrong = |error: openidconnect::url::ParseError| PlatformError::Settings(error.to_string());
        let issuer = IssuerUrl::new(settings.issuer.clone()).map_err(wrong)?;
        let said = ProviderMetadataWithLogout::discover_async(issuer, self).await;
        let said = said.map_err(|error| PlatformError::Unreachable(told(&error)))?;
        let end_session = said.additional_metadata().end_session_endpoint.clone();
        let secret = self.file.secret.clone().map(ClientSecret::new);
        let client = CoreClient::from_provider_metadata(said, ClientId::new(settings.client_id.clone()), secret)
            .set_redirect_uri(RedirectUrl::new(settings.redirect.clone()).map_err(wrong)?);
        Ok(Provider { client, end_session, asked_at: now })
    }

    /// Makes one call: no redirects, a time-out, a bound on the answer.
    async fn carried(&self, request: HttpRequest) -> Result<HttpResponse, CallError> {
        let (parts, body) = request.into_parts();
        let address = parts.uri.to_string();
        // a platform that is spoken to over TLS names no doors without it
        let plain = !address.starts_with("https:") && self.file.settings.issuer.starts_with("https:");
        if plain || !is_safe(&address) {
            return Err(CallError::Address(address));
        }
        let mut response = self.http.request(parts.method, address).headers(parts.headers).body(body).send().await?;
        let mut answer = openidconnect::http::Response::builder().status(response.status());
        for (name, value) in response.headers() {
            answer = answer.header(name, value);
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = response.chunk().await? {
            bytes.extend_from_slice(&chunk);
            if bytes.len() > ANSWER_BYTES_MAX {
                return Err(CallError::TooLong);
            }
        }
        Ok(answer.body(bytes)?)
    }
}

impl<'c> AsyncHttpClient<'c> for Source {
    type Error = CallError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, CallError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.carried(request))
    }
}

/// An error with what lies under it.
pub(super) fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut under = error.source();
    while let Some(error) = under {
        text.push_str(": ");
        text.push_str(&error.to_string());
        under = error.source();
    }
    text
}
