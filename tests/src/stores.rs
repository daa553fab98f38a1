//! Real stores to test on: SQLite in a folder of its own, and fresh databases on the PostgreSQL server that
//! `TEST_POSTGRES_URL` names; and a store as a world to tell scenarios in.

use std::{collections::BTreeSet, path::PathBuf, sync::Arc};

use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tongban_adapters::{
    clock::{Clock, DrivenClock},
    config::StoreSettings,
    seal::Keyring,
    store::{Store, SubmitError},
};
use tongban_engine::{
    definition::Bundle,
    interpreter::{Case, CaseId, Command, Event, LocalNo, Rejection},
    organisation::Organisation,
    scenario::World,
    text::Text,
    time::Moment,
};

/// Which database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Database {
    /// SQLite in a temporary folder.
    Sqlite,
    /// A fresh database on the test server.
    Postgres,
}

/// The test server's address; None: there is none, and tests on it say that they were not run.
pub fn postgres_url() -> Option<String> {
    std::env::var("TEST_POSTGRES_URL").ok().filter(|url| !url.is_empty())
}

/// A place for a store: a folder, and an address in it or on the server.
#[derive(Debug)]
pub struct Place {
    folder: TempDir,
    url: Option<String>,
    /// The clock its stores are given.
    pub clock: Arc<DrivenClock>,
}

impl Place {
    /// A fresh, empty place.
    ///
    /// # Panics
    /// If there is no temporary folder, or the server makes no database.
    pub async fn fresh(database: Database, at: Moment) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let url = match database {
            Database::Sqlite => None,
            Database::Postgres => Some(fresh_database(&postgres_url().expect("TEST_POSTGRES_URL is set")).await),
        };
        Self { folder, url, clock: Arc::new(DrivenClock::at(at)) }
    }

    /// The folder of its files.
    pub fn folder(&self) -> PathBuf {
        self.folder.path().to_path_buf()
    }

    /// Settings of a store here.
    pub fn settings(&self) -> StoreSettings {
        match &self.url {
            None => StoreSettings::embedded(self.folder.path()),
            Some(url) => StoreSettings::postgres(url, self.folder.path()),
        }
    }

    /// What its clock shows.
    pub fn clock_now(&self) -> Moment {
        self.clock.now()
    }

    /// Opens a store here.
    ///
    /// # Panics
    /// If it does not open.
    pub async fn open(&self) -> Store {
        self.open_with(|settings| settings).await
    }

    /// Opens a store here under changed settings.
    ///
    /// # Panics
    /// If it does not open.
    pub async fn open_with(&self, change: impl FnOnce(StoreSettings) -> StoreSettings) -> Store {
        let keys = Keyring::open(self.folder.path()).expect("the key file opens");
        Store::open(change(self.settings()), keys, self.clock.clone()).await.expect("the store opens")
    }
}

async fn fresh_database(server: &str) -> String {
    let name = format!("t{}", fresh_number());
    let mut connection = PgConnection::connect(server).await.expect("the test server answers");
    let sql = format!("CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'");
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.expect("the test server makes a database");
    let (rest, query) = server.split_once('?').map_or((server, String::new()), |(rest, query)| (rest, format!("?{query}")));
    let base = rest.rsplit_once('/').map_or(rest, |(base, _)| base);
    format!("{base}/{name}{query}")
}

/// A number that no other test of this machine uses now.
fn fresh_number() -> u128 {
    use std::{
        sync::atomic::{AtomicU64, Ordering},
        time::{SystemTime, UNIX_EPOCH},
    };
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    nanos * 1_000 + u128::from(NEXT.fetch_add(1, Ordering::Relaxed)) + u128::from(std::process::id()) % 1_000
}

/// A store as a world for scenarios.
#[derive(Debug)]
pub struct StoreWorld {
    runtime: Runtime,
    place: Place,
    store: Option<Store>,
    /// Closed and opened again before every command.
    reopened: bool,
    cases: BTreeSet<CaseId>,
}

impl StoreWorld {
    /// A world on a fresh store with `bundle` deployed.
    ///
    /// # Panics
    /// If the store does not open, or the bundle has errors.
    pub fn new(database: Database, bundle: &Bundle, reopened: bool) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (place, store) = runtime.block_on(async {
            let place = Place::fresh(database, Moment(0)).await;
            let store = place.open().await;
            store.deploy(bundle).await.expect("the office deploys");
            (place, store)
        });
        Self { runtime, place, store: Some(store), reopened, cases: BTreeSet::new() }
    }

    fn store(&self) -> Store {
        self.store.clone().expect("the store is open between commands")
    }

    fn reopen(&mut self) {
        if let Some(store) = self.store.take() {
            self.runtime.block_on(store.close());
        }
        self.store = Some(self.runtime.block_on(self.place.open()));
    }
}

impl StoreWorld {
    /// Checks the store against itself: every fault, as text.
    ///
    /// # Panics
    /// If the store fails.
    pub fn faults(&self) -> Vec<String> {
        let found = self.runtime.block_on(self.store().verify()).expect("the store can be checked");
        found.faults.into_iter().map(|fault| format!("{} row {:?} {}", fault.case, fault.seq, fault.what)).collect()
    }
}

impl StoreWorld {
    /// Deploys another office; what is new in it is the latest from now on.
    ///
    /// # Panics
    /// If it has errors, or the store fails.
    pub fn deploy(&mut self, bundle: &Bundle) {
        self.runtime.block_on(self.store().deploy(bundle)).expect("the office deploys");
    }
}

impl World for StoreWorld {
    fn submit(&mut self, command: Command) -> Result<(), Rejection> {
        if self.reopened {
            self.reopen();
        }
        self.place.clock.set(command.at);
        self.cases.insert(command.case.clone());
        match self.runtime.block_on(self.store().submit(command)) {
            Ok(_) => Ok(()),
            Err(SubmitError::Rejected(rejection)) => Err(rejection),
            Err(error) => Err(Rejection::new("store-failed", Text::zh(error.to_string()))),
        }
    }

    fn cases(&mut self) -> Vec<CaseId> {
        self.cases.iter().cloned().collect()
    }

    fn case(&mut self, id: &str) -> Option<Case> {
        self.runtime.block_on(self.store().case(id)).expect("the case can be read").map(|opened| opened.case)
    }

    fn events(&mut self, id: &str) -> Vec<Event> {
        let journal = self.runtime.block_on(self.store().journal(id)).expect("the journal can be read");
        journal.into_iter().flat_map(|row| row.events).collect()
    }

    fn next_due(&mut self, until: Moment) -> Option<(Moment, CaseId, LocalNo)> {
        let ids: Vec<CaseId> = self.cases.iter().cloned().collect();
        let cases: Vec<Case> = ids.iter().filter_map(|id| self.case(id)).collect();
        let timers = cases.iter().flat_map(|case| case.timers.iter().map(move |(no, timer)| (timer.due, case.id.clone(), *no)));
        timers.filter(|(due, ..)| *due <= until).min()
    }

    fn organise(&mut self, organisation: Organisation) {
        self.runtime.block_on(self.store().organise(organisation)).expect("the organisation is kept");
    }
}
