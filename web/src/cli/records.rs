//! `tongban verify` and `tongban release`: an operator looks after what the store holds. Both may run beside a server.

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use clap::Args;
use tongban_adapters::{
    clock::SystemClock,
    config::StoreSettings,
    seal::{KEY_FILE, Keyring},
    store::{AUDIT, Deed, SYSTEM, Store, Verified},
};
use tongban_engine::text::{Language, Text};

use super::{Spoken, say};

/// Which store.
#[derive(Debug, Args)]
pub struct StoreArgs {
    /// Where data is kept: sqlite://PATH or postgres://…; SQLite in the data folder if absent
    #[arg(long)]
    pub store: Option<String>,
    /// Folder of the database, sealed heads and keys
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// Language of messages
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    pub lang: Spoken,
}

impl StoreArgs {
    /// Opens a store that is there; a mistyped place must not be made, and then be found in order.
    pub(super) async fn open(&self) -> anyhow::Result<Store> {
        let embedded = StoreSettings::embedded(&self.data);
        let settings = StoreSettings { url: self.store.clone().unwrap_or(embedded.url.clone()), ..embedded };
        let mut needed = vec![self.data.join(KEY_FILE)];
        needed.extend(settings.url.strip_prefix("sqlite:").map(|path| PathBuf::from(path.trim_start_matches("//"))));
        if let Some(missing) = needed.iter().find(|path| !path.is_file()) {
            anyhow::bail!("没有 {0}：请用 --data 或 --store 指明 / {0} is not there: name it by --data or --store", missing.display());
        }
        Ok(Store::open(settings, Keyring::open(&self.data)?, Arc::new(SystemClock)).await?)
    }
}

/// Checks the audit and every case; exit status 1 if something is wrong.
pub(super) fn verify(place: &StoreArgs, json: bool) -> anyhow::Result<ExitCode> {
    let found = runtime()?.block_on(async {
        let store = place.open().await?;
        let found = store.verify().await;
        store.close().await;
        anyhow::Ok(found?)
    })?;
    if json {
        say(&serde_json::to_string_pretty(&found)?)?;
    } else {
        let language = place.lang.into();
        for fault in lines(&found, language) {
            say(&fault)?;
        }
        say(sum(&found).get(language))?;
    }
    Ok(if found.faults.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Lets a case go on that was set aside; exit status 1 if it was not.
pub(super) fn release(place: &StoreArgs, case: &str) -> anyhow::Result<ExitCode> {
    let (why, released) = runtime()?.block_on(async {
        let store = place.open().await?;
        let why = store.case(case).await;
        let deed = Deed::new(store.clock().now(), SYSTEM, "case.released", "case", case);
        store.note(deed).await?;
        let released = store.release(case).await;
        store.close().await;
        anyhow::Ok((why?, released?))
    })?;
    let told = match (why.map(|opened| opened.quarantined), released) {
        (None, _) => Text::new(format!("没有办件 {case}"), format!("there is no case {case}")),
        (Some(_), false) => Text::new(format!("办件 {case} 没有被搁置"), format!("case {case} was not set aside")),
        (Some(why), true) => {
            let why = why.unwrap_or_default();
            Text::new(format!("办件 {case} 可以继续；搁置原因：{why}"), format!("case {case} may go on; it was set aside for: {why}"))
        }
    };
    say(told.get(place.lang.into()))?;
    Ok(if released { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().build()
}

fn lines(found: &Verified, language: Language) -> Vec<String> {
    let line = |fault: &tongban_adapters::store::Fault| {
        let row = fault.seq.map(|seq| Text::new(format!(" 第 {seq} 条"), format!(" row {seq}"))).unwrap_or_default();
        let audit = Text::new("审计", "audit");
        let of = if fault.case == AUDIT { audit.get(language) } else { &fault.case };
        format!("✕ {of}{}: {}", row.get(language), fault.what.get(language))
    };
    found.faults.iter().map(line).collect()
}

fn sum(found: &Verified) -> Text {
    let Verified { cases, rows, audit, sealed, faults } = found;
    let faults = faults.len();
    Text::new(
        format!("办件 {cases} 件，流水 {rows} 条，审计 {audit} 条，封存的链头 {sealed} 个；问题 {faults} 处"),
        format!("{cases} cases, {rows} journal rows, {audit} audit rows, {sealed} sealed heads; {faults} faults"),
    )
}
