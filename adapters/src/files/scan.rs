//! Scanners: whether somebody who knows malicious software finds any in a file.

use std::{fmt::Debug, io, path::PathBuf, pin::Pin, str::FromStr};

use bytes::Bytes;
use clamav_client::tokio::{Socket, Tcp, scan_stream};
use futures_util::Stream;

/// Bytes to clamd at once.
const CHUNK: usize = 64 * 1024;

/// What a scanner reads: a file's content, piece by piece.
pub type Content = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// What a scanner will have said.
pub type Scanning<'a> = Pin<Box<dyn Future<Output = Result<Verdict, ScanError>> + Send + 'a>>;

/// What a scanner says of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing was found.
    Clean,
    /// This was found: the signature's name.
    Infected(String),
}

/// Why a scanner says nothing.
#[derive(Debug, thiserror::Error)]
pub enum ScanError {
    /// It cannot be reached, or hung up.
    #[error("the scanner cannot be reached: {0}")]
    Away(#[from] io::Error),
    /// It took longer than it may.
    #[error("the scanner did not answer in {0} s")]
    Late(u64),
    /// It answered that it cannot say.
    #[error("the scanner says: {0}")]
    Cannot(String),
}

/// Scans files.
pub trait Scanner: Debug + Send + Sync {
    /// Scans one.
    fn scan(&self, content: Content) -> Scanning<'_>;
}

/// ClamAV's daemon, spoken to by INSTREAM (clamd(8)). Its `StreamMaxLength` must be at least 20 MiB, as it is by default.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Clamd {
    /// At a Unix socket.
    Unix(PathBuf),
    /// At `HOST:PORT`.
    Tcp(String),
}

impl FromStr for Clamd {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("unix", path)) if path.starts_with('/') => Ok(Self::Unix(path.into())),
            Some(("tcp", address)) if address.contains(':') => Ok(Self::Tcp(address.to_owned())),
            _ => Err(format!("`{text}` is no address of clamd: write unix:/path or tcp:host:port")),
        }
    }
}

impl Scanner for Clamd {
    fn scan(&self, content: Content) -> Scanning<'_> {
        Box::pin(async move {
            let answer = match self {
                Self::Unix(socket_path) => scan_stream(content, Socket { socket_path }, Some(CHUNK)).await?,
                Self::Tcp(host_address) => scan_stream(content, Tcp { host_address }, Some(CHUNK)).await?,
            };
            verdict(&String::from_utf8_lossy(&answer))
        })
    }
}

/// `stream: OK`, `stream: NAME FOUND`; anything else is no verdict.
fn verdict(answer: &str) -> Result<Verdict, ScanError> {
    let answer = answer.trim_end_matches(['\0', '\n']);
    match answer.strip_prefix("stream: ") {
        Some("OK") => Ok(Verdict::Clean),
        Some(found) if found.ends_with(" FOUND") => Ok(Verdict::Infected(found.trim_end_matches(" FOUND").to_owned())),
        _ if answer.is_empty() => Err(ScanError::Away(io::ErrorKind::UnexpectedEof.into())),
        _ => Err(ScanError::Cannot(answer.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_ok_is_clean() {
        let cases = [
            ("stream: OK\0", "Ok(Clean)"),
            ("stream: Some.Signature-1 FOUND\0", r#"Ok(Infected("Some.Signature-1"))"#),
            ("stream: OK.Signature FOUND\0", r#"Ok(Infected("OK.Signature"))"#),
            ("INSTREAM size limit exceeded. ERROR\0", r#"Err(Cannot("INSTREAM size limit exceeded. ERROR"))"#),
            ("", "Err(Away(Kind(UnexpectedEof)))"),
        ];
        for (answer, told) in cases {
            assert_eq!(format!("{:?}", verdict(answer)), told, "{answer:?}");
        }
    }

    #[test]
    fn addresses_say_how_the_daemon_is_reached() {
        assert_eq!("unix:/run/clamav/clamd.ctl".parse(), Ok(Clamd::Unix("/run/clamav/clamd.ctl".into())));
        assert_eq!("tcp:127.0.0.1:3310".parse(), Ok(Clamd::Tcp("127.0.0.1:3310".to_owned())));
        for wrong in ["/run/clamd.ctl", "unix:clamd.ctl", "tcp:localhost", ""] {
            assert!(wrong.parse::<Clamd>().is_err(), "{wrong}");
        }
    }
}
