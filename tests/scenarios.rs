//! Every scenario of the office, told on the pure engine and on SQLite; the first two of each process on PostgreSQL and on
//! SQLite that is closed and opened again before every command, too: with the same outcome.

use std::{collections::BTreeMap, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use tongban_engine::{
    definition::{Bundle, Office, load_office},
    diagnostic::Severity,
    scenario::{PureWorld, Scenario, World, run},
};
use tongban_tests::{
    office,
    stores::{Database, StoreWorld, postgres_url},
};

fn main() {
    let arguments = Arguments::from_args();
    let bundle = office::bundle();
    let (office, findings) = load_office(&bundle);
    let office = Arc::new(office);
    let errors: Vec<String> = findings
        .iter()
        .filter(|finding| finding.severity == Severity::Error)
        .map(|finding| format!("{} {}: {}", finding.place, finding.code, finding.message))
        .collect();
    let mut trials =
        vec![Trial::test("the office has no errors", move || if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").into()) })];
    let bundle = Arc::new(bundle);
    let mut seen = BTreeMap::new();
    for path in office::scenarios() {
        let folder = path.rsplit_once("/scenarios/").map(|(folder, _)| folder.to_owned()).unwrap_or_default();
        let nth: &mut usize = seen.entry(folder).or_default();
        *nth += 1;
        let mut add = |way: Way| {
            let (bundle, office, path) = (bundle.clone(), office.clone(), path.clone());
            let trial = Trial::test(format!("{}: {path}", way.word()), move || check(&bundle, &path, &office, way));
            trials.push(trial.with_ignored_flag(way == Way::Postgres && postgres_url().is_none()));
        };
        add(Way::Pure);
        add(Way::Sqlite);
        if *nth <= OFTEN {
            add(Way::Reopened);
            add(Way::Postgres);
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Scenarios of each process that are told in every way.
const OFTEN: usize = 2;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Pure,
    Sqlite,
    Reopened,
    Postgres,
}

impl Way {
    fn word(self) -> &'static str {
        match self {
            Self::Pure => "pure",
            Self::Sqlite => "sqlite",
            Self::Reopened => "reopened",
            Self::Postgres => "postgres",
        }
    }
}

fn check(bundle: &Bundle, path: &str, office: &Office, way: Way) -> Result<(), Failed> {
    let scenario: Scenario = tongban_adapters::yaml::read(&bundle.files[path]).map_err(|error| error.to_string())?;
    let tell =
        |world: &mut dyn World| run(&scenario, &office.definitions, world).map(drop).map_err(|failure| Failed::from(failure.to_string()));
    let mut world = match way {
        Way::Pure => return tell(&mut PureWorld::new(office.definitions.values().cloned())),
        Way::Sqlite => StoreWorld::new(Database::Sqlite, bundle, false),
        Way::Reopened => StoreWorld::new(Database::Sqlite, bundle, true),
        Way::Postgres => StoreWorld::new(Database::Postgres, bundle, false),
    };
    tell(&mut world)?;
    // Whatever the story, every journal must hold, and make its case again.
    let faults = world.faults();
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n").into()) }
}
