//! Two-person rules: nothing sensitive takes effect by the hand of one administrator alone.

use tongban_adapters::store::{Change, ProposalError, RegisterError, Verdict};
use tongban_engine::organisation::{Post, RegisterChange, Tenure};

use super::{DAY_MS, Desk, Tested, on_each};

/// Somebody gets a post at jia, as it is proposed on the register as it stands.
fn promotion(desk: &Desk, role: &str, person: &str) -> Change {
    let tenure = Tenure { post: Post { role: role.into(), unit: "jia".into() }, ..Tenure::default() };
    let changes = vec![RegisterChange::GivePost { person: person.into(), tenure }];
    Change::Register { version: desk.store.registered().0, changes }
}

fn is_director(desk: &Desk) -> bool {
    desk.store.organisation().holds("lin", "director", "jia")
}

async fn deeds(desk: &Desk) -> Result<Vec<String>, Box<dyn std::error::Error>> {
    let all = desk.store.audit_after(0, 10_000).await?;
    let told = all.into_iter().map(|row| row.deed).filter(|deed| deed.actor != "system" || deed.kind == "proposal");
    Ok(told.map(|deed| format!("{} {}", deed.actor, deed.deed)).collect())
}

#[tokio::test]
async fn a_change_takes_effect_when_the_second_administrator_agrees() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let id = store.propose(promotion(&desk, "director", "lin"), "接替", "guan").await?;
        assert!(!is_director(&desk));
        assert_eq!(store.proposals_waiting().await?.len(), 1);
        for (who, because) in [("guan", "who proposed"), ("shen", "a duty"), ("lin", "a duty"), ("bao", "")] {
            let decided = store.decide_proposal(&id, who, Verdict::Approved, "").await;
            match decided {
                Ok(()) => assert_eq!(because, "", "{who}"),
                Err(ProposalError::SamePerson) => assert_eq!(because, "who proposed", "{who}"),
                Err(ProposalError::NotEntitled(duty)) => assert_eq!((because, duty.as_str()), ("a duty", "grants"), "{who}"),
                Err(error) => return Err(error.into()),
            }
        }
        assert!(is_director(&desk));
        let told = deeds(&desk).await?;
        assert_eq!(told, ["guan proposal.made", "bao proposal.approved", "bao post.given"]);
        let again = store.decide_proposal(&id, "bao", Verdict::Refused, "不").await;
        assert!(matches!(again, Err(ProposalError::Closed)));
        let decided = store.proposals_decided().await?;
        let decision = decided[0].decision.as_ref().ok_or("decided")?;
        assert_eq!((decision.verdict, decision.by.as_str()), (Verdict::Approved, "bao"));
        // what is in force is what the next start reads
        store.close().await;
        let again = desk.place.open().await;
        assert!(again.organisation().holds("lin", "director", "jia"));
        assert_eq!(again.verify().await?.faults, []);
        again.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_refused_withdrawn_or_late_changes_nothing() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let propose = async || store.propose(promotion(&desk, "director", "lin"), "接替", "guan").await;
        let refused = propose().await?;
        let reasonless = store.decide_proposal(&refused, "bao", Verdict::Refused, " ").await;
        assert!(matches!(reasonless, Err(ProposalError::ReasonNeeded)));
        store.decide_proposal(&refused, "bao", Verdict::Refused, "无编制").await?;
        let withdrawn = propose().await?;
        assert!(matches!(store.decide_proposal(&withdrawn, "bao", Verdict::Withdrawn, "").await, Err(ProposalError::SamePerson)));
        store.decide_proposal(&withdrawn, "guan", Verdict::Withdrawn, "").await?;
        let late = propose().await?;
        desk.place.clock.advance(7 * DAY_MS);
        assert!(matches!(store.decide_proposal(&late, "bao", Verdict::Approved, "").await, Err(ProposalError::Closed)));
        assert_eq!(store.proposals_waiting().await?, []);
        tongban_adapters::housekeeping::Housekeeping::new(store.clone())?.forget().await?;
        assert_eq!(deeds(&desk).await?.last().map(String::as_str), Some("system proposal.expired"));
        assert!(!is_director(&desk));
        assert!(matches!(store.propose(promotion(&desk, "director", "lin"), "", "guan").await, Err(ProposalError::ReasonNeeded)));
        for stranger in ["shen", "lin", "nobody"] {
            let proposed = store.propose(promotion(&desk, "director", "lin"), "x", stranger).await;
            assert!(matches!(proposed, Err(ProposalError::NotEntitled(_))), "{stranger}");
        }
        let nobody = store.propose(promotion(&desk, "director", "nobody"), "x", "guan").await;
        assert!(matches!(nobody, Err(ProposalError::Register(RegisterError::Faults(_)))));
        let nothing = Change::Register { version: desk.store.registered().0, changes: Vec::new() };
        assert!(matches!(store.propose(nothing, "x", "guan").await, Err(ProposalError::NothingChanges)));
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_was_proposed_on_an_older_register_is_refused_and_nothing_of_it_is_written() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let first = store.propose(promotion(&desk, "director", "lin"), "接替", "guan").await?;
        let second = store.propose(promotion(&desk, "hearing-officer", "lin"), "接替", "guan").await?;
        store.decide_proposal(&first, "bao", Verdict::Approved, "").await?;
        let late = store.decide_proposal(&second, "bao", Verdict::Approved, "").await;
        assert!(matches!(late, Err(ProposalError::Register(RegisterError::Stale(_)))));
        assert_eq!(store.proposals_waiting().await?.len(), 1, "it can still be withdrawn");
        assert!(!store.organisation().holds("lin", "hearing-officer", "jia"));
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn either_of_the_two_proposes_and_the_other_decides() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let id = store.propose(promotion(&desk, "director", "lin"), "接替", "bao").await?;
        assert!(matches!(store.decide_proposal(&id, "bao", Verdict::Approved, "").await, Err(ProposalError::SamePerson)));
        store.decide_proposal(&id, "guan", Verdict::Approved, "").await?;
        assert!(is_director(&desk));
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn nobody_becomes_two_of_the_three_nor_raises_herself() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let proposed = store.propose(promotion(&desk, "security-officer", "shen"), "兼任", "guan").await;
        let Err(ProposalError::Register(RegisterError::Faults(faults))) = proposed else { return Err("it is refused".into()) };
        assert_eq!((faults[0].path.as_str(), faults[0].code), ("changes.0.role", "duties-apart"));
        assert!(matches!(store.propose(promotion(&desk, "director", "guan"), "x", "guan").await, Err(ProposalError::SamePerson)));
        let own = store.propose(promotion(&desk, "director", "bao"), "x", "guan").await?;
        assert!(matches!(store.decide_proposal(&own, "bao", Verdict::Approved, "").await, Err(ProposalError::SamePerson)));
        let last = RegisterChange::Leave { person: "shen".into(), at: store.clock().now() };
        let last = store.propose(Change::Register { version: store.registered().0, changes: vec![last] }, "x", "guan").await;
        let Err(ProposalError::Register(RegisterError::Faults(faults))) = last else { return Err("somebody must audit".into()) };
        assert_eq!(faults[0].code, "last-administrator");
        store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn two_of_the_three_give_the_duty_of_the_third_for_an_hour() -> Tested {
    on_each(async |desk: Desk| {
        let store = &desk.store;
        let emergency = |person: &str| Change::Emergency { person: person.into(), duty: "grants".into() };
        assert!(matches!(store.propose(emergency("lin"), "联系不上", "lin").await, Err(ProposalError::NotEntitled(_))));
        assert!(matches!(store.propose(emergency("guan"), "联系不上", "guan").await, Err(ProposalError::SamePerson)));
        let two = store.propose(emergency("shen"), "联系不上", "guan").await;
        assert!(matches!(two, Err(ProposalError::Register(RegisterError::Faults(_)))), "she would be two of the three");
        let id = store.propose(emergency("lin"), "联系不上", "guan").await?;
        assert!(matches!(store.decide_proposal(&id, "lin", Verdict::Approved, "").await, Err(ProposalError::NotEntitled(_))));
        assert!(!store.has_duty("lin", "grants") && store.emergencies().is_empty());
        desk.place.clock.advance(60_000);
        store.decide_proposal(&id, "shen", Verdict::Approved, "").await?;
        assert!(store.has_duty("lin", "grants"));
        let now = store.emergencies();
        assert_eq!((now[0].person.as_str(), now[0].until), ("lin", store.clock().now().plus_ms(3_600_000)));
        assert!(deeds(&desk).await?.ends_with(&["shen post.given".to_owned(), "shen emergency.begun".to_owned()]));
        desk.place.clock.advance(3_600_000);
        assert!(!store.has_duty("lin", "grants") && store.emergencies().is_empty());
        store.close().await;
        Ok(())
    })
    .await
}
