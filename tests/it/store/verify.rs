//! Whoever changes the database behind the store's back is found out.

use sqlx::{AssertSqlSafe, Connection};
use tongban_adapters::{
    housekeeping::Housekeeping,
    store::{HEADS_LOG, Verified},
};
use tongban_engine::text::Language;

use super::{Desk, Tested, on_each};

/// Whoever owns the database can take down what guards it.
const UNGUARD_SQLITE: &str = "DROP TRIGGER IF EXISTS audit_keeps_rows; DROP TRIGGER IF EXISTS audit_keeps_words; \
     DROP TRIGGER IF EXISTS journal_keeps_rows; DROP TRIGGER IF EXISTS journal_keeps_words;";
const UNGUARD_POSTGRES: &str = "DROP TRIGGER IF EXISTS only_grows ON audit; DROP TRIGGER IF EXISTS only_grows ON journal;";

/// Changes the database behind the store's back, its guards taken down.
pub(super) async fn tamper(desk: &Desk, sql: &str) -> Result<(), sqlx::Error> {
    let unguard = if desk.place.settings().url.starts_with("sqlite") { UNGUARD_SQLITE } else { UNGUARD_POSTGRES };
    change(desk, unguard).await?;
    change(desk, sql).await
}

/// The same, but the guards stand.
pub(super) async fn change(desk: &Desk, sql: &str) -> Result<(), sqlx::Error> {
    let url = desk.place.settings().url;
    let sql = AssertSqlSafe(sql.to_owned());
    if url.starts_with("sqlite") {
        sqlx::raw_sql(sql).execute(&mut sqlx::SqliteConnection::connect(&url).await?).await.map(drop)
    } else {
        sqlx::raw_sql(sql).execute(&mut sqlx::PgConnection::connect(&url).await?).await.map(drop)
    }
}

fn told(found: &Verified) -> String {
    found.faults.iter().map(|fault| format!("{} {:?} {}\n", fault.case, fault.seq, fault.what.get(Language::En))).collect()
}

#[tokio::test]
async fn every_change_from_outside_is_found() -> Tested {
    on_each(async |desk: Desk| {
        for case in ["c1", "c2", "c3", "c4", "c5", "c6"] {
            desk.report(case, "讲经").await?;
        }
        let sound = desk.store.verify().await?;
        assert_eq!((sound.cases, sound.rows, told(&sound)), (6, 6, String::new()));
        desk.place.clock.advance(3 * super::DAY_MS);
        tongban_adapters::timers::Timers::new(desk.store.clone()).tick().await?;

        let cases = [
            ("UPDATE journal SET actor = 'person:he' WHERE case_id = 'c1' AND seq = 1", "c1 Some(1) was changed"),
            ("DELETE FROM journal WHERE case_id = 'c2' AND seq = 1", "c2 Some(2) does not follow"),
            ("DELETE FROM journal WHERE case_id = 'c3' AND seq = 2", "c3 Some(2) is missing"),
            ("UPDATE case_head SET state = replace(state, '示范寺', '示范堂') WHERE case_id = 'c4'", "c4 None the state is not"),
            ("DELETE FROM case_head WHERE case_id = 'c5'", "c5 None has a journal but no state"),
        ];
        for (sql, _) in cases {
            tamper(&desk, sql).await?;
        }
        let found = told(&desk.store.verify().await?);
        for (sql, fault) in cases {
            assert!(found.contains(fault), "{sql}\n{found}");
        }
        assert!(!found.contains("c6"), "{found}");
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn sealed_heads_outlive_a_rewritten_database() -> Tested {
    on_each(async |desk: Desk| {
        let chores = Housekeeping::new(desk.store.clone())?;
        assert_eq!((chores.seal().await?, chores.seal().await?), (1, 0), "the audit, for the office was deployed");
        // Its times are understood; in this moment none of them comes.
        chores.clone().start().await?.shutdown().await?;
        desk.report("c1", "讲经").await?;
        desk.report("c2", "讲经").await?;
        assert_eq!((chores.seal().await?, chores.seal().await?), (2, 0));
        desk.place.clock.advance(super::DAY_MS);
        desk.report("c3", "讲经").await?;
        assert_eq!(chores.seal().await?, 1);
        let sound = desk.store.verify().await?;
        assert_eq!((sound.sealed, told(&sound)), (4, String::new()));

        // Thorough: nothing of the case is left in the database.
        for table in ["case_head", "journal", "task", "timer"] {
            tamper(&desk, &format!("DELETE FROM {table} WHERE case_id = 'c1'")).await?;
        }
        assert_eq!(told(&desk.store.verify().await?), "c1 None was sealed, and is gone\n");

        let log = desk.place.folder().join(HEADS_LOG);
        let lines = std::fs::read_to_string(&log)?;
        std::fs::write(&log, lines.replacen("\"c1\"", "\"c9\"", 1))?;
        assert!(told(&desk.store.verify().await?).contains("heads.log line 2: was changed"));
        std::fs::write(&log, lines.split_once('\n').ok_or("two lines")?.1)?;
        assert!(told(&desk.store.verify().await?).contains("heads.log line 1: does not follow"));
        // A crash in the middle of a line is no fault, and the next line follows what was whole.
        std::fs::write(&log, format!("{lines}{{\"no\":4"))?;
        desk.report("c4", "讲经").await?;
        Housekeeping::new(desk.store.clone())?.seal().await?;
        assert_eq!(told(&desk.store.verify().await?), "c1 None was sealed, and is gone\n");
        desk.store.close().await;
        Ok(())
    })
    .await
}
