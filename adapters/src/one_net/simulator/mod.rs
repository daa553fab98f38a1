//! A simulator of the One-Net platform, a process of its own (`tongban one-net`): citizens' pages, a ledger of every
//! message, and switches that let it misbehave. It speaks with the office over HTTP only, as the real one would.

mod ledger;
mod misbehave;
mod office;
mod pages;
mod platform;
mod sender;
mod state;
mod view;

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use axum::Router;
use tongban_engine::diagnostic::Finding;
use tongban_engine::source::Source;

pub use ledger::{Entry, Ledger, LedgerError, Sending};
pub use misbehave::Misbehaviour;
pub use platform::{NewApplication, Platform, PlatformError, Upload};
pub use view::ViewError;

use super::{
    mapping::Mapping,
    sign::{KeyError, Keys},
};
use crate::clock::Clock;

/// How often what is due is sent to the office.
const TICK: Duration = Duration::from_millis(250);

/// How the simulator is started.
#[derive(Clone, Debug)]
pub struct SimulatorConfig {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the office is: `http://127.0.0.1:8080`.
    pub office: String,
    /// The platform's mapping: `workflows/platforms/one-net.yaml`.
    pub mapping: PathBuf,
    /// The keys shared with the office; made if absent.
    pub key_file: PathBuf,
    /// Where the ledger and uploaded files are kept.
    pub data_dir: PathBuf,
}

/// Why the simulator cannot run.
#[derive(Debug, thiserror::Error)]
pub enum SimulatorError {
    /// A file or a socket.
    #[error("{0}: {1}")]
    Io(String, std::io::Error),
    /// The mapping has mistakes.
    #[error("the mapping {file} has mistakes:\n{}", findings.iter().map(|f| format!("  {}: {}", f.place, f.message)).collect::<Vec<_>>().join("\n"))]
    Mapping {
        /// The file.
        file: PathBuf,
        /// All of them.
        findings: Vec<Finding>,
    },
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The ledger.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Its own templates.
    #[error(transparent)]
    View(#[from] ViewError),
    /// The HTTP client.
    #[error(transparent)]
    Client(#[from] crate::http::HttpError),
}

/// Runs the simulator until it is told to stop. `clock` is the office's: what is signed must be of the office's time.
///
/// # Errors
/// [`SimulatorError`] if it cannot start, or its socket fails.
pub async fn serve(config: SimulatorConfig, clock: Arc<dyn Clock>) -> Result<(), SimulatorError> {
    let platform = Arc::new(open(&config, clock)?);
    let app = router(platform.clone())?;
    let listener =
        tokio::net::TcpListener::bind(config.listen).await.map_err(|error| SimulatorError::Io(config.listen.to_string(), error))?;
    let sender = tokio::spawn(async move {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = platform.tick().await {
                tracing::error!(%error, "the simulator cannot write its ledger");
            }
        }
    });
    let stop = async {
        // Without a signal handler there is nothing to wait for: the process ends as the system ends it.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    };
    let served = axum::serve(listener, app).with_graceful_shutdown(stop).await;
    sender.abort();
    served.map_err(|error| SimulatorError::Io(config.listen.to_string(), error))
}

/// The platform as `config` says, over its ledger on disk.
///
/// # Errors
/// [`SimulatorError`].
pub fn open(config: &SimulatorConfig, clock: Arc<dyn Clock>) -> Result<Platform, SimulatorError> {
    let file = config.mapping.display().to_string();
    let text = std::fs::read_to_string(&config.mapping).map_err(|error| SimulatorError::Io(file.clone(), error))?;
    let (mapping, findings) = Mapping::load(&Source { name: file.as_str().into(), text: text.as_str().into() });
    let Some(mapping) = mapping else { return Err(SimulatorError::Mapping { file: config.mapping.clone(), findings }) };
    let ledger = Ledger::open(&config.data_dir)?;
    let keys = Keys::open(&config.key_file)?;
    Ok(Platform::new(mapping, keys, clock, &config.office, config.data_dir.join("files"), ledger)?)
}

/// Everything the simulator answers: the office's messages, the citizens' pages, ledger and switches.
///
/// # Errors
/// [`ViewError`] if a template is broken.
pub fn router(platform: Arc<Platform>) -> Result<Router, ViewError> {
    Ok(office::router(platform.clone()).merge(pages::router(platform)?))
}

#[cfg(test)]
mod tests;
