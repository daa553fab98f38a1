//! One-Net over real HTTP in both directions: the office's side, the simulator, and everything that can go wrong between.
//!
//! Nothing sleeps: the clock is turned, and both outboxes are driven by ticks.

#![expect(clippy::unwrap_used, reason = "tests")]

mod world;

use std::sync::Arc;

use serde_json::{Value, json};
use tongban_adapters::{
    config::StoreSettings,
    one_net::{
        inbound::rating_of,
        sign::Signed,
        simulator::{Entry, Misbehaviour},
    },
    outbox::{Outbox, Schedule},
    store::IntakeState,
};
use tongban_engine::interpreter::Ask;

use tongban_tests::stores::{Database, postgres_url};
use world::{TASK, World, application, pdf};

const DAY_MS: i64 = 86_400_000;

/// Each test on SQLite and, where there is one, on PostgreSQL.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test(super::World::start(super::Database::Sqlite).await).await;
            })*
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                if super::postgres_url().is_some() {
                    super::$test(super::World::start(super::Database::Postgres).await).await;
                }
            })*
        }
    };
}

on_both! {
    an_application_travels_to_a_clerk_and_back,
    an_extended_limit_is_told_with_its_notice,
    what_is_not_believed_changes_nothing,
    the_same_message_twice_is_one_case_and_one_answer,
    an_authentic_message_that_is_refused_waits_for_a_clerk,
    an_outage_is_waited_out_and_drained_in_order,
    errors_and_late_answers_lead_to_repeats_that_are_the_same,
    what_the_platform_refuses_for_good_waits_for_an_operator,
    a_platform_that_sends_twice_and_out_of_order_makes_one_case,
    what_was_recorded_before_a_crash_is_carried_out_after_it,
    a_destination_that_nobody_delivers_to_is_told_to_the_operator,
    a_message_for_nobody_is_sent_back_and_another_kind_is_not_found,
}

/// The statuses the platform was told about an application: code and seq, in order of arrival.
fn told(world: &World, no: &str) -> Vec<(String, u64)> {
    let ledger = world.platform.ledger();
    let of_case = ledger.iter().filter_map(|entry| match entry {
        Entry::Received { application_no: Some(about), seq: Some(seq), values, .. } if about == no => {
            Some((values["status"]["code"].as_str().unwrap_or_default().to_owned(), *seq))
        }
        _ => None,
    });
    of_case.collect()
}

fn codes(world: &World, no: &str) -> Vec<String> {
    told(world, no).into_iter().map(|(code, _)| code).collect()
}

/// What the platform was told last, in our words.
fn last(world: &World, no: &str) -> Value {
    let ledger = world.platform.ledger();
    let found = ledger.into_iter().rev().find_map(|entry| match entry {
        Entry::Received { application_no: Some(about), values, .. } if about == no => Some(values),
        _ => None,
    });
    found.unwrap_or_default()
}

#[tokio::test]
async fn an_infected_upload_is_sent_back_and_not_kept() {
    let Some(clamd) = crate::files::clamd() else { return };
    let scanned = |settings| StoreSettings { scanner: Some(Arc::new(clamd)), ..settings };
    let world = World::start_with(Database::Sqlite, scanned).await;
    let (status, answer) = world.upload("up-1", "plan.pdf", crate::files::infected()).await;
    assert!(!(200..300).contains(&status), "{answer}");
    assert!(answer["message"].as_str().unwrap().contains("发现病毒"), "{answer}");
    assert_eq!(world.upload("up-2", "plan.pdf", pdf("plan")).await.0, 200);
}

