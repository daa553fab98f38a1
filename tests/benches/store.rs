//! How fast the store carries commands out, without HTTP, beside the raw rate of the same rows in the same batches.
//!
//! One round: cases of a straight process (a report that is started and then acknowledged, with its notices, document,
//! journal, tasks and timers) are driven by many callers through a fresh store; then the rows of the very same batches
//! are written into another fresh database without deciding anything. Rounds of both alternate; medians are printed.
//! An argument such as `sqlite/128` measures that alone.

use std::{sync::Arc, time::Instant};

use serde_json::{Map, Value, json};
use tongban_adapters::{
    config::StoreSettings,
    store::{Store, Tape},
};
use tongban_engine::{
    interpreter::{Actor, Applicant, Ask, Command, LocalNo, Start},
    organisation::{Organisation, Person, Post, Unit},
    text::Text,
    time::Moment,
};
use tongban_tests::{
    office,
    stores::{Database, Place, postgres_url},
};

const ROUNDS: usize = 5;
const CASES: usize = 2_000;
/// 2026-03-09 10:00 in Shanghai.
const AT: Moment = Moment(1_773_021_600_000);

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    for database in [Database::Sqlite, Database::Postgres] {
        if database == Database::Postgres && postgres_url().is_none() {
            println!("PostgreSQL: not measured, TEST_POSTGRES_URL is not set");
            continue;
        }
        for callers in [1, 8, 128] {
            if !chosen(&format!("{database:?}/{callers}").to_lowercase()) {
                continue;
            }
            let cases = if callers == 1 { CASES / 10 } else { CASES };
            let mut rounds: Vec<(f64, f64)> = (0..ROUNDS).map(|_| runtime.block_on(round(database, callers, cases))).collect();
            rounds.sort_by(|a, b| a.0.total_cmp(&b.0));
            let (least, most) = (rounds[0].0, rounds[ROUNDS - 1].0);
            let median = rounds[ROUNDS / 2].0;
            let mut raw: Vec<f64> = rounds.iter().map(|round| round.1).collect();
            let mut ratio: Vec<f64> = rounds.iter().map(|round| round.0 / round.1).collect();
            raw.sort_by(f64::total_cmp);
            ratio.sort_by(f64::total_cmp);
            println!(
                "{database:?}, {callers:>3} callers: {median:>7.0} cases/s ({least:.0}–{most:.0}), {:>7.0} commands/s; raw {:>7.0} cases/s; ratio {:.2} ({:.2}–{:.2})",
                2.0 * median,
                raw[ROUNDS / 2],
                ratio[ROUNDS / 2],
                ratio[0],
                ratio[ROUNDS - 1],
            );
        }
    }
}

/// Whether the command line asks for this measurement; cargo's own flags choose nothing.
fn chosen(name: &str) -> bool {
    let asked: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    asked.is_empty() || asked.iter().any(|asked| asked == name)
}

/// Cases a second through the store, and of its rows written raw.
async fn round(database: Database, callers: usize, cases: usize) -> (f64, f64) {
    let place = Place::fresh(database, AT).await;
    let tape = Tape::default();
    let settings = StoreSettings { tape: Some(tape.clone()), ..place.settings() };
    let keys = tongban_adapters::seal::Keyring::open(&place.folder()).expect("keys");
    let store = Store::open(settings, keys, place.clock.clone()).await.expect("the store opens");
    store.deploy(&office::bundle()).await.expect("the office deploys");
    store.organise(organisation()).await.expect("the organisation is kept");
    let data = Arc::new(application());
    // Local numbers are the same in every case of one process, so one case tells the task's number for all.
    let task = begin(&store, usize::MAX, &data).await;
    let begun = Instant::now();
    let each = (0..callers).map(|caller| {
        let (store, data) = (store.clone(), data.clone());
        tokio::spawn(async move {
            for number in (caller..cases).step_by(callers) {
                carry_through(&store, number, &data, task).await;
            }
        })
    });
    for caller in each.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
    let through = cases as f64 / begun.elapsed().as_secs_f64();
    store.close().await;
    let raw_place = Place::fresh(database, AT).await;
    let replay = tape.replay(&raw_place.settings()).await.expect("a fresh database");
    let begun = Instant::now();
    replay.run().await.expect("the rows are written again");
    (through, cases as f64 / begun.elapsed().as_secs_f64())
}

fn command(number: usize, by: &str, key: &str, ask: Ask) -> Command {
    let case = tongban_adapters::store::case_id_for("bench", &number.to_string());
    Command { case, key: key.to_owned(), actor: Actor::Person(by.to_owned()), at: AT, ask }
}

async fn carry_through(store: &Store, number: usize, data: &Map<String, Value>, task: LocalNo) {
    store.submit(command(number, "shen", "start", Ask::Start(Box::new(start(data))))).await.expect("the report begins");
    let ask = Ask::Complete { task, action: "acknowledge".to_owned(), data: Map::new() };
    store.submit(command(number, "lin", "acknowledge", ask)).await.expect("the report is acknowledged");
}

/// Begins a case and says the number of its open task.
async fn begin(store: &Store, number: usize, data: &Map<String, Value>) -> LocalNo {
    let answer = store.submit(command(number, "shen", "start", Ask::Start(Box::new(start(data))))).await.expect("the report begins");
    let opened = store.case(&answer.case).await.expect("the case is read").expect("the case is there");
    *opened.case.tasks.keys().next().expect("an open task")
}

fn start(data: &Map<String, Value>) -> Start {
    let applicant = Applicant {
        name: "示范寺".to_owned(),
        person: Some("shen".to_owned()),
        unit: Some("temple".to_owned()),
        subject: None,
        mail: None,
    };
    Start {
        at: None,
        caller: None,
        process: "activity-report".to_owned(),
        message: None,
        unit: "jia".to_owned(),
        applicant,
        application_no: None,
        source: "portal".to_owned(),
        received_at: AT,
        data: data.clone(),
        materials: Vec::new(),
    }
}

fn organisation() -> Organisation {
    let unit = |kind: &str| Unit { name: Text::zh("示范"), kind: kind.to_owned(), parent: None, code: None, items: Vec::new() };
    let person = |name: &str, role: &str, at: &str| Person {
        name: name.to_owned(),
        mail: Some("a@example.test".to_owned()),
        posts: vec![Post { role: role.to_owned(), unit: at.to_owned() }],
        ..Person::default()
    };
    Organisation {
        units: [("jia".to_owned(), unit("district")), ("temple".to_owned(), unit("venue"))].into_iter().collect(),
        people: [("shen".to_owned(), person("申一", "venue-manager", "temple")), ("lin".to_owned(), person("林二", "case-handler", "jia"))]
            .into_iter()
            .collect(),
        ..Organisation::default()
    }
}

/// The application of the scenario that goes straight through.
fn application() -> Map<String, Value> {
    let bundle = office::bundle();
    let text = &bundle.files["workflows/reports/activity/scenarios/acknowledged.yaml"];
    let scenario: tongban_engine::scenario::Scenario = tongban_adapters::yaml::read(text).expect("the scenario reads");
    scenario
        .steps
        .iter()
        .find_map(|step| step.start.as_ref())
        .map_or_else(|| json!({}).as_object().cloned().unwrap_or_default(), |start| start.data.clone())
}
