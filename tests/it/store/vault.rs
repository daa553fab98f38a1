//! Keys in layers: one a person, whoever files about her; rotated while everything goes on; destroyed for good.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use serde_json::{Value, json};
use tongban_adapters::{
    config::StoreSettings,
    files::{FileError, FileState, Named, Verdict},
    seal::Algorithm,
    store::{EraseError, Erasure, Filter, IntakeRow, IntakeState, Rotation, Store, SubmitError},
};
use tongban_engine::{
    definition::Bundle,
    form::DESTROYED,
    interpreter::{Actor, Applicant, Ask, Command, MaterialGiven, Start, codes},
    organisation::Organisation,
};
use tongban_tests::{
    office,
    stores::{Database, Place, postgres_url},
};

use super::{MONDAY, Tested};
use crate::files::Always;

const HOUR_MS: i64 = 3_600_000;
const PERSON: &str = "310101199001010012";
const SECRET: &str = "secret-7c21";

const FIELDS: &str = "\
- {field: holder_no, name: {zh: 证件号码, en: Number}, type: text, check: resident-id, class: P3, purpose: 试验, basis: 试验, reported_by: applicant, kept_by: district, retention: 1年}
- {field: secret, name: {zh: 机密, en: Secret}, type: text, class: P3, purpose: 试验, basis: 试验, reported_by: applicant, kept_by: district, retention: 1年}
";
const FORM: &str = "\
form: wish
name: {zh: 愿望表, en: Wish}
groups:
  - {name: {zh: 愿望, en: Wish}, fields: [{field: holder_no, optional: true}, secret]}
materials:
  - {material: proof, name: {zh: 证明, en: Proof}, required: false, accept: [pdf], basis: 试验}
";
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
data:
  form: wish
  search: [holder_no]
flow:
  - startEvent: go
    message: apply
  - sendTask: written
    portal: received
    document: {template: paper, save: paper}
    with: {why: secret}
  - userTask: look
    lane: desk
    actions: {done: {name: {zh: 办结, en: Done}}}
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
    ];
    Bundle { files: files.into_iter().map(|(path, text)| (path.to_owned(), text)).collect::<BTreeMap<_, _>>() }
}

async fn open(place: &Place) -> Result<Store, Box<dyn std::error::Error>> {
    let store = place.open().await;
    let units = json!({"units": {"hall": {"name": {"zh": "大厅"}, "kind": "district"}},
        "people": {"ann": {"name": "安", "posts": [{"role": "clerk", "unit": "hall"}]}}});
    store.organise(serde_json::from_value::<Organisation>(units)?).await?;
    store.deploy(&bundle()).await?;
    Ok(store)
}

async fn apply(store: &Store, case: &str, holder: Option<&str>, materials: Vec<MaterialGiven>) -> Result<(), SubmitError> {
    let mut data = json!({"secret": format!("{SECRET} of {case}")});
    if let Some(holder) = holder {
        data["holder_no"] = holder.into();
    }
    let start = Start {
        at: None,
        caller: None,
        process: "trial".into(),
        message: Some("apply".into()),
        unit: "hall".into(),
        applicant: Applicant { name: "某某".into(), ..Applicant::default() },
        application_no: Some(format!("A-{case}")),
        source: "one-net".into(),
        received_at: MONDAY,
        data: data.as_object().cloned().unwrap_or_default(),
        materials,
    };
    ask(store, case, Actor::Platform("one-net".into()), Ask::Start(Box::new(start))).await
}

async fn ask(store: &Store, case: &str, actor: Actor, ask: Ask) -> Result<(), SubmitError> {
    let command = Command { case: case.into(), key: ask_key(&ask), actor, at: store.clock().now(), ask };
    store.submit(command).await.map(drop)
}

fn ask_key(ask: &Ask) -> String {
    format!("{ask:?}").chars().take(24).collect()
}

/// The clerk ends the case, and all that it sends is delivered.
async fn end(store: &Store, case: &str) -> Tested {
    let task = *store.case(case).await?.ok_or("there is a case")?.case.tasks.keys().next().ok_or("there is a task")?;
    ask(store, case, Actor::Person("ann".into()), Ask::Complete { task, action: "done".into(), data: serde_json::Map::new() }).await?;
    loop {
        let items = store.claim_outbox(100, HOUR_MS, &[]).await?;
        if items.is_empty() {
            return Ok(());
        }
        for item in items {
            store.delivered(&item).await?;
        }
    }
}