async fn an_application_travels_to_a_clerk_and_back(world: World) {
    assert!(world.publisher.tick().await.unwrap() > 0);
    assert_eq!(world.publisher.tick().await.unwrap(), 0, "published once");

    let no = world.platform.apply(application()).unwrap();
    world.settle().await;
    let case = world.case(&no).await;
    assert_eq!(case.facts.source, "one-net");
    assert_eq!(case.materials.len(), 3);
    assert_eq!(world.store.file(&case.materials[0].file).await.unwrap().unwrap().bytes().await.unwrap(), pdf("safety_plan"));
    assert_eq!(codes(&world, &no), ["received"]);

    world.act(&no, "wang", "accept_check", "correct", json!({"missing_items": ["场地证明"]})).await;
    world.settle().await;
    let correction = last(&world, &no);
    assert_eq!(correction["status"]["code"], "correction");
    assert_eq!(correction["details"]["missing"], json!(["场地证明"]));
    assert!(correction["documents"][0]["content"].as_str().unwrap().contains("场地证明"));
    assert!(correction["reply_due"].as_i64().unwrap() > world.clock_ms() + 59 * DAY_MS);

    world
        .platform
        .follow_up("supplement", &no, json!({"data": {"event_place": "示范市甲区示范公园"}}), &[world::upload("site_consent")])
        .unwrap();
    world.settle().await;
    let case = world.case(&no).await;
    assert_eq!(case.data["event_place"], "示范市甲区示范公园");
    assert!(case.materials.iter().any(|material| material.material == "site_consent"));

    world
        .act(
            &no,
            "wang",
            "accept_check",
            "decline",
            json!({"decline_ground": world::DECLINE_GROUND, "acceptance_opinion": "不属于本机关职权"}),
        )
        .await;
    world.settle().await;
    assert_eq!(codes(&world, &no), ["received", "correction", "not_accepted"]);
    let result = last(&world, &no);
    assert_eq!(result["status"]["result"], "6");
    assert_eq!(result["details"]["reasons"], "不属于本机关职权");

    world.platform.follow_up("rating", &no, json!({"level": "4", "comment": "办得快", "named": true}), &[]).unwrap();
    assert_eq!(world.platform.follow_up("rating", &no, json!({"level": "1"}), &[]).unwrap_err().to_string(), "已评价");
    world.settle().await;
    let rating = rating_of(&world.store, &world.case(&no).await).await.unwrap().unwrap();
    assert_eq!((rating.level.as_str(), rating.comment.as_deref(), rating.named), ("4", Some("办得快"), true));
    let again = json!({"message_id": "r2", "application_no": no, "received_at": world.clock_ms(), "level": "1", "named": false});
    let (status, answer) = world.send("rating", &again, |_| {}).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("rated")), "one rating a case");
    world.assert_ledgers_agree().await;
}

async fn an_extended_limit_is_told_with_its_notice(world: World) {
    let no = world.platform.apply(application()).unwrap();
    world.settle().await;
    world.act(&no, "wang", "accept_check", "accept", json!({"acceptance_opinion": "材料齐全"})).await;
    world.settle().await;
    let before = last(&world, &no);
    world.ask(&no, "xu", Ask::ExtendClock { clock: "statutory".into(), reason: "须补充现场核查".into() }).await;
    world.settle().await;
    let told = last(&world, &no);
    assert_eq!(codes(&world, &no), ["received", "accepted", "accepted"], "the status is as it was");
    assert!(told["text"]["zh"].as_str().unwrap().contains("须补充现场核查"), "{told}");
    assert_eq!(
        (&told["details"]["special"]["kind"], &told["details"]["special"]["reason"]),
        (&json!("extension"), &json!("须补充现场核查"))
    );
    assert!(told["documents"][0]["content"].as_str().unwrap().contains("延长办理期限告知书"));
    assert_eq!(told["due"], before["due"], "the promise is the sooner limit, and stays");
    world.assert_ledgers_agree().await;
}

async fn what_is_not_believed_changes_nothing(world: World) {
    let values = world.application_values("m1", "A1").await;
    let (status, _) = world.send("application", &values, |headers| headers[3].1 = "00".repeat(32)).await;
    assert_eq!(status, 401, "forged");
    world.advance(-6 * 60_000);
    let stale = world.signed("application", &values);
    world.advance(6 * 60_000);
    assert_eq!(world.post("application", &stale).await.0, 401, "stale");
    assert!(world.store.case(&world.case_id("A1")).await.unwrap().is_none());
    assert!(world.store.intake_row("one-net", "m1").await.unwrap().is_none(), "never parsed, never kept");
}

