//! What every request shares.

use std::{net::IpAddr, sync::Arc};

use indexmap::IndexMap;
use tongban_adapters::{
    clock::DrivenClock,
    identity_platform::IdentityPlatform,
    store::{IntakeRow, Store},
};
use tongban_engine::{
    calendar::Calendar,
    definition::Role,
    text::{Language, Text},
    time::Moment,
};

use crate::{error::Problem, view::when::When};

/// Handles and settings; cheap to clone.
#[derive(Clone)]
pub struct App {
    /// Everything that is kept.
    pub store: Store,
    /// The office's calendar: its zone is the one that pages speak.
    pub calendar: Arc<Calendar>,
    /// Roles of the office.
    pub roles: Arc<IndexMap<String, Role>>,
    /// What personal data may be looked at in full for, by id.
    pub purposes: Arc<IndexMap<String, Text>>,
    /// The clock that tests and demonstrations turn by hand; None in earnest.
    pub driven: Option<Arc<DrivenClock>>,
    /// What ticks after the clock was turned, before the answer.
    pub ticker: Arc<dyn Ticker>,
    /// Submits messages again that no process accepted.
    pub inbound: Arc<dyn Inbound>,
    /// Where people may log in besides; None: nowhere.
    pub identity: Option<Arc<IdentityPlatform>>,
    /// Proxies whose word on where a request comes from is taken.
    pub proxies: Arc<[IpAddr]>,
    /// Served over https, so that the cookie may say so.
    pub secure: bool,
}

/// Runs what is due now: timers and outbox.
pub trait Ticker: Send + Sync {
    /// Until nothing is due any more.
    fn tick(&self) -> std::pin::Pin<Box<dyn Future<Output = ()> + Send + '_>>;
}

/// Submits a message again that came in and was refused.
pub trait Inbound: Send + Sync {
    /// The same message again; a problem if it is refused again.
    fn retry(&self, row: IntakeRow) -> std::pin::Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + '_>>;
}

impl App {
    /// The moment, by the clock in force.
    pub fn now(&self) -> Moment {
        self.store.clock().now()
    }

    /// Says moments to a visitor.
    pub fn when(&self, language: Language) -> When {
        When::new(self.calendar.clone(), language, self.now())
    }
}
