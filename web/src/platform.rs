//! What works beside the pages: timers, deliveries, and the platforms that call in.

use std::{collections::BTreeMap, pin::Pin, sync::Arc, time::Duration};

use anyhow::Context;
use axum::{
    Json, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, OriginalUri, Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::post,
};
use tokio::{sync::Mutex, task::JoinSet};
use tongban_adapters::{
    between::Between,
    files::FILE_BYTES_MAX,
    housekeeping::Housekeeping,
    mail::{MailSettings, Mailer},
    one_net::{
        Connection,
        inbound::Inbound as PlatformInbound,
        mapping::Mapping,
        messages::Outcome,
        publish::Publisher,
        sign::{Keys, Signed},
    },
    outbox::{Outbox, Schedule},
    store::{IntakeRow, Store, StoreError},
    timers::Timers,
};
use tongban_engine::{definition::Bundle, text::Text};

use crate::{
    error::Problem,
    serve::ServeArgs,
    state::{Inbound, Ticker},
    view::platforms::introduce,
};

/// Where the clock is driven, what is due is looked for so often.
const DRIVEN_TICK: Duration = Duration::from_millis(100);
/// Items are published every so many looks.
const PUBLISH_EVERY: u64 = 20;

/// The office's lines to the world, and its alarm clock.
pub struct Platforms {
    inbound: BTreeMap<String, PlatformInbound>,
    housekeeping: Housekeeping,
    beside: Mutex<Beside>,
}

struct Beside {
    timers: Timers,
    outbox: Option<Outbox>,
    publishers: Vec<Publisher>,
}

impl Platforms {
    /// Opens what the arguments name: mail, and the platform that `--one-net` names.
    ///
    /// # Errors
    /// If a mapping, a key file or the mail settings cannot be read.
    pub fn open(arguments: &ServeArgs, store: &Store, bundle: &Bundle) -> anyhow::Result<Self> {
        let mailer = Mailer::new(&mail_settings(arguments)?)?;
        let mut outbox = Outbox::new(store.clone(), Schedule::default()).with("mail", Arc::new(mailer));
        let between = Arc::new(Between::new(store.clone()));
        outbox = outbox.with("case", between.clone()).with("message", between);
        let (mut inbound, mut publishers) = (BTreeMap::new(), Vec::new());
        let (mappings, findings) = Mapping::load_all(&bundle.files);
        introduce(mappings.iter().map(|(id, mapping)| (id.clone(), mapping.name.clone())).collect());
        if let Some(address) = &arguments.one_net {
            let (platform, mapping) = mappings.into_iter().next().with_context(|| format!("no platform can be used: {findings:?}"))?;
            let key_file = arguments.one_net_keys.clone().unwrap_or_else(|| arguments.data.join("one-net.keys"));
            let read = |path: &std::path::PathBuf| std::fs::read(path).with_context(|| format!("cannot read {}", path.display()));
            let authority = arguments.one_net_authority.as_ref().map(read).transpose()?;
            let connection = Connection::new(store, mapping, Keys::open(&key_file)?, (address, authority.as_deref()))?;
            outbox = outbox.with(&format!("platform:{platform}"), connection.deliverer);
            publishers.push(connection.publisher);
            inbound.insert(platform, connection.inbound);
        }
        let beside = Beside { timers: Timers::new(store.clone()), outbox: Some(outbox), publishers };
        let mut housekeeping = Housekeeping::new(store.clone())?;
        if let Some(path) = &arguments.audit_copy {
            housekeeping = housekeeping.with_audit_copy(path)?;
        }
        Ok(Self { inbound, housekeeping, beside: Mutex::new(beside) })
    }

