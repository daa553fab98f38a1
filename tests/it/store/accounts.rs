//! Log-ins: who knows the password gets a session; who guesses waits; a code counts once; what was done is in the audit.

use std::{collections::BTreeSet, sync::Arc};

use tongban_adapters::{
    accounts::{Awaited, LoginError, Origin, PasswordFault, Passwords},
    clock::{Clock, DrivenClock},
    seal::Keyring,
    store::Store,
};
use tongban_engine::time::Moment;
use totp_rs::{Builder, Secret, Totp};

use super::{DAY_MS, Desk, Tested, on_each};

const FIRST: &str = "first-password";
const SECOND: &str = "Otter violin granite 7";
const MINUTE_MS: i64 = 60_000;

/// An office's own network, by its last byte.
fn from(last: u8) -> Origin {
    Origin::new(Some([192, 0, 2, last].into()), "Mozilla/5.0 Firefox/140.0")
}

/// The same place under another profile.
async fn under(desk: &Desk, passwords: Passwords) -> Result<Store, Box<dyn std::error::Error>> {
    desk.store.close().await;
    let settings = tongban_adapters::config::StoreSettings { passwords, ..desk.place.settings() };
    Ok(Store::open(settings, Keyring::open(&desk.place.folder())?, desk.place.clock.clone()).await?)
}

/// Enrols what was offered; gives back the telephone, the recovery codes and the session's new token.
async fn enrolled(store: &Store, person: &str, token: &str) -> Result<(Totp, Vec<String>, String), Box<dyn std::error::Error>> {
    store.offer_factor(person).await?;
    let offer = store.offered_factor(person, "林", "通办").await?.ok_or("nothing was offered")?;
    let telephone = Builder::new().with_secret(Secret::try_from_base32(&*offer.secret)?).with_account_name("lin").build()?;
    let (codes, token) = store.enrol_factor(token, &code(&telephone, store), &from(1)).await?;
    Ok((telephone, codes, token))
}

/// What the telephone shows.
fn code(telephone: &Totp, store: &Store) -> String {
    telephone.generate(store.clock().now().0.unsigned_abs() / 1000).to_string()
}

