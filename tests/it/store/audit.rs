//! The audit: complete, refused by the database to whoever would change it, and found out where it was changed all the same.

use tongban_adapters::{
    housekeeping::Housekeeping,
    store::{AUDIT, AuditAsked, AuditFilter, CASE_READ, Deed, RegisterAsked, RegisterError, Verified},
};
use tongban_engine::{
    organisation::{Entry, RegisterChange},
    text::Language,
};

use super::{
    Desk, Tested, on_each,
    verify::{change, tamper},
};

/// So many rows stand in the chain of these tests before they begin.
async fn rows(desk: &Desk) -> Result<u64, Box<dyn std::error::Error>> {
    Ok(desk.store.audit_after(0, 10_000).await?.last().map_or(0, |row| row.no))
}

/// The fault of the audit: row and words.
fn told(found: &Verified) -> Option<(u64, String)> {
    let fault = found.faults.iter().find(|fault| fault.case == AUDIT)?;
    Some((fault.seq?, fault.what.get(Language::En).to_owned()))
}

async fn note(desk: &Desk, word: &str) -> Tested {
    let deed = Deed::new(desk.place.clock_now(), "guan", word, "person", "lin");
    desk.store.note(Deed { before: Some("{\"a\":1}".into()), after: Some("{\"a\":2}".into()), purpose: Some("试".into()), ..deed }).await?;
    Ok(())
}

