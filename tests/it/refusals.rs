//! Refusals that no page and no scenario can bring about: what an edge asks wrongly is refused with its code, and nothing happens.

use serde_json::Value;
use tongban_adapters::store::{Store, SubmitError};
use tongban_engine::{
    interpreter::{Actor, Applicant, Ask, Command, MaterialGiven, Start, codes},
    organisation::Organisation,
    time::Moment,
};
use tongban_tests::{
    office,
    stores::{Database, Place},
};

const NOON: Moment = Moment(1_790_000_000_000);

fn command(case: &str, ask: Ask) -> Command {
    let key = format!("{case}-{ask:?}");
    Command { case: case.into(), key, actor: Actor::Platform("one-net".into()), at: NOON, ask }
}

/// A start whose data is what the scenario of such a filing sends.
fn start(process: &str, message: &str) -> Ask {
    let scenario = &office::bundle().files["workflows/filings/clergy/scenarios/from_one_net.yaml"];
    let scenario: Value = tongban_adapters::yaml::read(scenario).expect("the scenario reads");
    let data = scenario["steps"][0]["data"].as_object().cloned().expect("its first step sends data");
    let (material, media_type) = ("recognition_proof".into(), "application/pdf".into());
    let proof = MaterialGiven { material, file: "f1".into(), name: "proof.pdf".into(), media_type, size: 1 };
    Ask::Start(Box::new(Start {
        at: None,
        caller: None,
        process: process.into(),
        message: Some(message.into()),
        unit: "jia".into(),
        applicant: Applicant { name: "甲区佛教协会".into(), ..Applicant::default() },
        application_no: Some("A1".into()),
        source: "one-net".into(),
        received_at: NOON,
        data,
        materials: vec![proof],
    }))
}

async fn refused(store: &Store, command: Command) -> Result<String, String> {
    match store.submit(command).await {
        Err(SubmitError::Rejected(rejection)) => Ok(rejection.code),
        other => Err(format!("{other:?}")),
    }
}

#[tokio::test]
async fn what_is_asked_wrongly_is_refused_by_code() -> Result<(), Box<dyn std::error::Error>> {
    let place = Place::fresh(Database::Sqlite, NOON).await;
    let store = place.open().await;
    let bundle = office::bundle();
    store.deploy(&bundle).await?;
    store.organise(tongban_adapters::yaml::read::<Organisation>(&bundle.files["workflows/demo/organisation.yaml"])?).await?;

    assert_eq!(refused(&store, command("c1", start("no-such-process", "one-net.application"))).await?, codes::PROCESS_UNKNOWN);
    assert_eq!(refused(&store, command("c1", start("clergy-filing", "one-net.rumour"))).await?, codes::START_NOT_OFFERED);
    assert!(store.case("c1").await?.is_none(), "a refused start leaves nothing behind");

    store.submit(command("c1", start("clergy-filing", "one-net.application"))).await?;
    let case = store.case("c1").await?.ok_or("the case was started")?.case;
    let timer = *case.timers.keys().next().ok_or("the check of the materials has a reminder")?;
    let early = Command { actor: Actor::System, ..command("c1", Ask::FireTimer { timer }) };
    assert_eq!(refused(&store, early).await?, codes::NOT_DUE);
    assert_eq!(store.case("c1").await?.ok_or("the case is there")?.case, case);
    store.close().await;
    Ok(())
}
