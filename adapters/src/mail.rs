//! Mail: notices leave by SMTP, or land as files in `data/mail/` where there is no mail server.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use lettre::{
    Address, AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor,
    address::Envelope,
    message::{Mailbox, MultiPart},
    transport::smtp::authentication::Credentials,
};
use serde::Deserialize;
use sm3::{Digest, Sm3};
use tongban_engine::{
    interpreter::{Effect, Recipient},
    time::Moment,
};

use crate::outbox::{Deliverer, Delivery, DeliveryError, OutboxItem};

/// How long the mail server may take.
const TIMEOUT: Duration = Duration::from_secs(20);
/// Longer subjects are cut by mail programs anyway; one this long is a mistake.
const SUBJECT_CHARS_MAX: usize = 400;

/// Where mail goes.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum MailSettings {
    /// To a mail server.
    Smtp {
        /// Its name.
        host: String,
        /// Its port; 465 speaks TLS from the first byte.
        port: u16,
        /// Sender, such as `通办 <no-reply@example.org>`.
        from: String,
        /// STARTTLS (or TLS on 465) is demanded unless this is false, for a relay on the same machine.
        #[serde(default = "yes")]
        tls: bool,
        /// User name, if the server wants one.
        #[serde(default)]
        user: Option<String>,
        /// File with the password.
        #[serde(default)]
        password_file: Option<PathBuf>,
    },
    /// To files, one a mail, `MESSAGE-ID.eml`.
    Files {
        /// The folder; made if absent.
        folder: PathBuf,
        /// Sender.
        from: String,
    },
}

fn yes() -> bool {
    true
}

/// What is wrong with the mail settings.
#[derive(Debug, thiserror::Error)]
pub enum MailError {
    /// The sender is not a mail address.
    #[error("mail sender `{0}`: {1}; expected an address such as `通办 <no-reply@example.org>`")]
    Sender(String, lettre::address::AddressError),
    /// The server cannot be spoken to this way.
    #[error("mail server `{0}`: {1}")]
    Server(String, lettre::transport::smtp::Error),
    /// The folder or the password file cannot be used.
    #[error("{0}: {1}")]
    File(PathBuf, std::io::Error),
}

enum Way {
    Smtp(AsyncSmtpTransport<Tokio1Executor>),
    Files(PathBuf),
}

/// Sends notices.
pub struct Mailer {
    from: Mailbox,
    way: Way,
}

impl Mailer {
    /// Prepares; sends nothing yet.
    ///
    /// # Errors
    /// [`MailError`].
    pub fn new(settings: &MailSettings) -> Result<Self, MailError> {
        let mailbox = |from: &str| from.parse().map_err(|error| MailError::Sender(from.to_owned(), error));
        match settings {
            MailSettings::Files { folder, from } => {
                std::fs::create_dir_all(folder).map_err(|error| MailError::File(folder.clone(), error))?;
                Ok(Self { from: mailbox(from)?, way: Way::Files(folder.clone()) })
            }
            MailSettings::Smtp { host, port, from, tls, user, password_file } => {
                let wrong = |error| MailError::Server(host.clone(), error);
                let mut builder = match (tls, port) {
                    (false, _) => AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host),
                    (true, 465) => AsyncSmtpTransport::<Tokio1Executor>::relay(host).map_err(wrong)?,
                    (true, _) => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(host).map_err(wrong)?,
                };
                if let (Some(user), Some(file)) = (user, password_file) {
                    let password = std::fs::read_to_string(file).map_err(|error| MailError::File(file.clone(), error))?;
                    builder = builder.credentials(Credentials::new(user.clone(), password.trim_end().to_owned()));
                }
                Ok(Self { from: mailbox(from)?, way: Way::Smtp(builder.port(*port).timeout(Some(TIMEOUT)).build()) })
            }
        }
    }

    async fn send(&self, item: &OutboxItem) -> Result<(), DeliveryError> {
        let Effect::Mail { to, subject, html, text } = &item.effect else {
            return Err(DeliveryError::Never("not a mail".to_owned()));
        };
        let letter = Letter { key: &item.key, at: item.at, to, subject, html, text };
        let (name, message) = letter.compose(&self.from)?;
        match &self.way {
            Way::Files(folder) => {
                // Written aside and renamed: a reader sees whole mails only, and a second attempt replaces the first.
                let (part, whole) = (folder.join(format!("{name}.part")), folder.join(format!("{name}.eml")));
                tokio::fs::write(&part, message.formatted()).await.map_err(|error| DeliveryError::Later(error.to_string()))?;
                tokio::fs::rename(&part, &whole).await.map_err(|error| DeliveryError::Later(error.to_string()))
            }
            Way::Smtp(transport) => match transport.send(message).await {
                Ok(_) => Ok(()),
                Err(error) if error.is_permanent() => Err(DeliveryError::Never(error.to_string())),
                Err(error) => Err(DeliveryError::Later(error.to_string())),
            },
        }
    }
}

impl Deliverer for Mailer {
    fn deliver<'a>(&'a self, item: &'a OutboxItem) -> Delivery<'a> {
        Box::pin(self.send(item))
    }
}