async fn secret(store: &Store, case: &str) -> Result<Value, Box<dyn std::error::Error>> {
    Ok(store.case(case).await?.ok_or("there is a case")?.case.data["secret"].clone())
}

fn erasure(of: &str) -> Erasure {
    Erasure { of: of.into(), by: "ann".into(), reason: "个人信息保护法 第四十七条".into() }
}

fn proof() -> Vec<u8> {
    format!("%PDF-1.7\n{SECRET}\n").into_bytes()
}

async fn hand_in(store: &Store, content: &[u8]) -> Result<MaterialGiven, FileError> {
    let mut incoming = store.incoming().await?;
    incoming.push(content)?;
    let named = Named { material: "proof", name: "a.pdf", declared: None, accept: &[], by: "ann" };
    store.keep_file(&named, incoming.finish()?).await
}

/// The content of a kept file; None if nothing opens it.
async fn content(store: &Store, given: &MaterialGiven) -> Result<Option<Vec<u8>>, FileError> {
    let Some(kept) = store.file(&given.file).await? else { return Ok(None) };
    Ok(Some(kept.bytes().await?))
}

async fn on_each(test: impl AsyncFn(Place) -> Tested) -> Tested {
    test(Place::fresh(Database::Sqlite, MONDAY).await).await?;
    if postgres_url().is_some() {
        test(Place::fresh(Database::Postgres, MONDAY).await).await?;
    }
    Ok(())
}

