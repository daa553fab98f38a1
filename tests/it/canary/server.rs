//! The office as it is run in earnest: the program itself, its log at its most talkative, and people who use it.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex, mpsc},
    time::Duration,
};

use serde_json::{Value, json};

/// When it begins: a Monday.
pub(super) const NOW: &str = "2026-11-23T09:30+08:00";

pub(super) struct Server {
    child: Child,
    pub(super) address: String,
    log: Arc<Mutex<Vec<u8>>>,
    data: PathBuf,
    client: reqwest::Client,
}

/// Whoever is logged in.
pub(super) struct Person {
    token: String,
}

/// An answer.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

impl Answer {
    pub(super) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("{} {}", self.status, self.body))
    }
}

/// The program, as cargo built it beside the tests.
fn program() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("tongban");
    assert!(program.is_file(), "{} is not there: run `cargo build` first", program.display());
    program
}

impl Server {
    /// Starts it in `data` with the office in `office`; platform and database as told.
    pub(super) fn start(office: &Path, data: &Path, one_net: &str, store: Option<&str>) -> Self {
        let mut command = Command::new(program());
        command.args(["serve", "--demo", "--listen", "127.0.0.1:0", "--now", NOW, "--one-net", one_net]);
        command.arg("--office").arg(office).arg("--data").arg(data);
        if let Some(store) = store {
            command.args(["--store", store]);
        }
        let mut child = command.env("RUST_LOG", "debug").stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let log = Arc::new(Mutex::new(Vec::new()));
        let (told, address) = mpsc::channel();
        for stream in [Box::new(child.stdout.take().unwrap()) as Box<dyn Read + Send>, Box::new(child.stderr.take().unwrap())] {
            let (log, told) = (log.clone(), told.clone());
            std::thread::spawn(move || {
                let mut lines = BufReader::new(stream);
                let mut line = Vec::new();
                while lines.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
                    if let Some((_, address)) = String::from_utf8_lossy(&line).split_once("Tongban: ") {
                        let _ = told.send(address.trim().to_owned());
                    }
                    log.lock().unwrap().append(&mut line);
                }
            });
        }
        drop(told);
        let address = address.recv().unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&log.lock().unwrap())));
        Self {
            child,
            address,
            log,
            data: data.to_path_buf(),
            client: tongban_adapters::http::client(Duration::from_secs(30), None).unwrap(),
        }
    }

    /// Everything that it has said so far.
    pub(super) fn log(&self) -> Vec<u8> {
        self.log.lock().unwrap().clone()
    }

    /// Everything due is carried out, now.
    pub(super) async fn settle(&self) {
        let answer = self.send(None, "POST", "/test/clock", Some(json!({"set": NOW}))).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }

    pub(super) async fn log_in(&self, login: &str) -> Person {
        let accounts = std::fs::read_to_string(self.data.join("demo-accounts.txt")).unwrap();
        let passwords: BTreeMap<&str, &str> = accounts
            .lines()
            .filter_map(|line| {
                let mut words = line.split_whitespace();
                Some((words.next()?, words.next()?))
            })
            .collect();
        let answer = self.send(None, "POST", "/api/v1/session", Some(json!({"login": login, "password": passwords[login]}))).await;
        Person { token: answer.json()["token"].as_str().unwrap().to_owned() }
    }

    /// A request, as `who` if given; every command under a key of its own.
    pub(super) async fn send(&self, who: Option<&Person>, method: &str, path: &str, body: Option<Value>) -> Answer {
        let mut request = self.client.request(method.parse().unwrap(), format!("{}{path}", self.address));
        if let Some(person) = who {
            request = request.bearer_auth(&person.token);
        }
        if let Some(body) = &body {
            request = request.header("idempotency-key", uuid(&format!("{method}{path}{body}")));
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.send().await.unwrap();
        Answer { status: response.status().as_u16(), body: response.text().await.unwrap() }
    }

    /// The number of the open task at `node`.
    pub(super) async fn task(&self, who: &Person, case: &str, node: &str) -> u64 {
        let shown = self.send(Some(who), "GET", &format!("/api/v1/cases/{case}"), None).await.json();
        let tasks = shown["tasks"].as_array().unwrap();
        tasks.iter().find(|task| task["node"] == node).unwrap_or_else(|| panic!("no task at {node}: {shown}"))["task"].as_u64().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A key that says nothing of what it is for.
fn uuid(of: &str) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}
