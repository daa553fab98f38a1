//! Two stores on one PostgreSQL race for the same cases and the same numbers; a server that goes away comes back.

use std::collections::BTreeSet;

use serde_json::json;
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;
use tongban_adapters::store::{Store, SubmitError};
use tongban_engine::interpreter::{Ask, Command};

use super::{Database, Desk, MONDAY, Tested, person, postgres_url};

const CASES: usize = 12;

async fn number_of(store: &Store, case: &str) -> Result<String, Box<dyn std::error::Error>> {
    let opened = store.case(case).await?.ok_or("the case is there")?;
    Ok(opened.case.facts.number.ok_or("the case has a number")?)
}

#[tokio::test]
async fn two_nodes_give_each_number_once_and_each_task_to_one() -> Tested {
    if postgres_url().is_none() {
        return Ok(());
    }
    let here = Desk::open(Database::Postgres).await?;
    let there = here.place.open().await;
    // Even cases here, odd ones there, all at once: every case takes a number from one series.
    let other = Desk { place: here.place.clone(), store: there.clone() };
    let names: Vec<String> = (0..CASES).map(|no| format!("race-{no}")).collect();
    let mut started = JoinSet::new();
    for (no, case) in names.iter().cloned().enumerate() {
        let desk = if no % 2 == 0 { here.clone() } else { other.clone() };
        started.spawn(async move { desk.report(&case, "讲经").await.map(|answer| answer.number) });
    }
    let mut numbers = BTreeSet::new();
    while let Some(done) = started.join_next().await {
        numbers.insert(done??.ok_or("a started case has a number")?);
    }
    let counts: BTreeSet<usize> = numbers.iter().filter_map(|number| count_in(number)).collect();
    assert_eq!(counts, (1..=CASES).collect(), "no number twice, none left out: {numbers:?}");

    // Both nodes hold every case in memory; then its task is completed at both at once, each under a key of its own.
    for case in &names {
        assert_eq!(number_of(&here.store, case).await?, number_of(&there, case).await?);
        let task = *here.store.case(case).await?.ok_or("the case is there")?.case.tasks.keys().next().ok_or("a task is open")?;
        let done = |key: &str| {
            let data = json!({"acknowledgement": "知悉"}).as_object().cloned().unwrap_or_default();
            let ask = Ask::Complete { task, action: "acknowledge".into(), data };
            Command { case: case.clone(), key: key.to_owned(), actor: person("lin"), at: MONDAY, ask }
        };
        let (first, second) = tokio::join!(here.store.submit(done("here")), there.submit(done("there")));
        let both = [first, second];
        assert_eq!(both.iter().filter(|answer| answer.is_ok()).count(), 1, "{case}: {both:?}");
        assert!(both.iter().any(|answer| matches!(answer, Err(SubmitError::Rejected(_)))), "{case}: {both:?}");
    }

    // The same command under the same key at both nodes has the effect of one.
    let (first, second) = tokio::join!(here.report("race-twice", "讲经"), other.report("race-twice", "讲经"));
    let (first, second) = (first?, second?);
    assert!(first.replayed != second.replayed && first.number == second.number && first.seq == second.seq);
    let found = here.store.verify().await?;
    assert!(found.faults.is_empty(), "{:?}", found.faults);
    there.close().await;
    here.store.close().await;
    Ok(())
}

/// The count in `示民宗报〔2026〕7号`.
fn count_in(number: &str) -> Option<usize> {
    number.split_once('〕')?.1.trim_end_matches('号').parse().ok()
}

#[tokio::test]
async fn a_server_that_comes_back_is_used_again() -> Tested {
    if postgres_url().is_none() {
        return Ok(());
    }
    let desk = Desk::open(Database::Postgres).await?;
    desk.report("c1", "讲经").await?;
    let mut outside = PgConnection::connect(&desk.place.settings().url).await?;
    let cut =
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    let gone: i64 = sqlx::query_scalar(cut).fetch_one(&mut outside).await?;
    assert!(gone >= 1, "the store's connections were cut");
    let answer = desk.report("c2", "讲经").await?;
    assert!(!answer.replayed);
    assert!(desk.report("c1", "讲经").await?.replayed, "what was acknowledged before is known");
    desk.store.close().await;
    Ok(())
}
