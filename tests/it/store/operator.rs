//! `tongban verify` and `tongban release`, on stores that a server has open at the same time.

use std::process::Command;

use super::{Desk, Tested, on_each, verify::tamper};
use crate::readme::tongban;

/// Exit status, and what was printed.
fn run(desk: &Desk, arguments: &[&str]) -> Result<(Option<i32>, String), std::io::Error> {
    let settings = desk.place.settings();
    let done = Command::new(tongban())
        .args(arguments)
        .args(["--lang", "en", "--store", &settings.url, "--data"])
        .arg(&settings.data_dir)
        .output()?;
    let text = [done.stdout, done.stderr].concat();
    Ok((done.status.code(), String::from_utf8_lossy(&text).into_owned()))
}

#[tokio::test]
async fn verify_says_what_is_wrong_and_fails() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        desk.report("c2", "讲经").await?;
        let (status, said) = run(&desk, &["verify"])?;
        let deeds = desk.store.audit_after(0, 10_000).await?.len();
        let said = said.replace(&format!("{deeds} audit"), "N audit");
        assert_eq!((status, said.trim()), (Some(0), "2 cases, 2 journal rows, N audit rows, 0 sealed heads; 0 faults"), "{said}");
        tamper(&desk, "UPDATE journal SET actor = 'person:he' WHERE case_id = 'c1' AND seq = 1").await?;
        let (status, said) = run(&desk, &["verify"])?;
        assert_eq!(status, Some(1));
        assert!(said.contains("✕ c1 row 1: was changed: its hash does not fit") && said.contains("; 1 faults"), "{said}");
        let (status, said) = run(&desk, &["verify", "--json"])?;
        assert_eq!(status, Some(1));
        let found: serde_json::Value = serde_json::from_str(&said)?;
        assert_eq!((&found["cases"], &found["faults"][0]["case"]), (&2.into(), &"c1".into()));
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_case_that_was_set_aside_is_released_beside_the_server() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        let (status, said) = run(&desk, &["release", "c1"])?;
        assert_eq!((status, said.trim()), (Some(1), "case c1 was not set aside"));
        let (status, said) = run(&desk, &["release", "c9"])?;
        assert_eq!((status, said.trim()), (Some(1), "there is no case c9"));

        tamper(&desk, "UPDATE case_head SET quarantined = 'a defect' WHERE case_id = 'c1'").await?;
        let (status, said) = run(&desk, &["release", "c1"])?;
        assert_eq!((status, said.trim()), (Some(0), "case c1 may go on; it was set aside for: a defect"));
        let task = *desk.store.case("c1").await?.ok_or("it is there")?.case.tasks.keys().next().ok_or("a task")?;
        desk.complete("lin", "c1", task, "acknowledge", serde_json::json!({})).await?;
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[test]
fn a_place_that_is_not_there_is_not_made() -> Result<(), std::io::Error> {
    let folder = tempfile::tempdir()?;
    let nowhere = folder.path().join("nowhere");
    let done = Command::new(tongban()).args(["verify", "--data"]).arg(&nowhere).output()?;
    assert!(!done.status.success() && !nowhere.exists());
    assert!(String::from_utf8_lossy(&done.stderr).contains("is not there"));
    Ok(())
}
