//! `tongban one-net`: the simulator of the One-Net platform, a process of its own.

use std::{net::SocketAddr, path::PathBuf, process::ExitCode, sync::Arc};

use anyhow::Context;
use axum::{Json, Router, routing::post};
use clap::Args;
use jiff::Timestamp;
use serde_json::json;
use tokio::net::TcpListener;
use tongban_adapters::{
    clock::{DrivenClock, SystemClock},
    one_net::simulator::{self, SimulatorConfig},
};
use tongban_engine::time::Moment;

use super::{LogForm, log, runtime};

/// How often what is due is sent, where the clock is driven.
const TICK: std::time::Duration = std::time::Duration::from_millis(100);

/// How the simulator is run.
#[derive(Debug, Args)]
pub struct OneNetArgs {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1:8090")]
    pub listen: SocketAddr,
    /// Where the office is
    #[arg(long, default_value = "http://127.0.0.1:8080")]
    pub office: String,
    /// Folder for its ledger and files
    #[arg(long, default_value = "data/one-net")]
    pub data: PathBuf,
    /// Keys shared with the office; made if absent
    #[arg(long, default_value = "data/one-net.keys")]
    pub keys: PathBuf,
    /// The platform's mapping
    #[arg(long, default_value = "workflows/platforms/one-net.yaml")]
    pub mapping: PathBuf,
    /// Start a clock that stands still at this moment (RFC 3339), as the office's does; POST /test/clock {"set": …} turns it
    #[arg(long)]
    pub now: Option<String>,
}

/// Runs the simulator until it is told to stop.
///
/// # Errors
/// If it cannot start.
pub fn one_net(arguments: OneNetArgs) -> anyhow::Result<ExitCode> {
    log(LogForm::Text);
    let OneNetArgs { listen, office, data: data_dir, keys: key_file, mapping, now } = arguments;
    if let Some(folder) = key_file.parent() {
        std::fs::create_dir_all(folder)?;
    }
    let config = SimulatorConfig { listen, office, mapping, key_file, data_dir };
    let runtime = runtime()?;
    match now {
        None => runtime.block_on(simulator::serve(config, Arc::new(SystemClock)))?,
        Some(now) => {
            let now = moment(&now).with_context(|| format!("--now {now}: not a moment such as 2026-11-23T09:30+08:00"))?;
            runtime.block_on(driven(&config, Arc::new(DrivenClock::at(now))))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// RFC 3339, seconds not needed.
fn moment(text: &str) -> Option<Moment> {
    text.parse::<Timestamp>().ok().map(|at| Moment(at.as_millisecond()))
}

/// The simulator by a clock that is turned by hand.
async fn driven(config: &SimulatorConfig, clock: Arc<DrivenClock>) -> anyhow::Result<()> {
    let platform = Arc::new(simulator::open(config, clock.clone())?);
    let turn = post(move |Json(body): Json<serde_json::Value>| {
        let to = body["set"].as_str().and_then(moment);
        if let Some(to) = to {
            clock.set(to);
        }
        std::future::ready(Json(json!({"set": to.is_some()})))
    });
    let app = simulator::router(platform.clone())?.merge(Router::new().route("/test/clock", turn));
    let listener = TcpListener::bind(config.listen).await?;
    let sender = tokio::spawn(async move {
        loop {
            tokio::time::sleep(TICK).await;
            if let Err(error) = platform.tick().await {
                tracing::error!(%error, "the simulator cannot write its ledger");
            }
        }
    });
    axum::serve(listener, app).with_graceful_shutdown(super::run::told_to_stop()).await?;
    sender.abort();
    Ok(())
}
