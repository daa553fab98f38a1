//! Open cases move to a new version of their process: planned, some first, the rest, and back.

use std::process::Command;

use tongban_adapters::store::{MigrationPlan, Version};
use tongban_engine::{
    definition::Bundle,
    interpreter::{Actor, Ask, Sort},
};
use tongban_tests::office;

use super::{Desk, Tested, on_each, person};
use crate::readme::tongban;

const PROCESS: &str = "workflows/reports/activity/process.yaml";

/// The office with another text of the activity report's process.
fn with(change: impl Fn(&str) -> String) -> Bundle {
    let mut bundle = office::bundle();
    let changed = change(&bundle.files[PROCESS]);
    assert_ne!(changed, bundle.files[PROCESS], "the change finds nothing to change");
    bundle.files.insert(PROCESS.to_owned(), changed);
    bundle
}

/// The first task's limit is another.
fn shorter(text: &str) -> String {
    text.replacen("due: ", "due: 1wd # ", 1)
}

async fn plan(desk: &Desk, named: Option<&[String]>) -> Result<(Version, MigrationPlan), Box<dyn std::error::Error>> {
    let to = desk.store.version_named("activity-report", None).await?;
    let plan = desk.store.plan_migration(&to, &[], named, None).await?;
    Ok((to, plan))
}

#[tokio::test]
async fn a_pilot_then_the_rest_and_back() -> Tested {
    on_each(async |desk: Desk| {
        for case in ["c1", "c2", "c3"] {
            desk.report(case, "讲经").await?;
        }
        let before = desk.store.case("c1").await?.ok_or("it is there")?.case;
        desk.store.deploy(&with(shorter)).await?;
        desk.report("c4", "讲经").await?;

        let (to, planned) = plan(&desk, None).await?;
        assert_eq!((planned.counts()[&Sort::Moved], planned.cases.len(), planned.late()), (3, 3, 0), "{planned:#?}");
        let (_, pilot) = plan(&desk, Some(&["c1".to_owned()])).await?;
        let moved = desk.store.carry_out(&pilot, (&Actor::System, "pilot"), |_| ()).await?;
        assert_eq!(moved.len(), 1);
        assert_eq!(moved[0].refused, None);
        let after = desk.store.case("c1").await?.ok_or("it is there")?;
        assert_eq!((&after.case.definition, &after.definition.hash), (&to.hash, &to.hash));
        let inbox = desk.store.todo("lin", &tongban_adapters::store::Filter::default()).await?;
        let listed = inbox.rows.iter().find(|row| row.case == "c1").ok_or("the moved case is in the inbox")?;
        assert_eq!(listed.due, after.case.tasks.values().next().and_then(|task| task.due));

        // The same key again has the effect of once.
        desk.store.carry_out(&pilot, (&Actor::System, "pilot"), |_| ()).await?;
        assert_eq!(desk.store.case("c1").await?.ok_or("it is there")?.case.seq, after.case.seq);

        let (_, rest) = plan(&desk, None).await?;
        assert_eq!(rest.cases.len(), 2);
        desk.store.carry_out(&rest, (&Actor::System, "rest"), |_| ()).await?;
        let uses = desk.store.version_uses("activity-report").await?;
        assert_eq!(uses.iter().map(|used| (used.open, used.came)).collect::<Vec<_>>(), [(0, 0), (4, 3)]);

        let undo = desk.store.plan_undo(&to, None, None).await?;
        assert_eq!(undo.cases.len(), 3);
        desk.store.carry_out(&undo, (&Actor::System, "undo"), |_| ()).await?;
        let back = desk.store.case("c1").await?.ok_or("it is there")?.case;
        assert_eq!((back.definition, back.tasks, back.timers, back.waits), (before.definition, before.tasks, before.timers, before.waits));
        assert_eq!(desk.store.verify().await?.faults, []);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn only_who_has_the_duty_moves_cases() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        desk.store.deploy(&with(shorter)).await?;
        let to = desk.store.version_named("activity-report", None).await?;
        let ask = Ask::Migrate { to: to.hash, mapping: tongban_engine::definition::Mapping::default() };
        let refused = desk.ask(person("lin"), "c1", "m1", ask.clone()).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("not-permitted")));
        desk.ask(person("yun"), "c1", "m2", ask).await?;
        let unknown = Ask::Migrate { to: "0".repeat(64), mapping: tongban_engine::definition::Mapping::default() };
        let refused = desk.ask(person("yun"), "c1", "m3", unknown).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("version-unknown")));
        desk.store.close().await;
        Ok(())
    })
    .await
}

/// Exit status, and what was printed.
fn run(desk: &Desk, arguments: &[&str]) -> Result<(Option<i32>, String), std::io::Error> {
    let settings = desk.place.settings();
    let done = Command::new(tongban())
        .args(["migrate", "activity-report"])
        .args(arguments)
        .args(["--lang", "en", "--store", &settings.url, "--data"])
        .arg(&settings.data_dir)
        .output()?;
    Ok((done.status.code(), String::from_utf8_lossy(&[done.stdout, done.stderr].concat()).into_owned()))
}

#[tokio::test]
async fn the_command_plans_pilots_moves_and_goes_back_beside_the_server() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        desk.report("c2", "讲经").await?;
        desk.store.deploy(&with(shorter)).await?;
        let (status, said) = run(&desk, &["--versions"])?;
        assert!(status == Some(0) && said.contains("version 1") && said.contains("2 open cases"), "{said}");
        let (status, said) = run(&desk, &["--plan"])?;
        assert!(status == Some(0) && said.contains("2  moved") && said.contains("overdue at once"), "{said}");
        let (status, said) = run(&desk, &["--pilot", "c1"])?;
        assert!(status == Some(0) && said.contains("1 cases moved, 0 stayed"), "{said}");
        // The server's own memory of the case is older now; it decides again on what is there.
        let task = *desk.store.case("c1").await?.ok_or("it is there")?.case.tasks.keys().next().ok_or("a task")?;
        desk.ask(person("lin"), "c1", "claim", Ask::Claim { task }).await?;
        let (status, said) = run(&desk, &["--rest", "--json"])?;
        assert!(status == Some(0) && said.contains("\"moved\": 1"), "{said}");
        let (status, said) = run(&desk, &["--undo"])?;
        assert!(status == Some(0) && said.contains("2 cases moved, 0 stayed"), "{said}");
        assert_eq!(desk.store.verify().await?.faults, []);
        desk.store.close().await;
        Ok(())
    })
    .await
}