#[tokio::test]
async fn one_person_has_one_key_and_a_case_about_nobody_its_own() -> Tested {
    on_each(async |place| {
        let store = open(&place).await?;
        for (case, holder) in [("c1", Some(PERSON)), ("c2", Some(PERSON)), ("c3", Some("110101198001010037")), ("c4", None)] {
            apply(&store, case, holder, Vec::new()).await?;
        }
        let stock = store.key_stock().await?;
        assert_eq!((stock.subjects, stock.cases, stock.unlayered), (2, 1, 0), "{stock:?}");
        assert!(stock.units.iter().any(|unit| (unit.unit.as_str(), unit.year, unit.data_keys) == ("hall", 2026, 3)), "{stock:?}");
        let again = place.open().await;
        for case in ["c1", "c2", "c3", "c4"] {
            assert_eq!(secret(&again, case).await?, format!("{SECRET} of {case}"), "read by another process");
        }
        assert_eq!(store.check_keys().await?.len(), 0);
        assert_eq!(store.verify().await?.faults.len(), 0);
        again.close().await;
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn keys_are_rotated_while_others_read_and_write() -> Tested {
    on_each(async |place| {
        let (store, server) = (open(&place).await?, place.open().await);
        apply(&store, "c1", Some(PERSON), Vec::new()).await?;
        apply(&server, "c2", None, Vec::new()).await?;
        let told = Mutex::new(0);
        let asked = Rotation { by: "ann".into(), algorithm: Some(Algorithm::Aes256Gcm), ..Rotation::default() };
        let done = store.rotate_keys(&asked, |progress| *told.lock().expect("told") = progress.rewrapped).await?;
        assert_eq!(done.root, "root-2");
        assert!(done.rewrapped >= 3 && *told.lock().expect("told") == done.rewrapped, "{done:?}");

        apply(&server, "c3", Some(PERSON), Vec::new()).await?;
        apply(&server, "c4", None, Vec::new()).await?;
        for case in ["c1", "c2", "c3", "c4"] {
            assert_eq!(secret(&server, case).await?, format!("{SECRET} of {case}"), "a running server goes on");
            assert_eq!(secret(&store, case).await?, format!("{SECRET} of {case}"));
        }
        assert_eq!((done.dropped, done.retired.len()), (0, 0), "a server may still be using what was replaced");
        place.clock.advance(2 * HOUR_MS);
        let rest = store.rotate_keys(&Rotation { resume: true, retire: true, by: "ann".into(), ..Rotation::default() }, |_| {}).await?;
        assert!(rest.dropped >= 1 && rest.retired == ["root-1"], "{rest:?}");
        let stock = store.key_stock().await?;
        assert!(stock.units.iter().all(|unit| unit.root == "root-2"), "{stock:?}");
        assert_eq!(stock.roots.len(), 1);
        let fresh = place.open().await;
        assert_eq!(secret(&fresh, "c1").await?, format!("{SECRET} of c1"));
        assert_eq!(fresh.check_keys().await?.len(), 0);
        assert_eq!(fresh.verify().await?.faults.len(), 0);
        let deeds: Vec<String> = fresh.audit_after(0, 100).await?.into_iter().map(|row| row.deed.deed).collect();
        assert!(deeds.contains(&"keys.rotated".to_owned()) && deeds.contains(&"keys.retired".to_owned()), "{deeds:?}");
        for store in [fresh, server, store] {
            store.close().await;
        }
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_destroyed_key_is_the_end_of_what_is_sensitive_and_of_nothing_else() -> Tested {
    on_each(async |place| {
        let (store, server) = (open(&place).await?, place.open().await);
        let file = hand_in(&store, &proof()).await?;
        apply(&store, "c1", Some(PERSON), vec![file.clone()]).await?;
        apply(&store, "c2", Some(PERSON), Vec::new()).await?;
        apply(&store, "c3", Some("110101198001010037"), Vec::new()).await?;
        let body = format!("{{\"secret\": \"{SECRET}\"}}");
        let message = IntakeRow {
            source: "one-net".into(),
            message_id: "m1".into(),
            nonce: "n1".into(),
            kind: "application".into(),
            application_no: "A-c1".into(),
            received_at: MONDAY,
            body: body.into(),
            state: IntakeState::Received,
            case: None,
            rejection: None,
        };
        store.record_intake(&message).await?;
        store.settle_intake("one-net", "m1", IntakeState::Accepted, Some("c1"), None).await?;
        assert_eq!(content(&store, &file).await?, Some(proof()));
        end(&store, "c1").await?;
        assert!(matches!(store.erase(&erasure("c1")).await, Err(EraseError::Open(open)) if open.len() == 1), "c2 still runs");
        end(&store, "c2").await?;
        assert_eq!(secret(&server, "c1").await?, format!("{SECRET} of c1"), "the server has the key in memory now");

        store.hold("c2", "ann", Some("诉讼")).await?;
        assert!(matches!(store.erase(&erasure("c1")).await, Err(EraseError::Held(hold)) if hold.reason == "诉讼"));
        store.hold("c2", "ann", None).await?;
        let erased = store.erase(&erasure("c1")).await?;
        assert_eq!(erased.cases, ["c1", "c2"]);
        assert!(erased.certificate.contains("第四十七条") && erased.certificate.contains("HMAC-SM3"), "{}", erased.certificate);

        for store in [&store, &server] {
            for case in ["c1", "c2"] {
                assert_eq!(secret(store, case).await?, DESTROYED);
                let opened = store.case(case).await?.ok_or("the case still opens")?;
                assert!(opened.destroyed && opened.case.facts.number.is_some());
                assert!(!format!("{:?}", store.journal(case).await?).contains(SECRET));
                let document = opened.case.documents.first().ok_or("a document was made")?.no;
                assert_eq!(store.document(case, document).await?.ok_or("it is known")?.html, DESTROYED);
            }
            assert_eq!(content(store, &file).await?, None);
            assert_eq!(store.intake_row("one-net", "m1").await?.ok_or("it is known")?.body.expose(), DESTROYED);
            assert_eq!(secret(store, "c3").await?, format!("{SECRET} of c3"), "another person's stays");
        }
        let left: Vec<_> = office::files_below(&place.folder().join("files"));
        assert!(left.is_empty(), "{left:?}");
        let reopen = Ask::Reopen { to: None, reason: "试".into() };
        match ask(&server, "c1", Actor::Person("ann".into()), reopen).await {
            Err(SubmitError::Rejected(rejection)) => assert_eq!(rejection.code, codes::DATA_DESTROYED),
            other => return Err(format!("{other:?}").into()),
        }
        assert!(matches!(store.erase(&erasure("c1")).await, Err(EraseError::Gone(_))));
        assert!(matches!(store.erase(&erasure("c9")).await, Err(EraseError::Unknown(_))));

        apply(&server, "c5", Some(PERSON), Vec::new()).await?;
        for store in [&store, &server] {
            assert_eq!(secret(store, "c5").await?, format!("{SECRET} of c5"), "she may apply again, under a key of its own");
            assert_eq!(secret(store, "c1").await?, DESTROYED);
            assert_eq!(store.verify().await?.faults, [], "the chains of hashes still hold");
        }
        let deeds: Vec<String> = store.audit_after(0, 100).await?.into_iter().map(|row| row.deed.deed).collect();
        assert_eq!(deeds.iter().filter(|deed| *deed == "key.destroyed").count(), 1, "{deeds:?}");
        server.close().await;
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_that_two_cases_took_stays_for_the_other() -> Tested {
    on_each(async |place| {
        let store = open(&place).await?;
        let file = hand_in(&store, &proof()).await?;
        apply(&store, "c1", Some(PERSON), vec![file.clone()]).await?;
        apply(&store, "c2", None, vec![file.clone()]).await?;
        end(&store, "c1").await?;
        store.erase(&erasure("c1")).await?;
        assert_eq!(content(&store, &file).await?, Some(proof()), "the other case has its own way to it");
        let again = hand_in(&store, &proof()).await?;
        assert_eq!(again.file, file.file);
        end(&store, "c2").await?;
        store.erase(&erasure("c2")).await?;
        assert_eq!(content(&store, &file).await?, Some(proof()), "whoever handed it in again still has it");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_file_that_cases_took_is_scanned_and_if_infected_destroyed_for_all_of_them() -> Tested {
    on_each(async |place| {
        let scanned =
            async |verdict| place.open_with(|settings| StoreSettings { scanner: Some(Arc::new(Always(verdict))), ..settings }).await;
        let held = async |store: &Store, file: &MaterialGiven| match content(store, file).await {
            Err(FileError::Held(state)) => Some(state),
            _ => None,
        };
        let store = open(&place).await?;
        let file = hand_in(&store, &proof()).await?;
        let other = hand_in(&store, b"%PDF-1.7\nanother\n").await?;
        apply(&store, "c1", Some(PERSON), vec![file.clone()]).await?;
        apply(&store, "c2", None, vec![file.clone()]).await?;
        apply(&store, "c3", Some("110101198001010037"), vec![other.clone()]).await?;
        end(&store, "c3").await?;
        store.erase(&erasure("c3")).await?;
        store.close().await;

        let store = scanned(Verdict::Clean).await;
        assert_eq!(held(&store, &file).await, Some(FileState::Unscanned));
        assert_eq!(store.scan_waiting().await?, 1, "by a case's key; of what was destroyed there is nothing to scan");
        assert_eq!(content(&store, &file).await?, Some(proof()));
        store.close().await;

        // newer signatures: the same content is handed in again, and found
        let store = scanned(Verdict::Infected("New.Signature".to_owned())).await;
        assert!(matches!(hand_in(&store, &proof()).await, Err(FileError::Infected { .. })));
        assert_eq!(held(&store, &file).await, Some(FileState::Infected));
        let left = office::files_below(&place.folder().join("files"));
        assert!(left.is_empty(), "{left:?}");
        store.close().await;

        // and found to have been a mistake
        let store = scanned(Verdict::Clean).await;
        hand_in(&store, &proof()).await?;
        assert_eq!(content(&store, &file).await?, Some(proof()));
        apply(&store, "c4", None, vec![file.clone()]).await?;
        assert_eq!(content(&store, &file).await?, Some(proof()), "and taken again");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_whole_number_finds_its_cases_and_the_index_does_not_tell_it() -> Tested {
    on_each(async |place| {
        let store = open(&place).await?;
        apply(&store, "c1", Some(PERSON), Vec::new()).await?;
        apply(&store, "c2", Some("110101198001010037"), Vec::new()).await?;
        let found = async |text: &str| -> Result<Vec<String>, Box<dyn std::error::Error>> {
            let filter = Filter { text: Some(text.into()), ..Filter::default() };
            Ok(store.of_units("ann", &filter).await?.rows.into_iter().map(|row| row.case).collect())
        };
        assert_eq!(found(PERSON).await?, ["c1"]);
        assert_eq!(found("３１０１０１ 19900101 0012").await?, ["c1"], "however it is typed");
        assert!(found(&PERSON[..17]).await?.is_empty(), "the whole number or nothing");
        assert!(found(SECRET).await?.is_empty());
        end(&store, "c1").await?;
        store.erase(&erasure("c1")).await?;
        assert!(found(PERSON).await?.is_empty(), "nor after its key was destroyed");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn another_key_file_is_refused_at_once() -> Tested {
    let place = Place::fresh(Database::Sqlite, MONDAY).await;
    open(&place).await?.close().await;
    std::fs::remove_file(place.folder().join("keys.json"))?;
    let keys = tongban_adapters::seal::Keyring::open(&place.folder())?;
    let refused = Store::open(place.settings(), keys, place.clock.clone()).await.err().ok_or("it must not open")?;
    assert!(refused.to_string().contains("root-1"), "{refused}");
    Ok(())
}
