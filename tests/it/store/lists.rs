//! Lists hold exactly what the person may see, in the order of urgency, and counts agree with them.

use serde_json::json;
use tongban_adapters::store::{Filter, TaskRow};
use tongban_engine::{
    definition::Priority,
    interpreter::{Actor, Ask, Start},
};
use tongban_tests::office;

use super::{DAY_MS, Desk, Tested, on_each, person};

fn titles(rows: &[TaskRow]) -> Vec<&str> {
    rows.iter().map(|row| row.case.as_str()).collect()
}

#[tokio::test]
async fn what_waits_is_for_holders_of_the_post_most_urgent_first() -> Tested {
    on_each(async |desk: Desk| {
        let all = Filter::default();
        desk.report("c2", "早课").await?;
        desk.place.clock.advance(DAY_MS);
        desk.report("c1", "讲经 100%").await?;
        let todo = desk.store.todo("lin", &all).await?;
        assert_eq!((titles(&todo.rows), todo.total, todo.pages()), (vec!["c2", "c1"], 2, 1));
        assert!(todo.rows[0].due < todo.rows[1].due && todo.rows[0].name.zh == "阅知", "{todo:?}");
        for other in ["qin", "feng", "wang", "nobody"] {
            assert_eq!(desk.store.todo(other, &all).await?.total, 0, "{other} holds no such post");
        }

        let only = async |filter: Filter| desk.store.todo("lin", &filter).await.map(|page| page.rows);
        assert_eq!(titles(&only(Filter { text: Some("100%".into()), ..all.clone() }).await?), ["c1"]);
        assert!(only(Filter { text: Some("1%0".into()), ..all.clone() }).await?.is_empty(), "a percent sign is a percent sign");
        assert!(only(Filter { process: Some("other".into()), ..all.clone() }).await?.is_empty());
        assert_eq!(titles(&only(Filter { due_before: todo.rows[1].due, ..all.clone() }).await?), ["c2"]);
        assert!(only(Filter { page: 1, ..all.clone() }).await?.is_empty());

        desk.ask(person("lin"), "c1", "claim", Ask::Claim { task: todo.rows[1].task }).await?;
        assert_eq!(titles(&only(Filter { claimed: true, ..all.clone() }).await?), ["c1"]);
        assert_eq!(desk.store.counts("lin").await?.overdue, 0);
        desk.place.clock.advance(3 * DAY_MS);
        assert_eq!(desk.store.counts("lin").await?.overdue, 1);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn done_work_moves_from_list_to_list_and_counts_follow() -> Tested {
    on_each(async |desk: Desk| {
        let all = Filter::default();
        desk.report("c1", "讲经").await?;
        let mine = desk.store.mine("feng", &all).await?;
        assert_eq!((mine.total, mine.rows[0].standing[0].zh.as_str(), mine.rows[0].mine.is_none()), (1, "阅知", true));
        assert_eq!(desk.store.of_units("lin", &all).await?.total, 1, "her unit handles it, and the process gives her role work");
        assert_eq!(desk.store.of_units("xu", &all).await?.total, 0, "the process has nothing for her role");
        assert_eq!(desk.store.of_units("qin", &all).await?.total, 0);

        let task = desk.store.tasks_of("c1").await?[0].task;
        desk.complete("lin", "c1", task, "ask", json!({"question": ["人数"]})).await?;
        let doing = desk.store.doing("lin", &all).await?;
        let mark = doing.rows[0].mine.as_ref().map(|mark| (mark.node.as_str(), mark.action.zh.as_str()));
        assert_eq!((doing.total, mark), (1, Some(("take_note", "请场所补充"))));
        assert!(desk.store.took_part("lin", "c1").await? && desk.store.took_part("feng", "c1").await?);
        assert!(!desk.store.took_part("xu", "c1").await?);

        desk.place.clock.advance(60 * DAY_MS);
        tongban_adapters::timers::Timers::new(desk.store.clone()).tick().await?;
        let counts = desk.store.counts("lin").await?;
        assert_eq!((counts.todo, counts.doing, counts.done), (0, 0, 1));
        assert_eq!(desk.store.done("lin", &all).await?.rows[0].case, "c1");
        let row = desk.store.case_row("c1").await?.ok_or("the case has a row")?;
        let number = row.number.ok_or("it has a number")?;
        assert_eq!(desk.store.case_by_number(&number).await?.as_deref(), Some("c1"));
        assert_eq!(desk.store.case_by_number("no such").await?, None);
        desk.store.close().await;
        Ok(())
    })
    .await
}

/// A process whose one task presses, and has no limit.
const PRESSING: &str = "process: pressing
name: {zh: 急件, en: Pressing}
dialect: 1
calendar: cn
lanes: {clerk: {name: {zh: 经办人, en: Clerk}, role: case-handler, unit: meta.unit}}
flow:
  - startEvent: begun
  - userTask: act
    lane: clerk
    priority: urgent
  - endEvent: done
";

#[tokio::test]
async fn what_presses_comes_before_what_is_due() -> Tested {
    on_each(async |desk: Desk| {
        let mut bundle = office::bundle();
        bundle.files.insert("workflows/trials/pressing/process.yaml".to_owned(), PRESSING.to_owned());
        desk.store.deploy(&bundle).await?;
        desk.report("c1", "讲经").await?;
        let start = Start { process: "pressing".into(), unit: "jia".into(), source: "office".into(), ..Start::default() };
        desk.ask(Actor::System, "p1", "start", Ask::Start(Box::new(start))).await?;
        let todo = desk.store.todo("lin", &Filter::default()).await?;
        assert_eq!(titles(&todo.rows), ["p1", "c1"]);
        assert_eq!(todo.rows.iter().map(|row| row.priority).collect::<Vec<_>>(), [Priority::Urgent, Priority::Normal]);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_copy_is_unread_until_it_is_read() -> Tested {
    on_each(async |desk: Desk| {
        desk.report("c1", "讲经").await?;
        let task = desk.store.tasks_of("c1").await?[0].task;
        let copy = Ask::CopyTo { task, to: vec!["chen".into(), "xu".into()], note: "供参考".into() };
        desk.ask(person("lin"), "c1", "copy", copy).await?;
        let all = Filter::default();
        let mark = desk.store.copied("chen", &all).await?.rows[0].copy.clone().ok_or("it was copied")?;
        assert_eq!((mark.by.as_deref(), mark.read, desk.store.counts("chen").await?.unread), (Some("lin"), None, 1));
        desk.ask(person("chen"), "c1", "read", Ask::MarkRead { no: mark.no }).await?;
        let read = desk.store.copied("chen", &all).await?;
        assert!(read.rows[0].copy.as_ref().is_some_and(|copy| copy.read.is_some()) && read.total == 1, "{read:?}");
        assert_eq!((desk.store.counts("chen").await?.unread, desk.store.counts("xu").await?.unread), (0, 1));
        assert_eq!(desk.store.copied("lin", &all).await?.total, 0);
        desk.store.close().await;
        Ok(())
    })
    .await
}
