//! How the office's identity platform is reached, and what is believed of it: `oidc.yaml`.

use std::path::{Path, PathBuf};

use openidconnect::core::CoreJwsSigningAlgorithm;
use serde::Deserialize;
use tongban_engine::text::Text;

use super::PlatformError;

/// The end of [`IdentitySettings::redirect`].
pub const RETURN_PATH: &str = "/login/platform/return";

/// Settings of the log-in through an identity platform (OpenID Connect).
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IdentitySettings {
    /// Its name on the button.
    pub name: Text,
    /// Its address; discovery begins there. https, or http on this machine.
    pub issuer: String,
    /// What it calls this office.
    pub client_id: String,
    /// File with the secret shared with it, beside this file; a public client has none.
    #[serde(default)]
    pub client_secret_file: Option<PathBuf>,
    /// Where it sends people back to, exactly as registered with it: `https://OFFICE/login/platform/return`.
    pub redirect: String,
    /// Where it sends people after they have logged out of it.
    #[serde(default)]
    pub after_log_out: Option<String>,
    /// What is asked of it besides `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Signatures that are believed. Never `none`, never a shared secret's.
    #[serde(default = "algorithms")]
    pub algorithms: Vec<CoreJwsSigningAlgorithm>,
    /// Levels that are asked of it (`acr_values`).
    #[serde(default)]
    pub levels: Vec<String>,
    /// What it says when it has asked for a second factor.
    #[serde(default)]
    pub second_factor: SecondFactor,
    /// Whom somebody who comes for the first time may be bound to; if absent, an administrator binds people.
    #[serde(default)]
    pub bind_by: Option<BindBy>,
    /// File with a certificate authority of the office's own (PEM), beside this file.
    #[serde(default)]
    pub authority_file: Option<PathBuf>,
}

/// Words by which the platform says that it has asked for a second factor; either suffices.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecondFactor {
    /// Methods (`amr`, RFC 8176).
    #[serde(default = "methods")]
    pub methods: Vec<String>,
    /// Levels (`acr`).
    #[serde(default)]
    pub levels: Vec<String>,
}

/// By what somebody is known who comes for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BindBy {
    /// A mail address that the platform has verified, the same as in the register.
    Mail,
    /// The platform's log-in name, the same as in the register: only where one office gives both.
    Login,
}

impl Default for SecondFactor {
    fn default() -> Self {
        Self { methods: methods(), levels: Vec::new() }
    }
}

fn scopes() -> Vec<String> {
    ["profile", "email"].map(str::to_owned).to_vec()
}

fn methods() -> Vec<String> {
    ["mfa", "otp", "hwk", "sc"].map(str::to_owned).to_vec()
}

fn algorithms() -> Vec<CoreJwsSigningAlgorithm> {
    use CoreJwsSigningAlgorithm::{EcdsaP256Sha256, EcdsaP384Sha384, EdDsa, RsaSsaPkcs1V15Sha256, RsaSsaPssSha256};
    vec![RsaSsaPkcs1V15Sha256, RsaSsaPssSha256, EcdsaP256Sha256, EcdsaP384Sha384, EdDsa]
}

/// Settings with what stands in the files that they name.
#[derive(Clone, Debug)]
pub struct IdentityFile {
    /// As written.
    pub settings: IdentitySettings,
    /// Of `client_secret_file`.
    pub(super) secret: Option<String>,
    /// Of `authority_file`.
    pub(super) authority: Option<Vec<u8>>,
}

impl IdentityFile {
    /// Reads settings and the files beside them.
    ///
    /// # Errors
    /// A file cannot be read, or what it says cannot be.
    pub fn read(path: &Path) -> Result<Self, PlatformError> {
        let wrong = |what: String| PlatformError::Settings(format!("{}: {what}", path.display()));
        let beside = |file: &PathBuf| path.parent().unwrap_or(Path::new(".")).join(file);
        let read = |file: &PathBuf| std::fs::read(beside(file)).map_err(|error| wrong(format!("{}: {error}", file.display())));
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        let settings: IdentitySettings = crate::yaml::read(&text).map_err(|error| wrong(error.to_string()))?;
        settings.check().map_err(wrong)?;
        let secret = settings.client_secret_file.as_ref().map(read).transpose()?;
        let secret = secret.map(|secret| String::from_utf8_lossy(&secret).trim().to_owned());
        let authority = settings.authority_file.as_ref().map(read).transpose()?;
        Ok(Self { settings, secret, authority })
    }
}

impl IdentitySettings {
    fn check(&self) -> Result<(), String> {
        if !is_safe(&self.issuer) {
            return Err(format!("issuer: {} must be https, or http on this machine", self.issuer));
        }
        if !self.redirect.ends_with(RETURN_PATH) {
            return Err(format!("redirect: {} must end with {RETURN_PATH}", self.redirect));
        }
        use CoreJwsSigningAlgorithm::{HmacSha256, HmacSha384, HmacSha512, None as Unsigned};
        if self.algorithms.is_empty() || self.algorithms.iter().any(|one| matches!(one, HmacSha256 | HmacSha384 | HmacSha512 | Unsigned)) {
            return Err("algorithms: name signatures with a public key, such as RS256 or ES256".to_owned());
        }
        Ok(())
    }
}

/// Whether an address may be called: nobody on the way reads or changes what is said there.
pub(super) fn is_safe(address: &str) -> bool {
    let Ok(url) = openidconnect::url::Url::parse(address) else { return false };
    url.scheme() == "https" || (url.scheme() == "http" && matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]")))
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    #[test]
    fn settings_that_would_believe_too_much_are_refused() {
        let whole = "name: {zh: 统一身份认证, en: City identity}\nissuer: https://id.example\nclient_id: tongban\nredirect: https://office.example/login/platform/return\n";
        let cases = [
            (whole.to_owned(), true),
            (format!("{whole}algorithms: [ES256]\nbind_by: mail\nsecond_factor: {{levels: [\"urn:mfa\"]}}\n"), true),
            (format!("{whole}algorithms: [none]\n"), false),
            (format!("{whole}algorithms: [HS256]\n"), false),
            (format!("{whole}algorithms: []\n"), false),
            (format!("{whole}bind_by: name\n"), false),
            (format!("{whole}client_secret: written-here\n"), false),
            (whole.replace("https://id", "http://id"), false),
            (whole.replace("https://id.example", "http://127.0.0.1:9000"), true),
            (whole.replace("/login/platform/return", "/"), false),
        ];
        for (text, good) in cases {
            let folder = tempfile::tempdir().unwrap();
            std::fs::write(folder.path().join("oidc.yaml"), &text).unwrap();
            let read = IdentityFile::read(&folder.path().join("oidc.yaml"));
            assert_eq!(read.is_ok(), good, "{text}\n{read:?}");
        }
    }
}
