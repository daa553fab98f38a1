//! The HTTP client of whatever calls out: no redirects, a time-out, TLS by rustls with ring.

use std::{sync::Arc, time::Duration};

use rustls::{
    ClientConfig, RootCertStore,
    crypto::ring,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Why there is no client.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// reqwest makes none.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// TLS is not to be had.
    #[error("no TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// The office's own certificate authority is no certificate.
    #[error("the file with the certificate authority holds no certificate in PEM: {0}")]
    Authority(String),
}

/// A client that answers within `timeout`, follows no redirects, and trusts what browsers trust, and `authority` (PEM)
/// besides. Nobody makes a client otherwise: reqwest is built without a provider of ciphers, and panics where it finds none.
///
/// # Errors
/// [`HttpError`].
pub fn client(timeout: Duration, authority: Option<&[u8]>) -> Result<reqwest::Client, HttpError> {
    let mut roots = RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    for certificate in authority.map(CertificateDer::pem_slice_iter).into_iter().flatten() {
        roots.add(certificate.map_err(|error| HttpError::Authority(error.to_string()))?)?;
    }
    let tls = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let tls = tls.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth();
    let client = reqwest::Client::builder().timeout(timeout).redirect(reqwest::redirect::Policy::none());
    Ok(client.tls_backend_preconfigured(tls).build()?)
}
