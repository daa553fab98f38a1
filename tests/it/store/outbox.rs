//! What goes out goes in order per case and destination, each item to one claimant at a time.

use tongban_adapters::{outbox::OutboxItem, store::Store};
use tongban_engine::interpreter::{Actor, Ask};

use super::{Desk, Tested, on_each};

const LEASE_MS: i64 = 60_000;
const PLATFORM: &str = "platform:one-net";

async fn claim(store: &Store, except: &[String]) -> Result<Vec<OutboxItem>, tongban_adapters::store::StoreError> {
    let items = store.claim_outbox(100, LEASE_MS, except).await?;
    Ok(items.into_iter().filter(|item| item.destination == PLATFORM).collect())
}

/// A filing that was withdrawn: two statuses for the platform at least.
async fn withdrawn(desk: &Desk, case: &str) -> Tested {
    desk.filing(case).await?;
    let ask = Ask::Deliver { message: "one-net.withdrawal".into(), data: serde_json::Map::new(), materials: Vec::new() };
    desk.ask(Actor::Platform("one-net".into()), case, "withdraw", ask).await?;
    Ok(())
}

#[tokio::test]
async fn the_next_item_goes_only_when_the_one_before_was_delivered() -> Tested {
    on_each(async |desk: Desk| {
        withdrawn(&desk, "c1").await?;
        withdrawn(&desk, "c2").await?;
        let all = desk.store.outbox_of("c1").await?.into_iter().filter(|row| row.destination == PLATFORM).count();
        assert!(all >= 2, "{all}");
        let first = claim(&desk.store, &[]).await?;
        assert_eq!(first.iter().map(|item| item.case.as_str()).collect::<Vec<_>>(), ["c1", "c2"]);
        assert!(claim(&desk.store, &[]).await?.is_empty(), "both are claimed, and hold up what comes after");
        assert!(desk.store.delivered(&first[0]).await?);
        assert!(!desk.store.delivered(&first[0]).await?, "once is enough");
        let next = claim(&desk.store, &[]).await?;
        assert_eq!((next.len(), next[0].case.as_str(), next[0].attempts), (1, "c1", 1));
        assert!((next[0].seq, &next[0].id) > (first[0].seq, &first[0].id));
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_lost_lease_cannot_say_how_it_ended() -> Tested {
    on_each(async |desk: Desk| {
        withdrawn(&desk, "c1").await?;
        let slow = claim(&desk.store, &[]).await?.remove(0);
        desk.place.clock.advance(LEASE_MS);
        let again = claim(&desk.store, &[]).await?.remove(0);
        assert_eq!((&again.id, again.attempts, &again.key), (&slow.id, 2, &slow.key));
        assert!(!desk.store.failed(&slow, "late", None).await? && !desk.store.delivered(&slow).await?);
        assert!(desk.store.delivered(&again).await?);
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_dead_item_stops_its_own_line_until_it_is_sent_again() -> Tested {
    on_each(async |desk: Desk| {
        withdrawn(&desk, "c1").await?;
        let now = desk.place.clock_now();
        assert!(claim(&desk.store, &[PLATFORM.to_owned()]).await?.is_empty(), "a destination may be left alone");
        let item = claim(&desk.store, &[]).await?.remove(0);
        assert!(desk.store.failed(&item, "no answer", Some(now.plus_ms(5_000))).await?);
        assert!(claim(&desk.store, &[]).await?.is_empty(), "not before its time");
        desk.place.clock.advance(5_000);
        let item = claim(&desk.store, &[]).await?.remove(0);
        assert!(desk.store.failed(&item, "refused", None).await?);
        desk.place.clock.advance(LEASE_MS);
        assert!(claim(&desk.store, &[]).await?.is_empty());
        let dead = desk.store.outbox(Some("dead"), 0).await?;
        assert_eq!((dead.total, dead.rows[0].id.as_str(), dead.rows[0].error.as_deref()), (1, item.id.as_str(), Some("refused")));

        assert!(!desk.store.resend("c1:9999:0").await? && !desk.store.resend("nonsense").await?);
        assert!(desk.store.resend(&item.id).await?);
        let again = claim(&desk.store, &[]).await?.remove(0);
        assert_eq!((&again.id, again.attempts, &again.effect), (&item.id, 1, &item.effect));
        desk.store.close().await;
        Ok(())
    })
    .await
}
