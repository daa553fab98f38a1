//! Words that must not be readable anywhere at rest, sent through everything that an office does with an application: by the
//! platform, by clerks, refused, corrected, decided, mailed. Then everything is searched: database, write-ahead log, backup,
//! log, mistakes that were told, files. A run in which the fields are declared harmless shows that the search finds them.

#![expect(clippy::unwrap_used, reason = "tests")]

mod hunt;
mod server;

use std::{path::Path, sync::Arc};

use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};
use tongban_adapters::{
    clock::DrivenClock,
    one_net::simulator::{self, NewApplication, Platform, SimulatorConfig, Upload},
    store::case_id_for,
};
use tongban_engine::time::Moment;
use tongban_tests::{office, stores};

use hunt::Hunt;
use server::{Answer, Server};

/// Of class P3, of class P4, in attachments, in what comes later, typed where it does not belong, and refused.
const NOTE: &str = "金丝雀-p3-8d41f0";
const SECRET: &str = "金丝雀-p4-3b7e92";
const FILE: &str = "canary-file-55ac1d";
const LATER: &str = "金丝雀-later-90c2aa";
const TYPED: &str = "金丝雀-typed-77b01e";
const REFUSED: &str = "金丝雀-refused-61d9c3";
const WORDS: [&str; 6] = [NOTE, SECRET, FILE, LATER, TYPED, REFUSED];
/// 2026-11-23 09:30 in Shanghai.
const NOW_MS: i64 = 1_795_397_400_000;

