//! A value that must not be readable anywhere at rest, sent by every way that a process has.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tongban_adapters::{files::Named, store::Store};
use tongban_engine::{
    definition::Bundle,
    interpreter::{Actor, Applicant, Ask, Command, Start},
    organisation::Organisation,
};
use tongban_tests::{
    office,
    stores::{Database, Place, postgres_url},
};

use super::{MONDAY, Tested};

/// In no other file, and in no encoding that hides it.
const CANARY: &str = "canary-4f1c-CANARY";
const CASE: &str = "case-of-the-canary";

const FIELDS: &str = "\
- {field: secret, name: {zh: 机密, en: Secret}, type: text, class: P3, purpose: 试验, basis: 试验, reported_by: applicant, kept_by: district, retention: 1年}
- {field: secrets, name: {zh: 机密若干, en: Secrets}, type: list<text>, class: P3, purpose: 试验, basis: 试验, reported_by: applicant, kept_by: district, retention: 1年}
";
const FORM: &str = "\
form: wish
name: {zh: 愿望表, en: Wish}
groups:
  - {name: {zh: 愿望, en: Wish}, fields: [secret, secrets]}
";
/// Data, document, notice with subject, message, element of a list, argument and answer of a service.
const PROCESS: &str = "\
process: trial
name: {zh: 试, en: Trial}
dialect: 1
calendar: cn
number: 'T{year}-{seq}'
lanes:
  desk: {name: {zh: 窗口, en: Desk}, role: clerk}
messages:
  apply: {key: application_no}
  ping: {key: application_no}
data:
  form: wish
  extra: {count: {type: integer, default: 0}}
flow:
  - startEvent: go
    message: apply
  - sendTask: written
    portal: received
    document: {template: paper, save: paper}
    with: {why: secret}
  - sendTask: noticed
    notify: {template: notice, to: '\"archive@example.test\"'}
  - sendTask: told
    message: ping
    with: {what: secret}
  - serviceTask: enter
    operation: register.write
    settings: {register: things}
    with: {what: secret}
  - userTask: look
    lane: desk
    multiInstance: {parallel: {each: secrets}, complete: all}
  - endEvent: done
";

fn bundle() -> Bundle {
    let calendar = "forms/calendars/cn.yaml";
    let files = [
        ("workflows/roles.yaml", "roles:\n  clerk: {name: {zh: 经办, en: Clerk}}\n".to_owned()),
        ("forms/fields/secret.yaml", FIELDS.to_owned()),
        ("forms/wish.yaml", FORM.to_owned()),
        (calendar, office::bundle().files[calendar].clone()),
        ("workflows/t/trial/process.yaml", PROCESS.to_owned()),
        ("workflows/t/trial/templates/paper.hbs", "<h1>文</h1><p>{{secret}}</p>".to_owned()),
        ("workflows/t/trial/templates/notice.hbs", "<h1>关于{{secret}}</h1><p>{{secret}}</p>".to_owned()),
    ];
    Bundle { files: files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect::<BTreeMap<_, _>>() }
}

fn command(key: &str, ask: Ask) -> Command {
    Command { case: CASE.into(), key: key.into(), actor: Actor::System, at: MONDAY, ask }
}

fn start() -> Ask {
    let data = json!({"secret": CANARY, "secrets": [CANARY, CANARY]});
    Ask::Start(Box::new(Start {
        at: None,
        caller: None,
        process: "trial".into(),
        message: Some("apply".into()),
        unit: "hall".into(),
        applicant: Applicant { name: "某某".into(), ..Applicant::default() },
        application_no: Some("A1".into()),
        source: "one-net".into(),
        received_at: MONDAY,
        data: data.as_object().cloned().unwrap_or_default(),
        materials: Vec::new(),
    }))
}

/// Every way once; gives what may be read through the store.
async fn walk(store: &Store) -> Tested {
    let unit = json!({"units": {"hall": {"name": {"zh": "大厅"}, "kind": "district"}}, "people": {}});
    store.organise(serde_json::from_value::<Organisation>(unit)?).await?;
    store.deploy(&bundle()).await?;
    store.submit(command("start", start())).await?;
    let opened = store.case(CASE).await?.ok_or("the case is there")?;
    assert!(opened.case.incidents.is_empty(), "{:?}", opened.case.incidents);
    let job = *opened.case.jobs.keys().next().ok_or("the service was asked")?;
    let output = json!({"no": CANARY}).as_object().cloned().unwrap_or_default();
    store.submit(command("answer", Ask::AnswerJob { job, output })).await?;
    store.save_draft("ann", "task:1", &json!({"secret": CANARY})).await?;
    let text = format!("%PDF-1.7\n{CANARY}\n");
    let mut incoming = store.incoming().await?;
    incoming.push(text.as_bytes())?;
    let named = Named { material: "proof", name: "a.pdf", declared: None, accept: &[], by: "ann" };
    store.keep_file(&named, incoming.finish()?).await?;
    Ok(())
}

/// All that rests: the files of the folder, and on PostgreSQL every row as text.
async fn at_rest(place: &Place) -> Result<Vec<(String, Vec<u8>)>, Box<dyn std::error::Error>> {
    let mut found = Vec::new();
    for path in office::files_below(&place.folder()) {
        found.push((path.display().to_string(), std::fs::read(&path)?));
    }
    let url = place.settings().url;
    if url.starts_with("postgres") {
        let mut connection = PgConnection::connect(&url).await?;
        let names = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
        for table in sqlx::query_scalar::<_, String>(names).fetch_all(&mut connection).await? {
            let sql = AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
            let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await?;
            found.push((table, rows.join("\n").into_bytes()));
        }
    }
    Ok(found)
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

async fn stays_sealed(database: Database) -> Tested {
    let place = Place::fresh(database, MONDAY).await;
    let store = place.open().await;
    walk(&store).await?;

    for (name, bytes) in at_rest(&place).await? {
        assert!(!holds(&bytes, CANARY), "{database:?}: {name} shows what should be sealed");
    }
    let seen = at_rest(&place).await?;
    assert!(seen.iter().any(|(_, bytes)| holds(bytes, CASE)), "the search does find what is not sealed");

    let opened = Arc::new(store.case(CASE).await?.ok_or("the case is there")?);
    assert_eq!(opened.case.data.get("secret"), Some(&json!(CANARY)));
    assert!(opened.case.scopes.values().chain([]).all(|scope| scope.locals.values().all(|value| value == CANARY)));
    let journal = format!("{:?}", store.journal(CASE).await?);
    assert!(journal.matches(CANARY).count() >= 6, "the journal opens: {journal}");
    assert!(store.notices(CASE).await?.iter().all(|notice| notice.subject.contains(CANARY) && notice.html.contains(CANARY)));
    assert_eq!(store.verify().await?.faults.len(), 0);
    store.close().await;
    for (name, bytes) in at_rest(&place).await? {
        assert!(!holds(&bytes, CANARY), "{database:?}, closed: {name} shows what should be sealed");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_sensitive_is_nowhere_in_the_clear() -> Tested {
    stays_sealed(Database::Sqlite).await?;
    if postgres_url().is_some() {
        stays_sealed(Database::Postgres).await?;
    }
    Ok(())
}
