//! One-Net (一网通办): what a platform and the office tell each other, and a simulator of the platform.
//!
//! Both sides speak JSON over HTTP POST, each message signed ([`sign`]) and in the platform's own field names
//! ([`mapping`], `workflows/platforms/ID.yaml`, which is the description of the wire format).
//!
//! | who | path | what |
//! |---|---|---|
//! | platform | `/one-net/ID/file?…` | an attachment: the body is the file, the query says its message id and name |
//! | platform | `/one-net/ID/application` | a new application; names item, unit, applicant, data, and its uploads |
//! | platform | `/one-net/ID/supplement` | what was missing: changed data, further uploads |
//! | platform | `/one-net/ID/withdrawal` | the applicant takes the application back |
//! | platform | `/one-net/ID/rating` | 好差评, one a case |
//! | office | the mapping's `outgoing.item.path` | guide and form of an item, as one unit handles it |
//! | office | the mapping's `outgoing.status.path` | one message for each step that the applicant is told of, with documents |
//!
//! Four headers carry key id, Unix seconds, nonce and signature over
//! `METHOD\nPATH\nQUERY\nTIMESTAMP\nNONCE\nhex(hash(body))`. A status reads, in the words of the bundled mapping:
//!
//! ```json
//! {"row_guid": "…", "cd_time": "2026-09-28 10:12:00", "seq": 4, "project_no": "…", "case_status": "2",
//!  "up_pro_process": {"event_name": "03", "process_name": "补正告知", "handle_explain": "…"},
//!  "supplement_notify": {"patch_time_limit": "2026-11-27 17:00:00", "stuff_infos": ["场地证明"]},
//!  "documents": [{"document_name": "补正通知书", "document_no": "…", "content": "<base64 of HTML>"}]}
//! ```
//!
//! 2xx says that the message is on disk, 4xx that it never will be (but for 401, 403, 404, 408, 425 and 429), everything
//! else means: again, later. The same message again, by its id, gets the same answer; with another body it is refused.
//! Messages about one application come in order from either side, and a late one is sent back (425) rather than guessed at.

pub mod inbound;
mod keys;
pub mod link;
pub mod mapping;
pub mod messages;
pub mod outbound;
pub mod publish;
pub mod sign;
pub mod simulator;

use std::sync::Arc;

use crate::store::Store;

/// The office's side of one platform, ready to be mounted (`inbound`), registered with the outbox (`deliverer`) and run
/// (`publisher`).
pub struct Connection {
    /// Takes what the platform sends; mount it at `/one-net/ID/KIND`.
    pub inbound: inbound::Inbound,
    /// Delivers `platform:ID`.
    pub deliverer: Arc<outbound::PlatformDeliverer>,
    /// Publishes items and forms.
    pub publisher: publish::Publisher,
}

impl Connection {
    /// Connects `store` with the platform of `mapping` at `address`.
    ///
    /// # Errors
    /// [`link::LinkError`].
    pub fn new(
        store: &Store,
        mapping: mapping::Mapping,
        keys: sign::Keys,
        (address, authority): (&str, Option<&[u8]>),
    ) -> Result<Self, link::LinkError> {
        let link = Arc::new(link::Link::new(mapping, keys, address, authority, store.clock().clone())?);
        Ok(Self {
            inbound: inbound::Inbound::new(store.clone(), link.clone()),
            deliverer: Arc::new(outbound::PlatformDeliverer::new(store.clone(), link.clone())),
            publisher: publish::Publisher::new(store.clone(), link),
        })
    }
}
