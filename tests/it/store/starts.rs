//! Timed start events: a durable row a version's event, one case a moment, whoever fires it and how often.

use tongban_adapters::{store::case_id_for, timers::Timers};
use tongban_engine::{definition::Bundle, time::Moment};
use tongban_tests::office;

use super::{DAY_MS, Desk, MONDAY, Tested, on_each};

/// A process of the office that begins by itself, with `timer` as it is written.
fn bundle(timer: &str, name: &str) -> Bundle {
    let mut bundle = office::bundle();
    let process = format!(
        "process: weekly-check\nname: {{zh: {name}, en: Weekly check}}\ndialect: 1\nkind: office\ncalendar: cn\n\
         lanes:\n  clerk: {{name: {{zh: 经办人, en: Clerk}}, role: case-handler, unit: meta.unit}}\n\
         flow:\n  - startEvent: weekly\n    timer: {timer}\n  - userTask: look\n    name: {{zh: 查看, en: Look}}\n    lane: clerk\n    \
         actions: {{done: {{name: {{zh: 完成, en: Done}}}}}}\n  - endEvent: over\n"
    );
    bundle.files.insert("workflows/checks/weekly/process.yaml".to_owned(), process);
    bundle
}

/// The process's rows: when, and whether it is over.
async fn due(desk: &Desk) -> Result<Vec<(i64, bool)>, Box<dyn std::error::Error>> {
    let rows = desk.store.start_timers("weekly-check").await?;
    Ok(rows.iter().map(|row| ((row.due.0 - MONDAY.0) / 60_000, row.done)).collect())
}

/// The cases that begin at a moment, which is told in minutes after Monday, ten o'clock.
async fn begun(desk: &Desk, minutes: i64) -> Result<bool, Box<dyn std::error::Error>> {
    let at = Moment(MONDAY.0 + minutes * 60_000);
    let organisation = desk.store.organisation();
    let top = organisation.units.iter().find(|(_, unit)| unit.parent.is_none()).ok_or("a unit")?.0;
    let case = desk.store.case(&case_id_for("timer:weekly-check", &format!("weekly:{top}:{}", at.0))).await?;
    Ok(case.is_some_and(|opened| opened.case.facts.received_at == at))
}

const DAY: i64 = DAY_MS / 60_000;

#[tokio::test]
async fn a_cron_start_begins_one_case_a_moment() -> Tested {
    on_each(async |desk: Desk| {
        let timers = Timers::new(desk.store.clone());
        desk.store.deploy(&bundle("{cron: \"0 9 * * 1\"}", "每周检查")).await?;
        // Next Monday, nine o'clock: seven days less an hour.
        let monday = 7 * DAY - 60;
        assert_eq!(due(&desk).await?, [(monday, false)]);
        assert_eq!(timers.tick().await?, 0);

        desk.place.clock.advance(7 * DAY_MS);
        let (one, other) = tokio::join!(timers.tick(), timers.tick());
        assert_eq!(one? + other?, 1, "two at once begin one case");
        assert!(begun(&desk, monday).await?);
        assert_eq!(due(&desk).await?, [(monday + 7 * DAY, false)]);
        assert_eq!(timers.tick().await?, 0);

        // Three weeks nobody was there: one case for the moment that was missed first, then on from now.
        desk.place.clock.advance(21 * DAY_MS);
        let store = desk.place.open().await;
        assert_eq!(Timers::new(store.clone()).tick().await?, 1);
        store.close().await;
        assert!(begun(&desk, monday + 7 * DAY).await? && !begun(&desk, monday + 14 * DAY).await?);
        assert_eq!(due(&desk).await?, [(monday + 28 * DAY, false)]);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_crash_between_beginning_and_moving_on_begins_no_second_case() -> Tested {
    on_each(async |desk: Desk| {
        desk.store.deploy(&bundle("{every: 2h}", "巡查")).await?;
        let before = desk.store.start_timers("weekly-check").await?;
        assert_eq!(due(&desk).await?, [(120, false)]);
        desk.place.clock.advance(2 * 3_600_000);
        assert_eq!(Timers::new(desk.store.clone()).tick().await?, 1);
        assert_eq!(due(&desk).await?, [(240, false)]);
        // What a crash before the row moved on would have left.
        super::verify::tamper(&desk, &format!("UPDATE start_timer SET due = {}", before[0].due.0)).await?;
        assert_eq!(Timers::new(desk.store.clone()).tick().await?, 0, "the case is there already");
        assert_eq!(due(&desk).await?, [(240, false)]);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_new_version_keeps_the_time_unless_it_says_another() -> Tested {
    on_each(async |desk: Desk| {
        desk.store.deploy(&bundle("{every: 2h, times: 2}", "巡查")).await?;
        desk.place.clock.advance(3_600_000);
        desk.store.deploy(&bundle("{every: 2h, times: 2}", "巡查改名")).await?;
        assert_eq!(due(&desk).await?, [(120, false)]);
        let latest = desk.store.latest("weekly-check").ok_or("it is deployed")?;
        assert_eq!(desk.store.start_timers("weekly-check").await?[0].definition, latest.hash);
        let timers = Timers::new(desk.store.clone());
        for (hours, begun) in [(1, 1), (2, 1), (2, 0)] {
            desk.place.clock.advance(hours * 3_600_000);
            assert_eq!(timers.tick().await?, begun);
        }
        assert_eq!(due(&desk).await?, [(240, true)], "twice, then no more");
        desk.store.deploy(&bundle("{every: 2h, times: 2}", "巡查又改名")).await?;
        assert_eq!(due(&desk).await?, [(240, true)]);

        desk.store.deploy(&bundle("{every: 4h}", "巡查")).await?;
        assert_eq!(due(&desk).await?, [(6 * 60 + 240, false)]);
        desk.store.close().await;
        Ok(())
    })
    .await
}