/// One notice before it is a mail.
struct Letter<'a> {
    key: &'a str,
    at: Moment,
    to: &'a [Recipient],
    subject: &'a str,
    html: &'a str,
    text: &'a str,
}

impl Letter<'_> {
    /// The mail, with a Message-ID that is the same for every attempt, so that mail programs show a repeated one once.
    fn compose(&self, from: &Mailbox) -> Result<(String, Message), DeliveryError> {
        let never = |error: &dyn std::fmt::Display| DeliveryError::Never(error.to_string());
        if self.subject.chars().any(char::is_control) || self.subject.chars().count() > SUBJECT_CHARS_MAX {
            return Err(DeliveryError::Never("the subject has control characters, or is too long".to_owned()));
        }
        let mut to = Vec::with_capacity(self.to.len());
        for Recipient { name, mail } in self.to {
            if name.chars().any(char::is_control) {
                return Err(DeliveryError::Never(format!("the name of the recipient {mail} has control characters")));
            }
            to.push(Mailbox::new(
                Some(name.clone()),
                mail.parse::<Address>().map_err(|error| never(&format!("recipient `{mail}`: {error}")))?,
            ));
        }
        let name = hex::encode(&Sm3::digest(self.key.as_bytes())[..16]);
        let sent_at = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(self.at.0).unwrap_or_default());
        let envelope = Envelope::new(Some(from.email.clone()), to.iter().map(|mailbox| mailbox.email.clone()).collect());
        let mut builder = Message::builder()
            .message_id(Some(format!("<{name}@{}>", from.email.domain())))
            .date(sent_at)
            .from(from.clone())
            .subject(self.subject)
            .envelope(envelope.map_err(|error| never(&error))?);
        // Several recipients do not learn of each other: one envelope, the sender alone in the head.
        builder = match <[Mailbox; 1]>::try_from(to) {
            Ok([one]) => builder.to(one),
            Err(_) => builder.to(from.clone()),
        };
        let body = MultiPart::alternative_plain_html(self.text.to_owned(), self.html.to_owned());
        Ok((name, builder.multipart(body).map_err(|error| never(&error))?))
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn item(to: &[(&str, &str)], subject: &str) -> OutboxItem {
        let to = to.iter().map(|(name, mail)| Recipient { name: (*name).into(), mail: (*mail).into() }).collect();
        let effect = Effect::Mail { to, subject: subject.into(), html: "<p>您好</p>".into(), text: "您好".into() };
        OutboxItem {
            id: "1".into(),
            case: "c1".into(),
            seq: 4,
            destination: "mail".into(),
            key: "c1/4/0".into(),
            at: Moment(1_790_000_000_000),
            effect,
            attempts: 1,
        }
    }

    async fn send(item: &OutboxItem) -> (Result<(), DeliveryError>, Vec<String>) {
        let folder = tempfile::tempdir().unwrap();
        let settings = MailSettings::Files { folder: folder.path().to_owned(), from: "通办 <no-reply@tongban.example>".into() };
        let mailer = Mailer::new(&settings).unwrap();
        let sent = mailer.deliver(item).await;
        let again = mailer.deliver(item).await;
        assert_eq!(sent, again);
        let mails = std::fs::read_dir(folder.path()).unwrap().map(|f| std::fs::read_to_string(f.unwrap().path()).unwrap()).collect();
        (sent, mails)
    }

    #[tokio::test]
    async fn a_repeated_mail_is_the_same_mail() {
        let (sent, mails) = send(&item(&[("王某", "wang@office.example")], "催办：受理审查")).await;
        assert_eq!(sent, Ok(()));
        assert_eq!(mails.len(), 1);
        let mail = &mails[0];
        assert!(mail.contains("Message-ID: <") && mail.contains("@tongban.example>"), "{mail}");
        assert!(mail.contains("text/plain") && mail.contains("text/html") && mail.contains("wang@office.example"));
        assert!(mail.contains("Date: Mon, 21 Sep 2026"), "{mail}");
    }

    #[tokio::test]
    async fn recipients_do_not_learn_of_each_other() {
        let (sent, mails) = send(&item(&[("甲", "a@office.example"), ("乙", "b@office.example")], "通知")).await;
        assert_eq!(sent, Ok(()));
        assert!(!mails[0].contains("a@office.example") && !mails[0].contains("b@office.example"));
    }

    #[tokio::test]
    async fn headers_cannot_be_smuggled_in() {
        for wrong in [
            item(&[("甲", "a@office.example")], "通知\r\nBcc: x@evil.example"),
            item(&[("甲\r\nBcc: x@evil.example", "a@office.example")], "通知"),
            item(&[("甲", "a@office.example\r\nBcc: x@evil.example")], "通知"),
            item(&[], "通知"),
        ] {
            let (sent, mails) = send(&wrong).await;
            assert!(matches!(sent, Err(DeliveryError::Never(_))), "{sent:?}");
            assert!(mails.is_empty());
        }
    }
}
