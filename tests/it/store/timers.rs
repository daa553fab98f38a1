//! Due timers fire once each, whoever asks how often.

use tongban_adapters::timers::Timers;
use tongban_engine::interpreter::CaseStatus;

use super::{DAY_MS, Desk, Tested, on_each};

#[tokio::test]
async fn what_is_due_fires_once_even_if_two_ask_at_once() -> Tested {
    on_each(async |desk: Desk| {
        let timers = Timers::new(desk.store.clone());
        for no in 0..20 {
            desk.report(&format!("c{no}"), "讲经").await?;
        }
        assert_eq!(timers.tick().await?, 0, "nothing is due yet");
        desk.place.clock.advance(3 * DAY_MS);
        let (one, other) = tokio::join!(timers.tick(), timers.tick());
        assert_eq!(one? + other?, 20, "each case's reminder");
        assert_eq!(desk.store.notices("c7").await?.len(), 2, "the receipt, and one reminder");
        desk.place.clock.advance(30 * DAY_MS);
        assert_eq!(timers.tick().await?, 20, "taken as read");
        assert_eq!(timers.tick().await?, 0);
        let case = desk.store.case("c7").await?.ok_or("the case is there")?.case;
        assert_eq!(case.status, CaseStatus::Ended);
        desk.store.close().await;
        Ok(())
    })
    .await
}
