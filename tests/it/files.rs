//! Attachments and the scanner: what it finds is never kept, and while it does not answer, what came opens to nobody.
//!
//! The daemon is real where `TEST_CLAMD` names one (`tests/clamav/with`); it knows one signature, made for these tests.

use std::{
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use tokio::net::TcpListener;
use tongban_adapters::{
    config::StoreSettings,
    files::{Clamd, Content, FileError, FileState, Named, Scanner, Scanning, Verdict},
    housekeeping::Housekeeping,
    store::Store,
};
use tongban_engine::{interpreter::MaterialGiven, time::Moment};
use tongban_tests::{
    office::{files_below, root},
    stores::{Database, Place},
};

type Tested = Result<(), Box<dyn std::error::Error>>;

const CLEAN: &[u8] = b"%PDF-1.7\na harmless statement\n";
const DAY_MS: i64 = 86_400_000;

/// Where the daemon of these tests is; None: it was not started, and the test says so.
pub(crate) fn clamd() -> Option<Clamd> {
    let named = std::env::var("TEST_CLAMD").ok().filter(|address| !address.is_empty());
    if named.is_none() {
        eprintln!("TEST_CLAMD is not set: nothing was asked of a real clamd (tests/clamav/with COMMAND)");
    }
    named.map(|address| address.parse().expect("TEST_CLAMD is an address"))
}

/// A document in which the daemon finds the signature of these tests.
pub(crate) fn infected() -> Vec<u8> {
    let signature = std::fs::read_to_string(root().join("tests/clamav/signature")).expect("the signature is there");
    format!("%PDF-1.7\n{}\n", signature.trim_end()).into_bytes()
}

struct Desk {
    place: Place,
    store: Store,
}

impl Desk {
    async fn open(scanner: Option<Arc<dyn Scanner>>) -> Self {
        let place = Place::fresh(Database::Sqlite, Moment(DAY_MS)).await;
        let store = place.open_with(|settings| StoreSettings { scanner, scan_patience: Duration::from_secs(30), ..settings }).await;
        Self { place, store }
    }

    /// The same data under another scanner, as after a restart.
    async fn again(self, change: impl FnOnce(StoreSettings) -> StoreSettings) -> Self {
        self.store.close().await;
        let store = self.place.open_with(change).await;
        Self { place: self.place, store }
    }

    async fn hand_in(&self, content: &[u8]) -> Result<MaterialGiven, FileError> {
        let mut incoming = self.store.incoming().await?;
        incoming.push(content)?;
        let named = Named { material: "proof", name: "说明.pdf", declared: None, accept: &[], by: "feng" };
        self.store.keep_file(&named, incoming.finish()?).await
    }

    async fn state(&self, given: &MaterialGiven) -> Option<FileState> {
        self.store.file_states([given.file.as_str()].into_iter()).await.ok()?.get(&given.file).copied()
    }

    async fn opens(&self, given: &MaterialGiven) -> bool {
        matches!(self.store.file(&given.file).await, Ok(Some(_)))
    }

    fn sealed(&self) -> Vec<PathBuf> {
        files_below(&self.place.folder().join("files"))
    }
}

/// Says always the same.
#[derive(Debug)]
pub(crate) struct Always(pub(crate) Verdict);

impl Scanner for Always {
    fn scan(&self, _: Content) -> Scanning<'_> {
        Box::pin(async { Ok(self.0.clone()) })
    }
}

/// A clamd that a test may kill, as dropping it does.
struct Daemon {
    process: Child,
    /// What it says; a daemon whose words nobody takes any more might end by itself.
    _says: BufReader<ChildStdout>,
}

