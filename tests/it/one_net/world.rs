//! An office and a platform, each behind a socket of its own, on one clock that the test turns.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, sync::Arc};

use axum::{
    Json, Router,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, Method, StatusCode, Uri},
    response::{IntoResponse, Response},
    routing::any,
};
use serde_json::{Map, Value, json};
use tongban_adapters::{
    clock::{Clock, DrivenClock},
    config::StoreSettings,
    mail::{MailSettings, Mailer},
    one_net::{
        inbound::Inbound,
        link::Link,
        mapping::Mapping,
        outbound::PlatformDeliverer,
        publish::Publisher,
        sign::{Keys, Signed, random_hex},
        simulator::{self, Entry, Ledger, NewApplication, Platform, Upload},
    },
    outbox::{Outbox, Schedule},
    store::{IntakeRow, IntakeState, Recorded, Store, case_id_for},
};
use tongban_engine::{
    interpreter::{Actor, Ask, Case, Command},
    organisation::Organisation,
    time::Moment,
};
use tongban_tests::{
    office,
    stores::{Database, Place},
};

/// The item as the unit `jia` handles it.
pub(super) const TASK: &str = "large-event-permit@jia";
/// 2026-09-28 10:00 in Shanghai.
const START_MS: i64 = 1_790_560_800_000;
/// What the form asks for.
pub(super) const MATERIALS: [&str; 3] = ["safety_plan", "rites_statement", "promise"];
/// A code of the list of grounds.
pub(super) const DECLINE_GROUND: &str = "other-agency";

pub(super) struct World {
    pub(super) store: Store,
    pub(super) platform: Arc<Platform>,
    pub(super) inbound: Inbound,
    pub(super) outbox: Outbox,
    pub(super) publisher: Publisher,
    clock: Arc<DrivenClock>,
    mapping: Mapping,
    keys: Keys,
    office: String,
    client: reqwest::Client,
    _place: Place,
}

/// A signed request, ready to be sent as often as wanted.
pub(super) struct Request {
    path: String,
    query: String,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
}

pub(super) fn pdf(material: &str) -> Vec<u8> {
    format!("%PDF-1.7\n% {material}\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n").into_bytes()
}

pub(super) fn upload(material: &str) -> Upload {
    Upload { material: material.to_owned(), name: format!("{material}.pdf"), bytes: pdf(material) }
}

/// What the first scenario of the permit fills in.
fn filled_in() -> Map<String, Value> {
    let path = "workflows/permits/large-event/scenarios/permitted.yaml";
    let scenario: Value = tongban_adapters::yaml::read(&office::bundle().files[path]).unwrap();
    let mut data = scenario["steps"][0]["data"].as_object().unwrap().clone();
    ["item", "unit", "application_no"].iter().for_each(|name| drop(data.remove(*name)));
    data
}

pub(super) fn application() -> NewApplication {
    NewApplication {
        task: TASK.to_owned(),
        citizen: "jia-buddhist".to_owned(),
        applicant: json!({"name": "甲区佛教协会", "kind": "organisation", "subject": "u1", "mail": "u1@applicant.example.test"}),
        data: Value::Object(filled_in()),
        uploads: MATERIALS.into_iter().map(upload).collect(),
    }
}

async fn take(
    State(inbound): State<Inbound>,
    Path((_, kind)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let headers: Vec<(String, String)> = headers.iter().map(|(n, v)| (n.to_string(), v.to_str().unwrap().to_owned())).collect();
    let signed = Signed { method: method.as_str(), path: uri.path(), query: uri.query().unwrap_or_default(), body: &body };
    let reply = inbound.receive(&kind, signed, &headers).await;
    (StatusCode::from_u16(reply.status).unwrap(), Json(reply.body)).into_response()
}

async fn listen() -> (tokio::net::TcpListener, String) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    (listener, address)
}

impl World {
    pub(super) async fn start(database: Database) -> Self {
        Self::start_with(database, |settings| settings).await
    }

