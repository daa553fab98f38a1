//! Many callers at once, who repeat themselves within one batch and after it: each key has the effect of one, every number
//! is given once, and the tables hold what the journal says.

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection};
use tokio::task::JoinSet;
use tongban_adapters::store::{Answer, SubmitError};
use tongban_engine::interpreter::{Actor, Ask, Case, CaseStatus, apply, effect};

use super::{Desk, Tested, on_each, person};

const CASES: usize = 24;

/// Sends all of these at once, so that they share batches.
async fn at_once(
    desk: &Desk,
    sent: Vec<(Actor, String, &'static str, Ask)>,
) -> Result<Vec<Result<Answer, SubmitError>>, tokio::task::JoinError> {
    let mut set = JoinSet::new();
    for (no, (actor, case, key, ask)) in sent.into_iter().enumerate() {
        let desk = desk.clone();
        set.spawn(async move { (no, desk.ask(actor, &case, key, ask).await) });
    }
    let mut told = set.join_all().await;
    told.sort_by_key(|(no, _)| *no);
    Ok(told.into_iter().map(|(_, answer)| answer).collect())
}

/// Of the same command sent several times one was carried out, and all got its answer.
fn once(told: &[Result<Answer, SubmitError>]) -> Result<Answer, String> {
    let answers: Vec<&Answer> = told.iter().flatten().collect();
    let fresh: Vec<&&Answer> = answers.iter().filter(|answer| !answer.replayed).collect();
    match fresh.as_slice() {
        [one] if answers.len() == told.len() && answers.iter().all(|answer| (answer.seq, &answer.number) == (one.seq, &one.number)) => {
            Ok((**one).clone())
        }
        _ => Err(format!("{told:?}")),
    }
}

fn refused(told: &Result<Answer, SubmitError>, codes: &[&str]) -> bool {
    matches!(told, Err(SubmitError::Rejected(rejection)) if codes.contains(&rejection.code.as_str()))
}

async fn count(desk: &Desk, sql: &str) -> Result<i64, sqlx::Error> {
    let (url, sql) = (desk.place.settings().url, AssertSqlSafe(sql.to_owned()));
    if url.starts_with("sqlite") {
        sqlx::query_scalar(sql).fetch_one(&mut sqlx::SqliteConnection::connect(&url).await?).await
    } else {
        sqlx::query_scalar(sql).fetch_one(&mut sqlx::PgConnection::connect(&url).await?).await
    }
}

/// The case as its journal makes it, and how many effects that asks for.
async fn told_by_journal(desk: &Desk, id: &str) -> Result<(Case, usize), Box<dyn std::error::Error>> {
    let mut case = Case { id: id.to_owned(), ..Case::default() };
    let mut effects = 0;
    for row in desk.store.journal(id).await? {
        for event in &row.events {
            apply(&mut case, event, row.at);
            effects += usize::from(effect(&case, event).is_some());
        }
        case.seq = row.seq;
    }
    Ok((case, effects))
}

#[tokio::test]
async fn whoever_repeats_gets_the_same_answer_and_nothing_happens_twice() -> Tested {
    on_each(async |desk: Desk| {
        let names: Vec<String> = (0..CASES).map(|no| format!("t{no}")).collect();
        // The first one only says what a start looks like.
        let first = desk.report("model", "讲经").await?;
        let model = desk.store.journal("model").await?;
        assert_eq!((first.seq, model.len()), (1, 1));
        let mut tasks = JoinSet::new();
        for case in names.clone() {
            let desk = desk.clone();
            tasks.spawn(async move {
                let other = desk.ask(person("lin"), &case, "start", Ask::Claim { task: 1 });
                let (one, two, three, other) =
                    tokio::join!(desk.report(&case, "讲经"), desk.report(&case, "讲经"), desk.report(&case, "讲经"), other);
                (once(&[one, two, three]), other)
            });
        }
        for (answer, other) in tasks.join_all().await {
            answer?;
            assert!(refused(&other, &["key-reused", "case-unknown"]), "{other:?}");
        }
        let numbers = count(&desk, "SELECT COUNT(DISTINCT number) FROM case_head").await?;
        assert_eq!(numbers, 1 + CASES as i64, "each case has a number of its own");
        let last = count(&desk, "SELECT MAX(value) FROM series").await?;
        assert_eq!(last, 1 + CASES as i64, "none is left out");

        let task = *desk.store.case("t0").await?.ok_or("the case is there")?.case.tasks.keys().next().ok_or("a task is open")?;
        let data = || json!({"acknowledgement": "知悉"}).as_object().cloned().unwrap_or_default();
        let done = || Ask::Complete { task, action: "acknowledge".into(), data: data() };
        let sent = names.iter().flat_map(|case| (0..3).map(|_| (person("lin"), case.clone(), "done", done()))).collect();
        let told = at_once(&desk, sent).await?;
        for three in told.chunks(3) {
            once(three)?;
        }
        for case in &names {
            let again = desk.ask(person("lin"), case, "done", done()).await?;
            assert!(again.replayed && again.seq == 2, "{again:?}");
            let other = desk.ask(person("lin"), case, "done", Ask::Claim { task }).await;
            assert!(refused(&other, &["key-reused"]), "{other:?}");
            let (told, effects) = told_by_journal(&desk, case).await?;
            let stored = desk.store.case(case).await?.ok_or("the case is there")?.case;
            assert_eq!((&told, told.status), (&stored, CaseStatus::Ended));
            assert_eq!(desk.store.outbox_of(case).await?.len(), effects, "{case}: an entry for each effect");
        }
        for table in ["task", "timer"] {
            let left = count(&desk, &format!("SELECT COUNT(*) FROM {table} WHERE case_id LIKE 't%'")).await?;
            assert_eq!(left, 0, "ended cases leave nothing in {table}");
        }
        let found = desk.store.verify().await?;
        assert!(found.faults.is_empty(), "{:?}", found.faults);
        desk.store.close().await;
        Ok(())
    })
    .await
}
