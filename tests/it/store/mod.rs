//! The store through its own functions, each test on SQLite and on PostgreSQL.

mod accounts;
mod audit;
mod between;
mod canary;
mod lists;
mod migration;
mod operator;
mod outbox;
mod proposals;
mod race;
mod rests;
mod rights;
mod starts;
mod timers;
mod tls;
mod together;
mod vault;
mod verify;

use std::sync::Arc;

use serde_json::{Map, Value};
use tongban_adapters::store::{Answer, Store, SubmitError};
use tongban_engine::{
    interpreter::{Actor, Applicant, Ask, Command, LocalNo, MaterialGiven, Start},
    organisation::Organisation,
    time::Moment,
};
use tongban_tests::{
    office,
    stores::{Database, Place, postgres_url},
};

type Tested = Result<(), Box<dyn std::error::Error>>;

/// 2026-03-09, a Monday, 10:00 in China.
const MONDAY: Moment = Moment(1_773_021_600_000);
const DAY_MS: i64 = 86_400_000;

/// The demonstration office on a store of its own.
#[derive(Clone)]
struct Desk {
    place: Arc<Place>,
    store: Store,
}

/// Runs `test` on every database there is.
async fn on_each<F: Future<Output = Tested>>(test: impl Fn(Desk) -> F) -> Tested {
    test(Desk::open(Database::Sqlite).await?).await?;
    if postgres_url().is_some() {
        test(Desk::open(Database::Postgres).await?).await?;
    }
    Ok(())
}

impl Desk {
    async fn open(database: Database) -> Result<Self, Box<dyn std::error::Error>> {
        let place = Place::fresh(database, MONDAY).await;
        let store = place.open().await;
        let bundle = office::bundle();
        store.deploy(&bundle).await?;
        store.organise(tongban_adapters::yaml::read::<Organisation>(&bundle.files["workflows/demo/organisation.yaml"])?).await?;
        Ok(Self { place: Arc::new(place), store })
    }

    async fn ask(&self, who: Actor, case: &str, key: &str, ask: Ask) -> Result<Answer, SubmitError> {
        let command = Command { case: case.into(), key: key.into(), actor: who, at: self.place.clock_now(), ask };
        self.store.submit(command).await
    }

    /// Feng of the temple reports an activity to the district.
    async fn report(&self, case: &str, title: &str) -> Result<Answer, SubmitError> {
        let mut data = first_data("workflows/reports/activity/scenarios/acknowledged.yaml", "/steps/0/start/data");
        data.insert("activity_title".into(), title.into());
        let start = Start {
            at: None,
            caller: None,
            process: "activity-report".into(),
            message: None,
            unit: "jia".into(),
            applicant: Applicant {
                name: "示范寺".into(),
                person: Some("feng".into()),
                unit: Some("shifan-temple".into()),
                ..Applicant::default()
            },
            application_no: None,
            source: "office".into(),
            received_at: self.place.clock_now(),
            data,
            materials: vec![given("programme")],
        };
        self.ask(person("feng"), case, "start", Ask::Start(Box::new(start))).await
    }

    /// A filing comes in from the platform.
    async fn filing(&self, case: &str) -> Result<Answer, SubmitError> {
        let start = Start {
            at: None,
            caller: None,
            process: "clergy-filing".into(),
            message: Some("one-net.application".into()),
            unit: "jia".into(),
            applicant: Applicant { name: "甲区佛教协会".into(), ..Applicant::default() },
            application_no: Some(format!("A-{case}")),
            source: "one-net".into(),
            received_at: self.place.clock_now(),
            data: first_data("workflows/filings/clergy/scenarios/from_one_net.yaml", "/steps/0/data"),
            materials: vec![given("recognition_proof")],
        };
        self.ask(Actor::Platform("one-net".into()), case, "start", Ask::Start(Box::new(start))).await
    }

    async fn complete(&self, who: &str, case: &str, task: LocalNo, action: &str, data: Value) -> Result<Answer, SubmitError> {
        let data = data.as_object().cloned().unwrap_or_default();
        let ask = Ask::Complete { task, action: action.into(), data };
        self.ask(person(who), case, &format!("complete-{task}"), ask).await
    }
}

fn person(id: &str) -> Actor {
    Actor::Person(id.into())
}

fn given(material: &str) -> MaterialGiven {
    let (file, name, media_type) = ("f1".into(), format!("{material}.pdf"), "application/pdf".into());
    MaterialGiven { material: material.into(), file, name, size: 1, media_type }
}

fn first_data(scenario: &str, pointer: &str) -> Map<String, Value> {
    let scenario: Value = tongban_adapters::yaml::read(&office::bundle().files[scenario]).expect("the scenario reads");
    scenario.pointer(pointer).and_then(Value::as_object).cloned().expect("its first step sends data")
}