async fn the_same_message_twice_is_one_case_and_one_answer(world: World) {
    let values = world.application_values("m1", "A1").await;
    let request = world.signed("application", &values);
    let first = world.post("application", &request).await;
    assert_eq!((first.0, &first.1["outcome"], &first.1["application_no"]), (200, &json!("accepted"), &json!("A1")));
    assert_eq!(world.post("application", &request).await, first, "replayed to the byte");
    assert_eq!(world.send("application", &values, |_| {}).await, first, "sent again with a new nonce");
    world.advance(80 * DAY_MS);
    assert_eq!(world.send("application", &values, |_| {}).await, first, "even months later");

    let mut other = values.clone();
    other["data"]["event_name"] = json!("另一场法会");
    assert_eq!(world.send("application", &other, |_| {}).await.0, 422, "the same id with another body");
    other["message_id"] = json!("m2");
    assert_eq!(world.send("application", &other, |_| {}).await.0, 200, "a second application with the same number");
    let case = world.case("A1").await;
    assert_eq!((case.seq, &case.data["event_name"]), (1, &json!("示范祈福法会")), "changes nothing");
}

async fn an_authentic_message_that_is_refused_waits_for_a_clerk(world: World) {
    let mut values = world.application_values("m1", "A1").await;
    values["data"]["event_date"] = json!("2026-10-01");
    let first = world.send("application", &values, |_| {}).await;
    assert_eq!((first.0, &first.1["outcome"]), (202, &json!("intake")));
    assert!(first.1["message"].as_str().unwrap().contains("三十日"), "{}", first.1);
    assert_eq!(world.send("application", &values, |_| {}).await, first, "answered as before");
    let rows = world.store.intake(Some(IntakeState::Refused), 0).await.unwrap();
    assert_eq!((rows.total, rows.rows[0].application_no.as_str()), (1, "A1"));
    world.inbound.retry("m1").await.unwrap().unwrap();
    assert_eq!(world.store.intake(Some(IntakeState::Refused), 0).await.unwrap().total, 1, "still refused");
    world.inbound.close("m1", "已电话告知另选日期").await.unwrap();
    assert_eq!(world.store.intake(Some(IntakeState::Refused), 0).await.unwrap().total, 0);
    assert_eq!(world.store.intake_row("one-net", "m1").await.unwrap().unwrap().rejection.as_deref(), Some("已电话告知另选日期"));
}

async fn an_outage_is_waited_out_and_drained_in_order(world: World) {
    let numbers: Vec<String> = (0..3).map(|_| world.platform.apply(application()).unwrap()).collect();
    world.platform_ticks().await;
    world.platform.tell(Misbehaviour { away: true, ..Misbehaviour::default() });
    for no in &numbers {
        world.act(no, "wang", "accept_check", "correct", json!({"missing_items": ["场地证明"]})).await;
    }
    for _ in 0..40 {
        world.outbox.tick().await.unwrap();
        world.advance(2 * 3_600_000);
    }
    assert!(numbers.iter().all(|no| told(&world, no).is_empty()));
    world.platform.tell(Misbehaviour::default());
    world.advance(3 * 3_600_000);
    world.drain().await;
    for no in &numbers {
        let told = told(&world, no);
        assert_eq!(told.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>(), ["received", "correction"]);
        assert!(told.is_sorted_by(|a, b| a.1 < b.1));
    }
    world.assert_ledgers_agree().await;
}

async fn errors_and_late_answers_lead_to_repeats_that_are_the_same(world: World) {
    let no = world.platform.apply(application()).unwrap();
    world.platform_ticks().await;
    let bad = |misbehaviour| world.platform.tell(Misbehaviour { kind: Some("status".into()), times: Some(2), ..misbehaviour });
    bad(Misbehaviour { status_500: true, ..Misbehaviour::default() });
    world.drain().await;
    world.act(&no, "wang", "accept_check", "correct", json!({"missing_items": ["场地证明"]})).await;
    bad(Misbehaviour { answer_late: true, ..Misbehaviour::default() });
    world.drain().await;
    assert_eq!(codes(&world, &no), ["received", "correction"], "each once");
    let ledger = world.platform.ledger();
    let hash_of = |id: &str| {
        let found = ledger.iter().find_map(|entry| match entry {
            Entry::Received { message_id, body_hash, .. } if message_id == id => Some(body_hash.clone()),
            _ => None,
        });
        found.unwrap()
    };
    let repeats: Vec<_> = ledger
        .iter()
        .filter_map(|entry| match entry {
            Entry::Repeated { message_id, body_hash, .. } => Some((message_id.clone(), body_hash.clone())),
            _ => None,
        })
        .collect();
    assert_eq!(repeats.len(), 2, "kept twice unanswered, so it came again");
    repeats.iter().for_each(|(id, hash)| assert_eq!(*hash, hash_of(id), "the same key, the same body"));
    world.assert_ledgers_agree().await;
}