#[tokio::test]
async fn no_row_of_audit_or_journal_is_changed_or_deleted() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        for sql in [
            "UPDATE audit SET actor = 'he' WHERE no = 1",
            "DELETE FROM audit WHERE no = 1",
            "UPDATE journal SET actor = 'person:he' WHERE case_id = 'c1'",
            "DELETE FROM journal WHERE case_id = 'c1'",
        ] {
            let refused = change(&desk, sql).await.expect_err(sql).to_string();
            assert!(refused.contains("only grow"), "{sql}: {refused}");
        }
        // what was taken down is up again after the next start
        tamper(&desk, "SELECT 1").await?;
        desk.store.close().await;
        let again = desk.place.open().await;
        assert!(change(&desk, "DELETE FROM audit WHERE no = 1").await.is_err());
        assert_eq!(again.verify().await?.faults, []);
        again.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn whichever_column_is_changed_the_row_is_named() -> Tested {
    on_each(async |desk: Desk| {
        for word in ["one", "two", "three"] {
            note(&desk, word).await?;
        }
        let last = rows(&desk).await?;
        let (no, sound) = (last - 1, desk.store.verify().await?);
        assert_eq!((sound.audit, told(&sound)), (last, None));
        let restore = "UPDATE audit SET at = at";
        for (column, changed) in [
            ("at", "at + 1"),
            ("actor", "'he'"),
            ("deed", "'nothing'"),
            ("kind", "'unit'"),
            ("about", "'wang'"),
            ("before", "NULL"),
            ("after", "after || ' '"),
            ("purpose", "''"),
            ("prev", "hash"),
            ("hash", "prev"),
        ] {
            // text is put back as it was, whatever the column's type
            let kept = desk.store.audit_row(no).await?.ok_or("it is there")?;
            tamper(&desk, &format!("UPDATE audit SET {column} = {changed} WHERE no = {no}")).await?;
            let found = desk.store.verify().await?;
            assert_eq!(told(&found).map(|(no, _)| no), Some(no), "{column}");
            assert_eq!(desk.store.check_audit().await?.no, no - 1, "{column}");
            let deed = kept.deed;
            let back = format!(
                "UPDATE audit SET at = {}, actor = '{}', deed = '{}', kind = '{}', about = '{}', before = '{}', after = '{}', \
                 purpose = '{}', prev = '{}', hash = '{}' WHERE no = {no}",
                deed.at.0,
                deed.actor,
                deed.deed,
                deed.kind,
                deed.about,
                deed.before.unwrap_or_default(),
                deed.after.unwrap_or_default(),
                deed.purpose.unwrap_or_default(),
                kept.prev,
                kept.hash
            );
            tamper(&desk, &back).await?;
            assert_eq!(told(&desk.store.verify().await?), None, "{restore}");
        }
        for (sql, fault) in [
            (format!("UPDATE audit SET no = no + 100 WHERE no = {last}"), (last, "is missing".to_owned())),
            (format!("DELETE FROM audit WHERE no = {no}"), (no, "is missing".to_owned())),
        ] {
            tamper(&desk, &sql).await?;
            assert_eq!(told(&desk.store.verify().await?), Some(fault), "{sql}");
        }
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_cut_tail_and_a_chain_made_anew_no_longer_agree_with_the_sealed_heads() -> Tested {
    on_each(async |desk: Desk| {
        for word in ["one", "two"] {
            note(&desk, word).await?;
        }
        let last = rows(&desk).await?;
        Housekeeping::new(desk.store.clone())?.seal().await?;
        note(&desk, "three").await?;
        tamper(&desk, &format!("DELETE FROM audit WHERE no >= {last}")).await?;
        assert_eq!(told(&desk.store.verify().await?), Some((last, "was sealed, and is gone".to_owned())));
        // the store goes on from where the chain ends now: hashes fit, but not the sealed one
        note(&desk, "another").await?;
        let found = told(&desk.store.verify().await?);
        assert_eq!(found, Some((last, "is not the one that was sealed".to_owned())));
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn whatever_an_administrator_does_is_a_deed_with_old_and_new() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let known = store.register().people["lin"].clone();
        let lin = Entry { name: "林二改".into(), login: known.login, mail: known.mail };
        let (seen, roles) = (store.registered().0, store.roles());
        let changes = [RegisterChange::ChangePerson { id: "lin".into(), entry: lin }];
        let asked = RegisterAsked { seen, changes: &changes, by: "guan", reason: "改名", roles: &roles };
        store.change_register(asked.clone()).await?;
        let about = AuditFilter { kind: "person".into(), about: "lin".into(), ..AuditFilter::default() };
        let found = store.audit_rows(&about, AuditAsked { before: None, rows: 1 }).await?;
        assert_eq!((found[0].deed.actor.as_str(), found[0].deed.deed.as_str()), ("guan", "person.changed"));
        assert_eq!(found[0].deed.before.as_deref(), Some("{\"name\":\"林二\"}"));
        assert_eq!(found[0].deed.after.as_deref(), Some("{\"name\":\"林二改\"}"));
        assert_eq!(found[0].deed.purpose.as_deref(), Some("改名"));
        let deployed = AuditFilter { deed: "process.deployed".into(), ..AuditFilter::default() };
        let all = store.audit_rows(&deployed, AuditAsked { before: None, rows: 100 }).await?;
        assert_eq!(all.len(), store.processes().len());

        // the same change once more was made on an older state
        assert!(matches!(store.change_register(asked).await, Err(RegisterError::Stale(_))));
        assert_eq!(store.register().people["lin"].name, "林二改");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_looked_at_a_persons_material_is_one_question() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        desk.report("c1", "讲经").await?;
        desk.filing("c2").await?;
        for (who, case) in [("lin", "c1"), ("wang", "c2"), ("zhou", "c1")] {
            store.note_read(who, case, "case").await?;
        }
        let asked = |about: &str| AuditFilter { about: about.into(), looks: true, ..AuditFilter::default() };
        let page = |before| AuditAsked { before, rows: 1 };
        let first = store.audit_rows(&asked("feng"), page(None)).await?;
        assert_eq!((first[0].deed.actor.as_str(), first[0].deed.deed.as_str()), ("zhou", CASE_READ));
        let second = store.audit_rows(&asked("feng"), page(Some(first[0].no))).await?;
        assert_eq!(second[0].deed.actor, "lin");
        assert_eq!(store.audit_rows(&asked("feng"), page(Some(second[0].no))).await?, []);
        assert_eq!(store.audit_rows(&asked("c2"), page(None)).await?[0].deed.actor, "wang");
        let hers = AuditFilter { actor: "lin".into(), ..AuditFilter::default() };
        assert_eq!(store.audit_rows(&hers, page(None)).await?[0].deed.about, "c1");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_copy_off_the_box_holds_every_row_once() -> Tested {
    on_each(async |desk: Desk| {
        let path = desk.place.folder().join("elsewhere.jsonl");
        let copied = async || Housekeeping::new(desk.store.clone())?.with_audit_copy(&path)?.copy_audit().await;
        let first = copied().await?;
        note(&desk, "one").await?;
        assert_eq!((copied().await?, copied().await?), (1, 0));
        let text = std::fs::read_to_string(&path)?;
        let numbers: Vec<u64> =
            text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok()?["no"].as_u64()).collect();
        assert_eq!(numbers, (1..=first + 1).collect::<Vec<_>>());
        desk.store.close().await;
        Ok(())
    })
    .await
}