    pub(super) async fn start_with(database: Database, change: impl FnOnce(StoreSettings) -> StoreSettings) -> Self {
        let place = Place::fresh(database, Moment(START_MS)).await;
        let (folder, clock) = (place.folder(), place.clock.clone());
        let bundle = office::bundle();
        let (mut mappings, findings) = Mapping::load_all(&bundle.files);
        assert!(findings.is_empty(), "{findings:?}");
        let mapping = mappings.shift_remove("one-net").unwrap();
        let keys = Keys::fresh().unwrap();

        let store = place.open_with(change).await;
        store.deploy(&bundle).await.unwrap();
        let organisation: Organisation = tongban_adapters::yaml::read(&bundle.files["workflows/demo/organisation.yaml"]).unwrap();
        store.organise(organisation).await.unwrap();

        let ((office_socket, office), (platform_socket, platform_address)) = (listen().await, listen().await);
        let link = Arc::new(Link::new(mapping.clone(), keys.clone(), &platform_address, None, clock.clone()).unwrap());
        let inbound = Inbound::new(store.clone(), link.clone());
        let router = Router::new().route("/one-net/{platform}/{kind}", any(take)).with_state(inbound.clone());
        let router = router.layer(axum::extract::DefaultBodyLimit::max(32 << 20));
        tokio::spawn(async move { axum::serve(office_socket, router).await.unwrap() });

        let ledger = Ledger::open(&folder.join("platform")).unwrap();
        let files = folder.join("platform/files");
        let platform = Arc::new(Platform::new(mapping.clone(), keys.clone(), clock.clone(), &office, files, ledger).unwrap());
        let router = simulator::router(platform.clone()).unwrap();
        tokio::spawn(async move { axum::serve(platform_socket, router).await.unwrap() });

        let mail = MailSettings::Files { folder: folder.join("mail"), from: "通办 <no-reply@tongban.example.test>".into() };
        let outbox = Outbox::new(store.clone(), Schedule::default())
            .with("platform:one-net", Arc::new(PlatformDeliverer::new(store.clone(), link.clone())))
            .with("mail", Arc::new(Mailer::new(&mail).unwrap()));
        let publisher = Publisher::new(store.clone(), link);
        let client = tongban_adapters::http::client(std::time::Duration::from_secs(30), None).unwrap();
        Self { store, platform, inbound, outbox, publisher, clock, mapping, keys, office, client, _place: place }
    }

    pub(super) fn clock_ms(&self) -> i64 {
        self.clock.now().0
    }

    pub(super) fn advance(&self, ms: i64) {
        self.clock.advance(ms);
    }

    /// The platform sends all it has, as far as it may now.
    pub(super) async fn platform_ticks(&self) {
        for _ in 0..10 {
            if self.platform.tick().await.unwrap() == 0 {
                break;
            }
        }
    }

    /// Both sides tell each other what is due now.
    pub(super) async fn settle(&self) {
        self.platform_ticks().await;
        self.outbox.tick().await.unwrap();
    }

    /// The office's outbox, until nothing is left or a day has passed.
    pub(super) async fn drain(&self) {
        for _ in 0..24 {
            self.outbox.tick().await.unwrap();
            if self.store.outbox(Some("pending"), 0).await.unwrap().total == 0 {
                break;
            }
            self.advance(3_600_000);
        }
    }

    pub(super) fn case_id(&self, application_no: &str) -> String {
        case_id_for("one-net", application_no)
    }

    pub(super) async fn case(&self, application_no: &str) -> Case {
        self.store.case(&self.case_id(application_no)).await.unwrap().expect("the case is there").case
    }

    /// A person completes the task at `node`.
    pub(super) async fn act(&self, application_no: &str, person: &str, node: &str, action: &str, data: Value) {
        let case = self.case(application_no).await;
        let task = *case.tasks.iter().find(|(_, task)| task.node == node).expect("the task is open").0;
        let data = data.as_object().unwrap().clone();
        let ask = Ask::Complete { task, action: action.to_owned(), data };
        self.submit(&case, format!("{}-{task}", case.id), person, ask).await;
    }

    /// A person asks for something else.
    pub(super) async fn ask(&self, application_no: &str, person: &str, ask: Ask) {
        let case = self.case(application_no).await;
        self.submit(&case, format!("{}-after-{}", case.id, case.seq), person, ask).await;
    }

    async fn submit(&self, case: &Case, key: String, person: &str, ask: Ask) {
        let actor = Actor::Person(person.to_owned());
        self.store.submit(Command { key, case: case.id.clone(), actor, at: self.clock.now(), ask }).await.unwrap();
    }

