//! Mail through a real SMTP server, if `TEST_SMTP` names one (`make test` starts it; see README, "Tests").

use std::{collections::BTreeSet, env, fs};

use tongban_adapters::{
    mail::{MailSettings, Mailer},
    outbox::{Deliverer, DeliveryError, OutboxItem},
};
use tongban_engine::{
    interpreter::{Effect, Recipient},
    time::Moment,
};

fn item(key: &str, to: &[&str]) -> OutboxItem {
    let to = to.iter().map(|mail| Recipient { name: "赵六".into(), mail: (*mail).into() }).collect();
    let (html, text) = ("<p>您的申请已受理。</p>".to_owned(), "您的申请已受理。".to_owned());
    OutboxItem {
        id: key.into(),
        case: "case".into(),
        seq: 1,
        destination: "mail".into(),
        key: key.into(),
        at: Moment(1_790_000_000_000),
        effect: Effect::Mail { to, subject: "办理进度：示范祈福法会".into(), html, text },
        attempts: 1,
    }
}

fn header<'a>(mail: &'a str, name: &str) -> &'a str {
    mail.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().trim()
}

#[tokio::test]
async fn a_real_server_receives_the_mail_and_can_tell_a_repeated_one() -> Result<(), Box<dyn std::error::Error>> {
    let (Ok(server), Ok(folder)) = (env::var("TEST_SMTP"), env::var("TEST_MAIL_DIR")) else {
        eprintln!("TEST_SMTP is not set: no mail is sent");
        return Ok(());
    };
    let (host, port) = server.split_once(':').ok_or("TEST_SMTP is HOST:PORT")?;
    let from = "通办 <no-reply@office.example.test>".to_owned();
    let settings = MailSettings::Smtp { host: host.into(), port: port.parse()?, from, tls: false, user: None, password_file: None };
    let mailer = Mailer::new(&settings)?;
    let several = item("key-1", &["zhao@jiafo.example.test", "zhou@jia.example.test"]);
    mailer.deliver(&several).await?;
    mailer.deliver(&several).await?;
    let wrong = mailer.deliver(&item("key-2", &["not an address"])).await;
    assert!(matches!(wrong, Err(DeliveryError::Never(_))), "{wrong:?}");

    let mut mails = Vec::new();
    for entry in fs::read_dir(folder)? {
        mails.push(fs::read_to_string(entry?.path())?);
    }
    let ids: BTreeSet<&str> = mails.iter().map(|mail| header(mail, "Message-ID:")).collect();
    assert_eq!((mails.len(), ids.len()), (2, 1), "two attempts of one mail carry one Message-ID");
    assert_eq!(header(&mails[0], "X-Envelope-To:"), "zhao@jiafo.example.test, zhou@jia.example.test");
    assert!(!header(&mails[0], "To:").contains("jiafo"), "recipients do not learn of each other");
    Ok(())
}
