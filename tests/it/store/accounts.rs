//! Log-ins: who knows the password gets a session; who guesses waits.

use std::sync::Arc;

use tongban_adapters::{
    accounts::LoginError,
    clock::{Clock, DrivenClock},
    seal::Keyring,
    store::Store,
};
use tongban_engine::time::Moment;

use super::{Desk, Tested, on_each};

#[tokio::test]
async fn a_session_ends_with_log_out_and_with_a_new_password() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", "first-password", true).await?;
        assert!(store.has_account("lin").await? && !store.has_account("nobody").await?);
        let (session, token) = store.log_in("lin", "first-password").await?;
        assert!(session.must_change && session.person == "lin" && session.csrf != token);
        assert_eq!(store.session(&token).await?, Some(session));
        assert_eq!(store.session("guessed").await?, None);
        let (_, elsewhere) = store.log_in("lin", "first-password").await?;

        for (old, new) in [("first-password", "short"), ("first-password", "first-password"), ("wrong", "second-password")] {
            assert!(store.change_password(&token, old, new).await.is_err(), "{old} {new}");
        }
        store.change_password(&token, "first-password", "second-password").await?;
        assert!(store.session(&token).await?.is_some_and(|session| !session.must_change));
        assert_eq!(store.session(&elsewhere).await?, None, "other sessions end");
        assert!(matches!(store.log_in("lin", "first-password").await, Err(LoginError::Refused)));
        store.log_out(&token).await?;
        assert_eq!(store.session(&token).await?, None);
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn guessing_has_to_wait() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", "first-password", false).await?;
        for _ in 0..5 {
            assert!(matches!(store.log_in("lin", "guess").await, Err(LoginError::Refused)));
        }
        let Err(LoginError::Delayed(until)) = store.log_in("lin", "first-password").await else { return Err("it has to wait".into()) };
        desk.place.clock.set(until);
        store.log_in("lin", "first-password").await?;
        assert!(matches!(store.log_in("nobody", "guess").await, Err(LoginError::Refused)));
        store.close().await;
        Ok(())
    })
    .await
}

/// Turned by hand, but shown as if it ran by itself.
#[derive(Debug)]
struct Running(DrivenClock);

impl Clock for Running {
    fn now(&self) -> Moment {
        self.0.now()
    }
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_after_a_day_of_work() -> Tested {
    const MINUTE_MS: i64 = 60_000;
    on_each(async |desk: Desk| {
        desk.store.close().await;
        let clock = Arc::new(Running(DrivenClock::at(super::MONDAY)));
        let store = Store::open(desk.place.settings(), Keyring::open(&desk.place.folder())?, clock.clone()).await?;
        store.set_account("lin", "lin", "first-password", false).await?;
        let (_, idle) = store.log_in("lin", "first-password").await?;
        let (_, used) = store.log_in("lin", "first-password").await?;
        clock.0.advance(10 * MINUTE_MS);
        assert!(store.session(&used).await?.is_some());
        clock.0.advance(10 * MINUTE_MS);
        assert_eq!(store.session(&idle).await?, None, "20 minutes unused");
        for _ in 0..57 {
            assert!(store.session(&used).await?.is_some());
            clock.0.advance(10 * MINUTE_MS);
        }
        clock.0.advance(10 * MINUTE_MS);
        assert_eq!(store.session(&used).await?, None, "ten hours");
        store.close().await;
        Ok(())
    })
    .await
}
