//! Lists hold exactly what the person may see, in the order of urgency, and counts agree with them.

use serde_json::json;
use tongban_adapters::store::{Filter, TaskRow};
use tongban_engine::interpreter::Ask;

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
