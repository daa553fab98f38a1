//! What works beside the pages: timers, deliveries, and the platforms that call in.

use std::{pin::Pin, sync::Arc};

use axum::Router;
use tokio::task::JoinSet;
use tongban_adapters::{
    store::{IntakeRow, Store},
    timers::Timers,
};
use tongban_engine::definition::{Bundle, Office};

use crate::{
    error::Problem,
    serve::ServeArgs,
    state::{Inbound, Ticker},
};

/// The office's lines to the world, and its alarm clock.
pub struct Platforms {
    timers: Timers,
}

impl Platforms {
    /// Opens what the arguments name.
    ///
    /// # Errors
    /// If a platform's mapping or keys cannot be read.
    pub fn open(_: &ServeArgs, store: &Store, _: &Bundle, _: &Office) -> anyhow::Result<Self> {
        Ok(Self { timers: Timers::new(store.clone()) })
    }

    /// Starts what works in the background. Where the clock is driven, only [`Ticker::tick`] makes things happen.
    pub fn start(self: &Arc<Self>, driven: bool) -> JoinSet<()> {
        let mut tasks = JoinSet::new();
        if !driven {
            tasks.spawn(self.timers.clone().run());
        }
        tasks
    }

    /// The routes that platforms call.
    pub fn routes(&self) -> Router {
        Router::new()
    }
}

impl Ticker for Platforms {
    fn tick(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            if let Err(error) = self.timers.tick().await {
                tracing::error!(%error, "timers");
            }
        })
    }
}

impl Inbound for Platforms {
    fn retry(&self, _: IntakeRow) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + '_>> {
        Box::pin(async { Err(Problem::not_found()) })
    }
}