    /// Uploads a document, ahead of the message that would name it.
    pub(super) async fn upload(&self, id: &str, name: &str, content: Vec<u8>) -> (u16, Value) {
        let query = self.mapping.incoming["file"].fields.write(&json!({"message_id": id, "name": name})).unwrap();
        let pairs: Vec<String> =
            query.as_object().unwrap().iter().map(|(name, value)| format!("{name}={}", value.as_str().unwrap())).collect();
        self.post("file", &self.request("file", &pairs.join("&"), content)).await
    }

    /// An application as the platform would send it, its attachments uploaded before.
    pub(super) async fn application_values(&self, message_id: &str, application_no: &str) -> Value {
        let mut materials = Vec::new();
        for material in MATERIALS {
            let id = format!("{message_id}-{material}");
            assert_eq!(self.upload(&id, &format!("{material}.pdf"), pdf(material)).await.0, 200);
            materials.push(json!({"material": material, "name": format!("{material}.pdf"), "upload": id}));
        }
        json!({
            "message_id": message_id, "application_no": application_no, "task": TASK, "received_at": self.clock_ms(),
            "applicant": {"name": "甲区佛教协会", "subject": "u1"}, "data": filled_in(), "materials": materials,
        })
    }

    /// A message as the platform would sign it now.
    pub(super) fn signed(&self, kind: &str, values: &Value) -> Request {
        let body = serde_json::to_vec(&self.mapping.incoming[kind].fields.write(values).unwrap()).unwrap();
        self.request(kind, "", body)
    }

    fn request(&self, kind: &str, query: &str, body: Vec<u8>) -> Request {
        let path = self.mapping.incoming[kind].path.clone();
        let signed = Signed { method: "POST", path: &path, query, body: &body };
        let headers = self.mapping.signing.sign(&self.keys, signed, self.clock.now(), &random_hex(8).unwrap()).unwrap();
        Request { path, query: query.to_owned(), body, headers }
    }

    /// What a crash right after the recording leaves behind.
    pub(super) async fn record_only(&self, kind: &str, message_id: &str, application_no: &str, request: &Request) {
        let row = IntakeRow {
            source: "one-net".to_owned(),
            message_id: message_id.to_owned(),
            nonce: "n".to_owned(),
            kind: kind.to_owned(),
            application_no: application_no.to_owned(),
            received_at: self.clock.now(),
            body: String::from_utf8(request.body.clone()).unwrap().into(),
            state: IntakeState::Received,
            case: None,
            rejection: None,
        };
        assert_eq!(self.store.record_intake(&row).await.unwrap(), Recorded::New);
    }

    /// Sends it; HTTP status and answer in our words.
    pub(super) async fn post(&self, kind: &str, request: &Request) -> (u16, Value) {
        let mut builder = self.client.post(format!("{}{}?{}", self.office, request.path, request.query)).body(request.body.clone());
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        let response = builder.send().await.unwrap();
        let status = response.status().as_u16();
        let wire: Value = response.json().await.unwrap();
        (status, self.mapping.incoming[kind].answer.read(&wire).unwrap())
    }

    /// Signs and sends, after `change` to the headers.
    pub(super) async fn send(&self, kind: &str, values: &Value, change: impl FnOnce(&mut Vec<(String, String)>)) -> (u16, Value) {
        let mut request = self.signed(kind, values);
        change(&mut request.headers);
        self.post(kind, &request).await
    }

    /// What the platform received is what the database says was delivered: nothing lost, nothing twice, each in order.
    pub(super) async fn assert_ledgers_agree(&self) {
        let mut received: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in self.platform.ledger() {
            if let Entry::Received { kind, message_id, application_no: Some(no), .. } = entry {
                assert_eq!(kind, "status");
                received.entry(self.case_id(&no)).or_default().push(message_id);
            }
        }
        for (case, received) in received {
            let rows = self.store.outbox_of(&case).await.unwrap();
            let sent = rows.iter().filter(|row| row.destination == "platform:one-net" && row.state == "delivered");
            let sent: Vec<String> = sent.map(|row| row.id.clone()).collect();
            assert_eq!(received, sent, "the ledger and the outbox of {case}");
        }
    }
}
