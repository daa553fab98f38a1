//! Starting everything in order, and stopping it in order.

use std::{io::Write, net::SocketAddr, process::ExitCode, sync::Arc};

use anyhow::Context;
use tokio::net::TcpListener;
use tongban_adapters::{
    clock::{Clock, DrivenClock, SystemClock},
    config::StoreSettings,
    files::Scanner,
    identity_platform::{IdentityFile, IdentityPlatform},
    seal::Keyring,
    store::{DeployError, Store},
};
use tongban_engine::{
    calendar::Calendar,
    definition::{Bundle, Office, load_office},
    diagnostic::{Severity, render, summary},
    text::Language,
};

use super::{ServeArgs, demo, first_start, ground};
use crate::{app::app, platform::Platforms, state::App};

/// Settings of the identity platform, in the data folder.
const OIDC_FILE: &str = "oidc.yaml";

/// Runs the office until it is told to stop.
pub(super) async fn run(arguments: ServeArgs) -> anyhow::Result<ExitCode> {
    let bundle = ground::bundle(arguments.office.as_deref())?;
    let (office, findings) = load_office(&bundle);
    if findings.iter().any(|finding| finding.severity == Severity::Error) {
        say(&render(&findings, &office.sources, Language::Zh))?;
        say(summary(&findings).get(Language::Zh))?;
        return Ok(ExitCode::FAILURE);
    }
    let calendar = office.calendars.values().next().cloned().context("the office has no calendar in forms/calendars/")?;
    let driven = driven(&arguments, &calendar)?;
    let clock: Arc<dyn Clock> = match &driven {
        Some(driven) => driven.clone(),
        None => Arc::new(SystemClock),
    };
    std::fs::create_dir_all(&arguments.data).with_context(|| arguments.data.display().to_string())?;
    let store = Store::open(settings(&arguments), Keyring::open(&arguments.data)?, clock).await?;
    if let Err(DeployError::Findings(findings)) = deploy(&store, &bundle).await? {
        say(&render(&findings, &office.sources, Language::Zh))?;
        return Ok(ExitCode::FAILURE);
    }
    let accounts = match arguments.demo {
        true => Some(demo::set_up(&store, &bundle, &arguments.data).await?),
        false => first_start::set_up(&store, &office.roles, &arguments.data).await?,
    };
    for finding in store.staffing(office.definitions.values()) {
        tracing::warn!(code = finding.code, place = %finding.place, "{}", finding.message.zh);
    }
    answer(arguments, store, &bundle, &office, (calendar, driven), accounts).await
}

fn settings(arguments: &ServeArgs) -> StoreSettings {
    let embedded = StoreSettings {
        passwords: arguments.passwords.into(),
        scanner: arguments.clamd.clone().map(|clamd| Arc::new(clamd) as Arc<dyn Scanner>),
        hold_unscanned: arguments.hold_unscanned,
        ..StoreSettings::embedded(&arguments.data)
    };
    match &arguments.store {
        Some(url) => StoreSettings { url: url.clone(), ..embedded },
        None => embedded,
    }
}

fn driven(arguments: &ServeArgs, calendar: &Calendar) -> anyhow::Result<Option<Arc<DrivenClock>>> {
    let Some(now) = &arguments.now else { return Ok(None) };
    let at = calendar.parse_moment(now).with_context(|| format!("--now {now}: not a moment such as 2026-11-23T09:30+08:00"))?;
    Ok(Some(Arc::new(DrivenClock::at(at))))
}

/// Mistakes are an answer, a failing store is an error.
async fn deploy(store: &Store, bundle: &Bundle) -> anyhow::Result<Result<(), DeployError>> {
    match store.deploy(bundle).await {
        Ok(deployed) => {
            for version in deployed.versions {
                tracing::info!(process = %version.process, version = version.no, "deployed");
            }
            Ok(Ok(()))
        }
        Err(DeployError::Store(error)) => Err(error.into()),
        Err(findings) => Ok(Err(findings)),
    }
}

/// Binds, starts what works in the background, and answers until told to stop.
async fn answer(
    arguments: ServeArgs,
    store: Store,
    bundle: &Bundle,
    office: &Office,
    (calendar, driven): (Arc<Calendar>, Option<Arc<DrivenClock>>),
    accounts: Option<String>,
) -> anyhow::Result<ExitCode> {
    let platforms = Arc::new(Platforms::open(&arguments, &store, bundle)?);
    let mut background = platforms.start(driven.is_some()).await?;
    let state = App {
        store: store.clone(),
        calendar,
        roles: office.roles.clone(),
        purposes: office.purposes.clone(),
        driven,
        ticker: platforms.clone(),
        inbound: platforms.clone(),
        identity: identity(&arguments, &store)?,
        proxies: arguments.proxy.as_slice().into(),
        secure: arguments.https,
    };
    let listener = TcpListener::bind(arguments.listen).await.with_context(|| arguments.listen.to_string())?;
    greet(&arguments, listener.local_addr()?, accounts.as_deref())?;
    let service = app(state, platforms.routes()).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(told_to_stop()).await?;
    background.abort_all();
    // what was written since the last round is sealed before the door is shut
    platforms.seal().await?;
    store.close().await;
    Ok(ExitCode::SUCCESS)
}

/// The identity platform that the command line names, or the data folder holds settings of.
fn identity(arguments: &ServeArgs, store: &Store) -> anyhow::Result<Option<Arc<IdentityPlatform>>> {
    let file = match &arguments.oidc {
        Some(file) => file.clone(),
        None => arguments.data.join(OIDC_FILE),
    };
    if arguments.oidc.is_none() && !file.exists() {
        return Ok(None);
    }
    Ok(Some(Arc::new(IdentityPlatform::new(store.clone(), IdentityFile::read(&file)?)?)))
}

/// What is said of the accounts of a demonstration.
const DEMO: (&str, &str) = (
    "演示账号（虚构）：账号、初始密码、姓名、单位、岗位。首次登录后请在右上角“账号”中修改密码。",
    "Demonstration accounts (fictional): login, initial password, name, unit, posts. Change the password after the first log-in, under “Account” at the top right.",
);
/// And of the first three of an office.
const THREE: (&str, &str) = (
    "首次启动：三员账号已经生成，也记在数据目录的 first-accounts.txt 中。请当面交给三个不同的人，首次登录后必须修改密码；交接后请删除该文件。",
    "First start: accounts of the three administrators, also noted in first-accounts.txt of the data folder. Hand them to three different people; each must change the password at the first log-in; then delete the file.",
);

fn greet(arguments: &ServeArgs, address: SocketAddr, accounts: Option<&str>) -> std::io::Result<()> {
    let scheme = if arguments.https { "https" } else { "http" };
    say(&format!("通办 Tongban: {scheme}://{address}"))?;
    if let Some(accounts) = accounts {
        let (zh, en) = if arguments.demo { DEMO } else { THREE };
        say(zh)?;
        say(en)?;
        say(accounts)?;
    }
    Ok(())
}

/// Ctrl-C, or the signal that service managers send.
pub(super) async fn told_to_stop() {
    let interrupted = tokio::signal::ctrl_c();
    let terminated = async {
        #[cfg(unix)]
        match tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        };
        #[cfg(not(unix))]
        std::future::pending::<()>().await;
    };
    tokio::select! {
        _ = interrupted => {}
        () = terminated => {}
    }
}

fn say(text: &str) -> std::io::Result<()> {
    writeln!(std::io::stdout(), "{text}")
}