    /// Finishes what was left when the process ended, then works in the background.
    ///
    /// # Errors
    /// The store failed.
    pub async fn start(self: &Arc<Self>, driven: bool) -> Result<JoinSet<()>, StoreError> {
        for inbound in self.inbound.values() {
            inbound.resume().await?;
        }
        let mut tasks = JoinSet::new();
        tasks.spawn(self.housekeeping.clone().run());
        if driven {
            let platforms = self.clone();
            tasks.spawn(async move {
                for round in 0_u64.. {
                    if let Err(error) = platforms.work(round % PUBLISH_EVERY == 0).await {
                        tracing::error!(%error, "what is due could not be done");
                    }
                    tokio::time::sleep(DRIVEN_TICK).await;
                }
            });
            return Ok(tasks);
        }
        let mut beside = self.beside.lock().await;
        tasks.spawn(beside.timers.clone().run());
        if let Some(outbox) = beside.outbox.take() {
            tasks.spawn(outbox.run());
        }
        for publisher in std::mem::take(&mut beside.publishers) {
            tasks.spawn(publisher.run());
        }
        Ok(tasks)
    }

    /// Seals the heads of journals and audit that grew since the last round, and copies the audit.
    ///
    /// # Errors
    /// The store failed, or the log cannot be written.
    pub async fn seal(&self) -> Result<(), StoreError> {
        self.housekeeping.seal().await?;
        self.housekeeping.copy_audit().await.map(drop)
    }

    /// The routes that platforms call; what they send is signed, so they need no session.
    pub fn routes(self: &Arc<Self>) -> Router {
        let max = usize::try_from(FILE_BYTES_MAX).unwrap_or(usize::MAX);
        Router::new().route("/one-net/{platform}/{kind}", post(receive)).layer(DefaultBodyLimit::max(max)).with_state(self.clone())
    }

    async fn work(&self, publish: bool) -> Result<(), StoreError> {
        let beside = self.beside.lock().await;
        // a timer may ask for deliveries, and a delivery may be answered by a message that sets timers
        beside.timers.tick().await?;
        for publisher in beside.publishers.iter().filter(|_| publish) {
            publisher.tick().await?;
        }
        if let Some(outbox) = &beside.outbox {
            outbox.tick().await?;
        }
        beside.timers.tick().await?;
        Ok(())
    }
}

/// Mail to files in the data folder unless a file says otherwise.
fn mail_settings(arguments: &ServeArgs) -> anyhow::Result<MailSettings> {
    let Some(path) = &arguments.mail else {
        let from = "Tongban <no-reply@tongban.example>".to_owned();
        return Ok(MailSettings::Files { folder: arguments.data.join("mail"), from });
    };
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    tongban_adapters::yaml::read(&text).with_context(|| path.display().to_string())
}

/// `POST /one-net/{platform}/{kind}`: the raw request, for its signature is over what came.
async fn receive(
    State(platforms): State<Arc<Platforms>>,
    Path((platform, kind)): Path<(String, String)>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let Some(inbound) = platforms.inbound.get(&platform) else { return StatusCode::NOT_FOUND.into_response() };
    let text =
        |(name, value): (&axum::http::HeaderName, &axum::http::HeaderValue)| Some((name.to_string(), value.to_str().ok()?.to_owned()));
    let headers: Vec<(String, String)> = headers.iter().filter_map(text).collect();
    let signed = Signed { method: "POST", path: uri.path(), query: uri.query().unwrap_or_default(), body: &body };
    let reply = inbound.receive(&kind, signed, &headers).await;
    (StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR), Json(reply.body)).into_response()
}

impl Ticker for Platforms {
    fn tick(&self) -> Pin<Box<dyn Future<Output = ()> + Send + '_>> {
        Box::pin(async {
            if let Err(error) = self.work(true).await {
                tracing::error!(%error, "what is due could not be done");
            }
        })
    }
}

impl Inbound for Platforms {
    fn retry(&self, row: IntakeRow) -> Pin<Box<dyn Future<Output = Result<(), Problem>> + Send + '_>> {
        Box::pin(async move {
            let inbound = self.inbound.get(&row.source).ok_or_else(Problem::not_found)?;
            match inbound.retry(&row.message_id).await? {
                Some((Outcome::Accepted, _)) => Ok(()),
                Some((_, reason)) => Err(Problem::refused(Text::zh(reason))),
                None => Err(Problem::not_found()),
            }
        })
    }
}