async fn what_the_platform_refuses_for_good_waits_for_an_operator(world: World) {
    let no = world.platform.apply(application()).unwrap();
    world.platform_ticks().await;
    world.platform.tell(Misbehaviour { kind: Some("status".into()), refuse: true, ..Misbehaviour::default() });
    world.outbox.tick().await.unwrap();
    let dead = world.store.outbox(Some("dead"), 0).await.unwrap();
    assert_eq!(dead.total, 1);
    world.act(&no, "wang", "accept_check", "correct", json!({"missing_items": ["场地证明"]})).await;
    world.platform.tell(Misbehaviour { kind: Some("status".into()), ..Misbehaviour::default() });
    world.drain().await;
    assert!(codes(&world, &no).is_empty(), "nothing overtakes what is dead");
    assert!(world.store.resend(&dead.rows[0].id).await.unwrap());
    world.drain().await;
    assert_eq!(codes(&world, &no), ["received", "correction"]);
}

async fn a_platform_that_sends_twice_and_out_of_order_makes_one_case(world: World) {
    world.platform.tell(Misbehaviour { send_twice: true, reorder: true, ..Misbehaviour::default() });
    let no = world.platform.apply(application()).unwrap();
    world.platform.follow_up("withdrawal", &no, json!({"reason": "改期"}), &[]).unwrap();
    world.platform_ticks().await;
    assert!(world.store.case(&world.case_id(&no)).await.unwrap().is_none(), "the withdrawal came first, and was sent back");
    world.platform.tell(Misbehaviour { send_twice: true, ..Misbehaviour::default() });
    for _ in 0..8 {
        world.advance(60_000);
        world.platform_ticks().await;
    }
    world.drain().await;
    assert_eq!(codes(&world, &no), ["received", "withdrawn"]);
    world.assert_ledgers_agree().await;
}

async fn what_was_recorded_before_a_crash_is_carried_out_after_it(world: World) {
    let values = world.application_values("m1", "A1").await;
    let request = world.signed("application", &values);
    world.record_only("application", "m1", "A1", &request).await;
    assert!(world.store.case(&world.case_id("A1")).await.unwrap().is_none());
    assert_eq!(world.inbound.resume().await.unwrap(), 1);
    let case = world.case("A1").await;
    assert_eq!(world.inbound.resume().await.unwrap(), 0);
    let (status, answer) = world.send("application", &values, |_| {}).await;
    assert_eq!((status, &answer["outcome"]), (200, &json!("accepted")), "the platform asks again and is answered");
    assert_eq!(world.case("A1").await.seq, case.seq);
}

async fn a_destination_that_nobody_delivers_to_is_told_to_the_operator(world: World) {
    let no = world.platform.apply(application()).unwrap();
    world.platform_ticks().await;
    Outbox::new(world.store.clone(), Schedule::default()).tick().await.unwrap();
    let rows = world.store.outbox_of(&world.case_id(&no)).await.unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(row.state, "dead");
        assert!(row.error.unwrap().contains("no such operation"));
    }
}

async fn a_message_for_nobody_is_sent_back_and_another_kind_is_not_found(world: World) {
    let withdrawal = json!({"message_id": "w1", "application_no": "A9", "received_at": world.clock_ms()});
    let (status, answer) = world.send("withdrawal", &withdrawal, |_| {}).await;
    assert_eq!((status, &answer["outcome"]), (425, &json!("unknown")));
    let body = b"{}".to_vec();
    let signed = Signed { method: "POST", path: "/one-net/one-net/elsewhere", query: "", body: &body };
    assert_eq!(world.inbound.receive("elsewhere", signed, &[]).await.status, 404);
    assert!(TASK.contains('@'));
}
