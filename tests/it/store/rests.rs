//! What is sensitive rests as ciphertext, and comes back only through the store.

use serde_json::json;
use sqlx::Connection;
use tongban_adapters::{
    files::{FileError, Named, Received},
    store::{IntakeRow, IntakeState, Recorded, Store, SubmitError},
};

use super::{Desk, Tested, on_each, postgres_url};

/// Every text in every row of the tables named, as it rests.
async fn dump(desk: &Desk, tables: &[&str]) -> Result<String, sqlx::Error> {
    let mut text = String::new();
    let url = desk.place.settings().url;
    for table in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT CAST(body AS TEXT) FROM {table}"));
        let rows: Vec<String> = if url.starts_with("sqlite") {
            sqlx::query_scalar(sql).fetch_all(&mut sqlx::SqliteConnection::connect(&url).await?).await?
        } else {
            sqlx::query_scalar(sql).fetch_all(&mut sqlx::PgConnection::connect(&url).await?).await?
        };
        text.push_str(&rows.join("\n"));
    }
    Ok(text)
}

fn message(id: &str, nonce: &str) -> IntakeRow {
    IntakeRow {
        source: "one-net".into(),
        message_id: id.into(),
        nonce: nonce.into(),
        kind: "application".into(),
        application_no: "A1".into(),
        received_at: super::MONDAY,
        body: "{\"name\":\"机密甲\"}".into(),
        state: IntakeState::Received,
        case: None,
        rejection: None,
    }
}

#[tokio::test]
async fn drafts_are_kept_replaced_forgotten_and_sealed() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.save_draft("lin", "task:c1:3", &json!({"opinion": "机密乙"})).await?;
        store.save_draft("lin", "task:c1:3", &json!({"opinion": "机密丙"})).await?;
        let draft = store.draft("lin", "task:c1:3").await?.ok_or("the draft is there")?;
        assert_eq!((draft.body, draft.at), (json!({"opinion": "机密丙"}), super::MONDAY));
        assert!(store.draft("wang", "task:c1:3").await?.is_none() && store.draft("lin", "task:c1:4").await?.is_none());
        assert!(!dump(&desk, &["draft"]).await?.contains("机密"));
        store.drop_draft("lin", "task:c1:3").await?;
        assert!(store.draft("lin", "task:c1:3").await?.is_none());
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_came_in_is_known_again_by_message_and_by_nonce() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        assert_eq!(store.record_intake(&message("m1", "n1")).await?, Recorded::New);
        assert_eq!(store.record_intake(&message("m2", "n1")).await?, Recorded::NonceUsed);
        assert_eq!(store.record_intake(&message("m3", "n3")).await?, Recorded::New);
        store.settle_intake("one-net", "m1", IntakeState::Refused, Some("c1"), Some("form-invalid")).await?;
        let Recorded::Known(known) = store.record_intake(&message("m1", "n9")).await? else { return Err("m1 is known".into()) };
        assert_eq!((known.state, known.case.as_deref(), known.body), (IntakeState::Refused, Some("c1"), message("m1", "n1").body));
        let refused = store.intake(Some(IntakeState::Refused), 0).await?;
        assert_eq!((refused.total, refused.rows[0].message_id.as_str()), (1, "m1"));
        assert_eq!(store.intake(None, 0).await?.total, 2);
        assert!(!dump(&desk, &["intake"]).await?.contains("机密"));
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_saw_what_is_on_record() -> Tested {
    on_each(async |desk: Desk| {
        // opening is noted once a quarter of an hour, for each person and thing
        for minutes in [0, 5, 9, 1] {
            desk.place.clock.advance(minutes * 60_000);
            desk.store.note_read("lin", "c2", "case").await?;
            desk.store.note_read("lin", "c2", "document:1").await?;
        }
        desk.store.note_read("wang", "c2", "case").await?;
        let seen: Vec<_> = desk.store.reads("c2").await?.into_iter().map(|read| (read.person, read.what)).collect();
        let told = [("wang", "case"), ("lin", "document:1"), ("lin", "case"), ("lin", "document:1"), ("lin", "case")];
        assert!(desk.store.reads("c1").await?.is_empty());
        assert_eq!(seen, told.map(|(who, what)| (who.to_owned(), what.to_owned())));
        desk.store.close().await;
        Ok(())
    })
    .await
}

async fn received(store: &Store, content: &[u8]) -> Result<Received, FileError> {
    let mut incoming = store.incoming().await?;
    incoming.push(content)?;
    incoming.finish()
}

#[tokio::test]
async fn files_come_back_by_their_content() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let content = b"%PDF-1.7\nconfidential content of a statement\n".repeat(3_000);
        let accept = ["pdf".to_owned()];
        let named = Named { material: "proof", name: "说明.PDF", declared: Some("application/pdf"), accept: &accept, by: "feng" };
        let kept = store.keep_file(&named, received(store, &content).await?).await?;
        assert_eq!((kept.size, kept.media_type.as_str(), kept.name.as_str()), (content.len() as u64, "application/pdf", "说明.PDF"));
        let other = Named { material: "other", name: "b.pdf", declared: None, accept: &[], ..named };
        let again = store.keep_file(&other, received(store, &content).await?).await?;
        assert_eq!(again.file, kept.file);
        assert_eq!(store.file(&kept.file).await?.ok_or("it is kept")?.bytes().await?, content);
        assert!(store.file("0000").await?.is_none());
        for (name, bytes) in [("a.png", content.as_slice()), ("a.exe", b"MZ"), ("a.pdf", b"<html></html>"), ("a.docx", b"PK\x03\x04")] {
            assert!(store.keep_file(&Named { name, ..other }, received(store, bytes).await?).await.is_err(), "{name}");
        }
        store.close().await;
        Ok(())
    })
    .await
}

#[test]
fn postgresql_is_tested_where_there_is_one() {
    if postgres_url().is_none() {
        eprintln!("TEST_POSTGRES_URL is not set: these tests ran on SQLite only");
    }
}

#[tokio::test]
async fn a_case_that_was_set_aside_goes_on_only_after_its_release() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        desk.report("c2", "讲经").await?;
        desk.store.close().await;
        let url = desk.place.settings().url;
        let aside = "UPDATE case_head SET quarantined = 'a defect' WHERE case_id = 'c1'";
        if url.starts_with("sqlite") {
            sqlx::query(aside).execute(&mut sqlx::SqliteConnection::connect(&url).await?).await?;
        } else {
            sqlx::query(aside).execute(&mut sqlx::PgConnection::connect(&url).await?).await?;
        }
        let desk = Desk { store: desk.place.open().await, ..desk };
        let task = *desk.store.case("c1").await?.ok_or("the case is there")?.case.tasks.keys().next().ok_or("a task is open")?;
        let done = |case: &'static str| desk.complete("lin", case, task, "acknowledge", json!({"acknowledgement": "知悉"}));
        assert!(matches!(done("c1").await, Err(SubmitError::Quarantined { .. })));
        done("c2").await?;
        assert!(!desk.store.release("c2").await? && desk.store.release("c1").await?);
        done("c1").await?;
        desk.store.close().await;
        Ok(())
    })
    .await
}