/// The office of the repository, its clergy filing with two more fields.
fn write_office(folder: &Path, classes: [&str; 2]) {
    for (path, text) in office::bundle().files {
        let text = match path.as_str() {
            "forms/fields/clergy.yaml" => {
                let field = |name: &str, class: &str| {
                    format!(
                        "\n- field: {name}\n  name: {{zh: 试, en: Trial}}\n  type: text\n  multiline: true\n  max: 200\n  class: {class}\n  purpose: 试验\n  basis: 试验\n  reported_by: applicant\n  kept_by: district\n  retention: 1年\n"
                    )
                };
                [text, field("canary_note", classes[0]), field("canary_secret", classes[1])].concat()
            }
            "forms/clergy-filing.yaml" => {
                let (before, after) = text.split_once("gender, resident_id]").unwrap();
                format!(
                    "{before}gender, resident_id, {{field: canary_note, optional: true}}, {{field: canary_secret, optional: true}}]{after}"
                )
            }
            _ => text,
        };
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn upload(material: &str) -> Upload {
    let bytes = format!("%PDF-1.7\n% {FILE}\n1 0 obj << >> endobj\ntrailer << >>\n%%EOF\n").into_bytes();
    Upload { material: material.to_owned(), name: format!("{material}.pdf"), bytes }
}

fn application(note: &str, recognised_on: &str) -> NewApplication {
    let path = "workflows/filings/clergy/scenarios/from_one_net.yaml";
    let scenario: Value = tongban_adapters::yaml::read(&office::bundle().files[path]).unwrap();
    let mut data = scenario["steps"][0]["data"].clone();
    let members = data.as_object_mut().unwrap();
    ["item", "unit", "application_no"].iter().for_each(|name| drop(members.remove(*name)));
    data["canary_note"] = note.into();
    data["canary_secret"] = SECRET.into();
    data["recognised_on"] = recognised_on.into();
    NewApplication {
        task: "clergy-filing@jia".to_owned(),
        citizen: "jia-buddhist".to_owned(),
        applicant: json!({"name": "甲区佛教协会", "kind": "organisation", "subject": "u1", "mail": "u1@applicant.example.test"}),
        data,
        uploads: vec![upload("recognition_proof")],
    }
}

/// An office and a platform, both at work.
struct Run {
    server: Server,
    platform: Arc<Platform>,
    folder: tempfile::TempDir,
    store: Option<String>,
    /// What was told to those who may not read it, or got something wrong.
    told: Vec<(String, String)>,
}

impl Run {
    async fn start(classes: [&str; 2], store: Option<String>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let (office, data) = (folder.path().join("office"), folder.path().join("data"));
        write_office(&office, classes);
        let socket = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let server = Server::start(&office, &data, &format!("http://{address}"), store.as_deref());
        let config = SimulatorConfig {
            listen: address,
            office: server.address.clone(),
            mapping: office.join("workflows/platforms/one-net.yaml"),
            key_file: data.join("one-net.keys"),
            data_dir: folder.path().join("platform"),
        };
        let platform = Arc::new(simulator::open(&config, Arc::new(DrivenClock::at(Moment(NOW_MS)))).unwrap());
        let router = simulator::router(platform.clone()).unwrap();
        tokio::spawn(async move { axum::serve(socket, router).await.unwrap() });
        Self { server, platform, folder, store, told: Vec::new() }
    }

    /// Both sides tell each other what is due.
    async fn settle(&self) {
        for _ in 0..10 {
            if self.platform.tick().await.unwrap() == 0 {
                break;
            }
        }
        self.server.settle().await;
    }

    fn hear(&mut self, what: &str, answer: &Answer) {
        self.told.push((format!("{what} ({})", answer.status), answer.body.clone()));
    }

    /// Everything that an office does with an application.
    async fn walk(&mut self) {
        let no = self.platform.apply(application(NOTE, "2026-11-02")).unwrap();
        let late = self.platform.apply(application(REFUSED, "2026-12-24")).unwrap();
        self.settle().await;
        let case = case_id_for("one-net", &no);
        let base = format!("/api/v1/cases/{case}");
        let (window, handler, police) =
            (self.server.log_in("wang").await, self.server.log_in("lin").await, self.server.log_in("gao").await);

        // what is told to those who may see the case, and those who may not
        for (who, path) in [
            (&window, base.clone()),
            (&window, format!("{base}/journal")),
            (&window, format!("/cases/{case}")),
            (&window, "/api/v1/inbox/todo".to_owned()),
            (&window, format!("/inbox/todo?text={}", form_urlencoded(NOTE))),
            (&window, "/intake".to_owned()),
            (&police, base.clone()),
            (&police, format!("/cases/{case}/tasks/1")),
        ] {
            let answer = self.server.send(Some(who), "GET", &path, None).await;
            // a search repeats what was typed to who typed it
            let typed_here = path.contains("text=");
            if !typed_here {
                self.hear(&path, &answer);
            }
        }
        let refused = self.server.send(Some(&window), "GET", "/api/v1/intake", None).await;
        assert!(refused.body.contains(&late), "the late one waits for a clerk: {}", refused.body);
        self.hear("the list of messages that nobody took", &refused);

        let task = self.server.task(&window, &case, "check").await;
        let path = format!("{base}/tasks/{task}");
        let draft = json!({"fields": [["missing_items", TYPED]]});
        assert_eq!(self.server.send(Some(&window), "PUT", &format!("{path}/draft"), Some(draft)).await.status, 204);
        for (asked, data) in [
            ("complete", json!({"action": "correct", "data": {"material_checks": TYPED}})),
            ("complete", json!({"action": "correct", "data": {"gender": TYPED}})),
            ("preview", json!({"action": "correct", "data": {"missing_items": {"a": TYPED}}})),
            ("complete", json!({"action": "no-such-action", "data": {}, "more": TYPED})),
        ] {
            let answer = self.server.send(Some(&window), "POST", &format!("{path}/{asked}"), Some(data)).await;
            assert!((400..500).contains(&answer.status), "{} {}", answer.status, answer.body);
            self.hear(asked, &answer);
        }
        let forged = self.server.send(None, "POST", "/one-net/one-net/application", Some(json!({"data": {"canary_note": TYPED}}))).await;
        self.hear("a forged message", &forged);

        let correct = json!({"action": "correct", "data": {"missing_items": ["证明未盖章"]}});
        self.done(&window, &format!("{path}/complete"), correct).await;
        self.settle().await;
        self.platform.follow_up("supplement", &no, json!({"data": {"canary_note": LATER}}), &[upload("recognition_proof")]).unwrap();
        self.settle().await;
        let task = self.server.task(&window, &case, "check").await;
        let checks = json!({"action": "forward", "data": {"material_checks": [{"material": "认定证明", "result": "complete"}]}});
        self.done(&window, &format!("{base}/tasks/{task}/complete"), checks).await;
        let task = self.server.task(&handler, &case, "verify").await;

        let look = json!({"fields": ["canary_note", "canary_secret"], "purpose": "handle-case", "task": task});
        let seen = self.server.send(Some(&handler), "POST", &format!("{base}/reveal"), Some(look)).await;
        assert!(seen.body.contains(LATER) && seen.body.contains(SECRET), "it is all there, for who may look: {}", seen.body);

        let record = json!({"action": "record", "data": {"verification_opinion": "经团体认定，材料属实"}});
        self.done(&handler, &format!("{base}/tasks/{task}/complete"), record).await;
        self.settle().await;
        let ended = self.server.send(Some(&window), "GET", &base, None).await;
        assert_eq!(ended.json()["ended"], true, "{}", ended.body);
        self.hear("the case that has ended", &ended);
    }

    async fn done(&self, who: &server::Person, path: &str, body: Value) {
        let answer = self.server.send(Some(who), "POST", path, Some(body)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    /// All traces of the words, with where they were found.
    async fn traces(&self) -> Vec<String> {
        let data = self.folder.path().join("data");
        self.back_up(&data).await;
        let hunt = Hunt::new(&WORDS);
        let mut found = hunt.files(&data);
        found.extend(hunt.bytes("the log", &self.server.log()));
        for (what, body) in &self.told {
            found.extend(hunt.bytes(what, body.as_bytes()));
        }
        if let Some(store) = &self.store {
            found.extend(in_postgres(&hunt, store).await);
        }
        found
    }

    /// A backup of a database at work, beside it.
    async fn back_up(&self, data: &Path) {
        if self.store.is_some() {
            return;
        }
        let mut database = SqliteConnection::connect(&format!("sqlite://{}", data.join("tongban.db").display())).await.unwrap();
        let sql = format!("VACUUM INTO '{}'", data.join("backup.db").display());
        sqlx::query(AssertSqlSafe(sql)).execute(&mut database).await.unwrap();
        assert!(std::fs::metadata(data.join("tongban.db-wal")).is_ok_and(|wal| wal.len() > 0), "the write-ahead log is searched, too");
    }
}

/// Every row as text; and, where the server's own files can be read, those, write-ahead log and all.
async fn in_postgres(hunt: &Hunt, url: &str) -> Vec<String> {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let names = "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'";
    let mut found = Vec::new();
    for table in sqlx::query_scalar::<_, String>(names).fetch_all(&mut connection).await.unwrap() {
        let sql = AssertSqlSafe(format!("SELECT CAST(t AS TEXT) FROM {table} t"));
        let rows: Vec<String> = sqlx::query_scalar(sql).fetch_all(&mut connection).await.unwrap();
        found.extend(hunt.bytes(&table, rows.join("\n").as_bytes()));
    }
    sqlx::query("CHECKPOINT").execute(&mut connection).await.unwrap();
    let files: String = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await.unwrap();
    let own: String = sqlx::query_scalar("SELECT CAST(oid AS TEXT) FROM pg_database WHERE datname = current_database()")
        .fetch_one(&mut connection)
        .await
        .unwrap();
    for folder in [format!("base/{own}"), "pg_wal".to_owned()] {
        found.extend(hunt.files(&Path::new(&files).join(folder)));
    }
    found
}

fn form_urlencoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_trace_of_what_is_sensitive_is_left_anywhere() {
    let mut stores = vec![None];
    if stores::postgres_url().is_some() {
        stores.push(Some(stores::Place::fresh(stores::Database::Postgres, Moment(0)).await.settings().url));
    }
    for store in stores {
        let mut run = Run::start(["P3", "P4"], store).await;
        run.walk().await;
        let found = run.traces().await;
        assert!(found.is_empty(), "{found:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_declared_harmless_is_found() {
    let mut run = Run::start(["P1", "P1"], None).await;
    run.walk().await;
    let found = run.traces().await.join("\n");
    for word in [NOTE, SECRET, LATER] {
        assert!(found.contains(&format!("tongban.db: {word}")) || found.contains(&format!("tongban.db-wal: {word}")), "{word}: {found}");
        assert!(found.contains(&format!("backup.db: {word}")), "{word}: {found}");
    }
    assert!(!found.contains(FILE), "attachments are sealed whatever the form says: {found}");
}