#[tokio::test]
async fn a_session_ends_with_log_out_and_with_a_new_password() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", FIRST, true).await?;
        assert!(store.has_account("lin").await? && !store.has_account("nobody").await?);
        let (session, token) = store.log_in("lin", FIRST, &from(1)).await?;
        assert!(session.awaits == Some(Awaited::NewPassword) && session.person == "lin" && session.csrf != token);
        assert_eq!(store.session(&token).await?, Some(session));
        assert_eq!(store.session("guessed").await?, None);
        let (_, elsewhere) = store.log_in("lin", FIRST, &from(2)).await?;
        let seen: Vec<(String, String)> =
            store.sessions_of("lin").await?.into_iter().map(|session| (session.address, session.browser)).collect();
        assert!(seen.contains(&("192.0.2.1".into(), "Firefox".into())) && seen.len() == 2, "{seen:?}");

        for (old, new) in [(FIRST, "short"), (FIRST, FIRST), (FIRST, "password1234"), ("wrong", SECOND)] {
            assert!(store.change_password(&token, old, new, &from(1)).await.is_err(), "{old} {new}");
        }
        let changed = store.change_password(&token, FIRST, SECOND, &from(1)).await?;
        assert_eq!(store.session(&token).await?, None, "the token is a new one");
        assert!(store.session(&changed).await?.is_some_and(|session| session.awaits.is_none()));
        assert_eq!(store.session(&elsewhere).await?, None, "other sessions end");
        assert!(matches!(store.log_in("lin", FIRST, &from(1)).await, Err(LoginError::Refused)));
        store.log_out(&changed).await?;
        assert_eq!(store.session(&changed).await?, None);
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn guessing_has_to_wait_and_locks_out_nobody_elsewhere() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", FIRST, false).await?;
        for _ in 0..5 {
            assert!(matches!(store.log_in("lin", "guess", &from(66)).await, Err(LoginError::Refused)));
        }
        let Err(LoginError::Delayed(until)) = store.log_in("lin", FIRST, &from(66)).await else { return Err("it has to wait".into()) };
        store.log_in("lin", FIRST, &from(1)).await?;
        desk.place.clock.set(until);
        store.log_in("lin", FIRST, &from(66)).await?;
        assert!(matches!(store.log_in("nobody", "guess", &from(1)).await, Err(LoginError::Refused)));

        let (mut refused, mut delayed) = (0, 0);
        for attempt in 0..22 {
            match store.log_in(&format!("nobody-{attempt}"), "guess", &from(77)).await {
                Err(LoginError::Refused) => refused += 1,
                Err(LoginError::Delayed(_)) => delayed += 1,
                other => return Err(format!("{other:?}").into()),
            }
        }
        assert_eq!((refused, delayed), (20, 2), "an address has twenty failures a minute, whatever names it tries");
        desk.place.clock.advance(MINUTE_MS);
        store.log_in("lin", FIRST, &from(77)).await?;
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn many_guesses_at_once_are_not_more_than_many_in_a_row() -> Tested {
    on_each(async |desk: Desk| {
        desk.store.set_account("lin", "lin", FIRST, false).await?;
        let mut guesses = tokio::task::JoinSet::new();
        for _ in 0..12 {
            let store = desk.store.clone();
            guesses.spawn(async move { store.log_in("lin", "guess", &from(66)).await.map(drop) });
        }
        let outcomes = guesses.join_all().await;
        let looked_at = outcomes.iter().filter(|outcome| matches!(outcome, Err(LoginError::Refused))).count();
        assert!(looked_at <= 5, "{looked_at} passwords were looked at");
        desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_code_counts_once_and_so_does_a_recovery_code() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", FIRST, false).await?;
        let (_, token) = store.log_in("lin", FIRST, &from(1)).await?;
        let (_, elsewhere) = store.log_in("lin", FIRST, &from(2)).await?;
        store.offer_factor("lin").await?;
        assert!(matches!(store.enrol_factor(&token, "000000", &from(1)).await, Err(LoginError::Refused)));
        assert!(!store.has_factor("lin").await?, "what was only offered is none");
        let (telephone, codes, _) = enrolled(store, "lin", &token).await?;
        assert_eq!((codes.len(), codes.iter().collect::<BTreeSet<_>>().len()), (10, 10));
        assert_eq!(store.session(&elsewhere).await?, None, "who is logged in elsewhere shows the new factor");

        let half = async || store.log_in("lin", FIRST, &from(1)).await;
        let (session, token) = half().await?;
        assert_eq!(session.awaits, Some(Awaited::SecondFactor));
        let used = code(&telephone, store);
        assert!(matches!(store.give_factor(&token, &used, &from(1)).await, Err(LoginError::Refused)), "used for enrolling");
        desk.place.clock.advance(30_000);
        let shown = code(&telephone, store);
        let (session, whole) = store.give_factor(&token, &format!("{} {}", &shown[..3], &shown[3..]), &from(1)).await?;
        assert!(session.awaits.is_none() && whole != token);
        assert_eq!(store.session(&token).await?, None, "the token is a new one");
        assert!(matches!(store.give_factor(&half().await?.1, &shown, &from(1)).await, Err(LoginError::Refused)), "used a moment ago");

        let (_, token) = half().await?;
        let capitals = codes[0].to_uppercase().replace('-', " ");
        store.give_factor(&token, &capitals, &from(1)).await?;
        assert!(matches!(store.give_factor(&half().await?.1, &codes[0], &from(1)).await, Err(LoginError::Refused)));
        assert_eq!(store.recovery_codes("lin").await?, 9);

        // whoever knows the password and has many addresses tries no more codes than this
        let (_, token) = half().await?;
        let mut refused = 0;
        for last in 100..140 {
            refused += u32::from(matches!(store.give_factor(&token, "000000", &from(last)).await, Err(LoginError::Refused)));
        }
        assert_eq!(refused, 27, "with the three before");
        assert!(matches!(store.give_factor(&token, &codes[1], &from(1)).await, Err(LoginError::Delayed(_))));

        store.end_factor("lin", None, "security").await?;
        assert_eq!(store.session(&whole).await?, None);
        assert!(half().await?.0.awaits.is_none());
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn who_showed_who_she_is_long_ago_shows_it_again() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", FIRST, false).await?;
        let (session, token) = store.log_in("lin", FIRST, &from(1)).await?;
        let begun = session.fresh_at;
        desk.place.clock.advance(10 * MINUTE_MS);
        assert!(matches!(store.step_up(&token, "guess", &from(1)).await, Err(LoginError::Refused)));
        let (session, token) = store.step_up(&token, FIRST, &from(1)).await?;
        assert_eq!(session.fresh_at, begun.plus_ms(10 * MINUTE_MS));
        let (telephone, _, token) = enrolled(store, "lin", &token).await?;
        desk.place.clock.advance(MINUTE_MS);
        assert!(matches!(store.step_up(&token, FIRST, &from(1)).await, Err(LoginError::Refused)), "who has a second factor shows that");
        store.step_up(&token, &code(&telephone, store), &from(1)).await?;
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_profile_of_the_third_level_demands_what_its_norm_demands() -> Tested {
    on_each(async |desk: Desk| {
        let store = under(&desk, Passwords::Djcp3).await?;
        store.set_account("lin", "lin", FIRST, true).await?;
        let (_, mut token) = store.log_in("lin", FIRST, &from(1)).await?;
        let mut old = FIRST.to_owned();
        for new in [1, 2, 3, 4, 5].map(|no| format!("Otter violin granite {no}")) {
            token = store.change_password(&token, &old, &new, &from(1)).await?;
            desk.place.clock.advance(1000);
            old = new;
        }
        assert_eq!(store.session(&token).await?.and_then(|session| session.awaits), Some(Awaited::Enrolment));
        let again = store.change_password(&token, &old, "Otter violin granite 1", &from(1)).await;
        assert!(matches!(again, Err(LoginError::Password(PasswordFault::Used))), "{again:?}");
        let simple = store.change_password(&token, &old, "otter violin granite mosaic", &from(1)).await;
        assert!(matches!(simple, Err(LoginError::Password(PasswordFault::Classes))), "{simple:?}");

        let (telephone, _, token) = enrolled(&store, "lin", &token).await?;
        assert!(store.session(&token).await?.is_some_and(|session| session.awaits.is_none()));
        desk.place.clock.advance(90 * DAY_MS);
        let (_, token) = store.log_in("lin", &old, &from(1)).await?;
        let (session, _) = store.give_factor(&token, &code(&telephone, &store), &from(1)).await?;
        assert_eq!(session.awaits, Some(Awaited::NewPassword), "90 days");

        for _ in 0..5 {
            assert!(matches!(store.log_in("lin", "guess", &from(66)).await, Err(LoginError::Refused)));
        }
        let Err(LoginError::Delayed(until)) = store.log_in("lin", &old, &from(66)).await else { return Err("it has to wait".into()) };
        assert_eq!(until, store.clock().now().plus_ms(15 * MINUTE_MS));
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn whoever_left_or_is_shut_out_is_logged_out() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        for person in ["lin", "xu"] {
            store.set_account(person, person, FIRST, false).await?;
        }
        let (_, lin) = store.log_in("lin", FIRST, &from(1)).await?;
        let (_, xu) = store.log_in("xu", FIRST, &from(2)).await?;
        let mut register = (*store.register()).clone();
        register.people.get_mut("lin").ok_or("no lin")?.left = Some(desk.place.clock_now());
        store.organise(register).await?;
        assert_eq!(store.session(&lin).await?, None);
        assert!(store.sessions_of("lin").await?.is_empty());
        assert!(matches!(store.log_in("lin", FIRST, &from(1)).await, Err(LoginError::Refused)));

        store.disable_account("xu", true, "admin").await?;
        assert_eq!(store.session(&xu).await?, None);
        assert!(matches!(store.log_in("xu", FIRST, &from(2)).await, Err(LoginError::Refused)));
        store.disable_account("xu", false, "admin").await?;
        store.log_in("xu", FIRST, &from(2)).await?;
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn the_audit_tells_of_every_log_in_and_of_no_secret() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        store.set_account("lin", "lin", FIRST, false).await?;
        let _ = store.log_in("lin", "a wrong guess", &from(66)).await;
        let _ = store.log_in("typed-my-password-here", FIRST, &from(66)).await;
        let (_, token) = store.log_in("lin", FIRST, &from(1)).await?;
        let token = store.change_password(&token, FIRST, SECOND, &from(1)).await?;
        let (telephone, codes, token) = enrolled(store, "lin", &token).await?;
        desk.place.clock.advance(MINUTE_MS);
        let shown = code(&telephone, store);
        let (_, token) = store.step_up(&token, &shown, &from(1)).await?;
        store.end_factor("lin", Some(&token), "lin").await?;
        store.log_out(&token).await?;
        let mut noted = store.audit_after(0, 100).await?;
        noted.retain(|row| !matches!(row.deed.deed.as_str(), "process.deployed" | "register.set"));
        let words: Vec<&str> = noted.iter().map(|row| row.deed.deed.as_str()).collect();
        let expected = [
            "password.given",
            "session.refused",
            "session.refused",
            "session.begun",
            "password.changed",
            "factor.enrolled",
            "session.stepped-up",
            "factor.ended",
            "session.ended",
        ];
        assert_eq!(words, expected);
        let whole = format!("{noted:?}");
        for secret in [FIRST, SECOND, "a wrong guess", "typed-my-password-here", shown.as_str(), codes[0].as_str(), token.as_str()] {
            assert!(!whole.contains(secret), "{secret}");
        }
        assert!(noted[1].deed.after.as_ref().is_some_and(|after| after.contains("192.0.2.66")) && noted[1].deed.about == "lin");
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
    on_each(async |desk: Desk| {
        desk.store.close().await;
        let clock = Arc::new(Running(DrivenClock::at(super::MONDAY)));
        let store = Store::open(desk.place.settings(), Keyring::open(&desk.place.folder())?, clock.clone()).await?;
        for person in ["lin", "guan"] {
            store.set_account(person, person, FIRST, false).await?;
        }
        let (_, idle) = store.log_in("lin", FIRST, &from(1)).await?;
        let (_, used) = store.log_in("lin", FIRST, &from(2)).await?;
        let (_, administrator) = store.log_in("guan", FIRST, &from(3)).await?;
        clock.0.advance(10 * MINUTE_MS);
        assert!(store.session(&used).await?.is_some());
        assert!(store.session(&administrator).await?.is_some());
        clock.0.advance(12 * MINUTE_MS);
        assert!(store.session(&used).await?.is_some());
        assert_eq!(store.session(&administrator).await?, None, "12 minutes unused, for who keeps people");
        assert_eq!(store.session(&idle).await?, None, "22 minutes unused");
        for _ in 0..57 {
            assert!(store.session(&used).await?.is_some());
            clock.0.advance(10 * MINUTE_MS);
        }
        clock.0.advance(10 * MINUTE_MS);
        assert_eq!(store.session(&used).await?, None, "ten hours");
        assert!(store.sessions_of("lin").await?.is_empty());
        store.close().await;
        Ok(())
    })
    .await
}