impl Daemon {
    fn start(folder: &Path) -> std::io::Result<Self> {
        let mut process = Command::new(root().join("tests/clamav/daemon")).arg(folder).stdout(Stdio::piped()).spawn()?;
        let mut says = BufReader::new(process.stdout.take().ok_or(std::io::ErrorKind::BrokenPipe)?);
        // it says how often it checks itself when it has begun to listen
        let ready = says.by_ref().lines().map_while(Result::ok).any(|line| line.starts_with("Self checking"));
        assert!(ready, "clamd did not begin to listen");
        Ok(Self { process, _says: says })
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[tokio::test]
async fn what_clamd_finds_is_refused_noted_and_not_kept() -> Tested {
    let Some(clamd) = clamd() else { return Ok(()) };
    let desk = Desk::open(Some(Arc::new(clamd))).await;
    let clean = desk.hand_in(CLEAN).await?;
    assert_eq!((desk.state(&clean).await, desk.opens(&clean).await), (Some(FileState::Clean), true));
    let before = desk.sealed();
    let refused = desk.hand_in(&infected()).await;
    assert!(matches!(&refused, Err(FileError::Infected { signature }) if signature.contains("Tongban.Test")), "{refused:?}");
    assert_eq!(desk.sealed(), before, "nothing of it rests");
    let noted = desk.store.audit_after(0, 10).await?;
    let deed = noted.iter().map(|row| &row.deed).find(|deed| deed.deed == "file.refused").ok_or("it is noted")?;
    assert_eq!((deed.actor.as_str(), deed.kind.as_str()), ("feng", "file"));
    Ok(())
}

#[tokio::test]
async fn a_daemon_that_was_killed_opens_nothing_and_scans_when_it_is_back() -> Tested {
    if clamd().is_none() {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let daemon = Daemon::start(folder.path())?;
    let desk = Desk::open(Some(Arc::new(Clamd::Unix(folder.path().join("clamd.sock"))))).await;
    drop(daemon);
    let (clean, bad) = (desk.hand_in(CLEAN).await?, desk.hand_in(&infected()).await?);
    for given in [&clean, &bad] {
        assert!(matches!(desk.store.file(&given.file).await, Err(FileError::Held(FileState::Waiting))));
    }
    let chores = Housekeeping::new(desk.store.clone())?;
    assert_eq!(chores.scan().await?, 0, "still away");
    let backlog = desk.store.scan_backlog().await?.ok_or("operators are told")?;
    assert!(backlog.files == 2 && backlog.why.contains("cannot be reached"), "{backlog:?}");

    let _daemon = Daemon::start(folder.path())?;
    desk.place.clock.set(Moment(2 * DAY_MS));
    assert_eq!(chores.scan().await?, 2);
    assert_eq!((desk.state(&clean).await, desk.opens(&clean).await), (Some(FileState::Clean), true));
    assert!(matches!(desk.store.file(&bad.file).await, Err(FileError::Held(FileState::Infected))));
    assert_eq!(desk.sealed().len(), 1, "the infected content is destroyed");
    assert!(desk.store.audit_after(0, 10).await?.iter().any(|row| row.deed.deed == "file.quarantined" && row.deed.about == bad.file));
    assert_eq!(desk.store.scan_backlog().await?, None);
    Ok(())
}

#[tokio::test]
async fn a_slow_daemon_keeps_nobody_waiting_and_opens_nothing() -> Tested {
    let silent = TcpListener::bind("127.0.0.1:0").await?;
    let clamd = Clamd::Tcp(silent.local_addr()?.to_string());
    let desk = Desk::open(None).await;
    let patience = Duration::from_millis(20);
    let desk = desk.again(|settings| StoreSettings { scanner: Some(Arc::new(clamd)), scan_patience: patience, ..settings }).await;
    let given = desk.hand_in(CLEAN).await?;
    assert!(matches!(desk.store.file(&given.file).await, Err(FileError::Held(FileState::Waiting))));
    Ok(())
}

#[tokio::test]
async fn what_came_before_there_was_a_scanner_opens_only_after_it_was_scanned() -> Tested {
    let desk = Desk::open(None).await;
    let given = desk.hand_in(CLEAN).await?;
    assert_eq!((desk.state(&given).await, desk.opens(&given).await), (Some(FileState::Unscanned), true), "there is no scanner");
    let desk = desk.again(|settings| StoreSettings { hold_unscanned: true, ..settings }).await;
    assert!(!desk.opens(&given).await, "the office holds what was not scanned");
    let scanner = |verdict| move |settings| StoreSettings { scanner: Some(Arc::new(Always(verdict))), ..settings };
    let desk = desk.again(scanner(Verdict::Clean)).await;
    assert!(!desk.opens(&given).await);
    assert_eq!(desk.store.scan_waiting().await?, 1);
    assert!(desk.opens(&given).await);

    // newer signatures: the same content is handed in again, and found
    let desk = desk.again(scanner(Verdict::Infected("New.Signature".to_owned()))).await;
    assert!(matches!(desk.hand_in(CLEAN).await, Err(FileError::Infected { .. })));
    assert!(matches!(desk.store.file(&given.file).await, Err(FileError::Held(FileState::Infected))));
    assert_eq!(desk.sealed(), Vec::<PathBuf>::new());

    // and found to have been a mistake
    let desk = desk.again(scanner(Verdict::Clean)).await;
    desk.hand_in(CLEAN).await?;
    let kept = desk.store.file(&given.file).await?.ok_or("it is kept again")?;
    assert_eq!(kept.bytes().await?, CLEAN);
    Ok(())
}
