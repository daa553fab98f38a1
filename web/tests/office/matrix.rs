//! Every operation of the OpenAPI document × every role, at the unit of the case and at another, × nobody logged in.
//!
//! What each may do is told in `matrix.yaml`, one line an operation. An operation that is not told fails the test, and so does
//! one that is told and does not exist; the line that would be true as things stand is printed, to be looked at and added.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    path::Path,
};

use axum::http::{Method, StatusCode};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tongban_engine::organisation::{Concern, Organisation, Person, Post, Recusal, StandIn, Term};

use crate::{
    api::report,
    rig::{Browser, Office, PASSWORD},
};

/// The process that the case is of.
const PROCESS: &str = "activity-report";
/// Who began it: of the venue manager's unit.
const APPLICANT: &str = "feng";

/// `matrix.yaml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Matrix {
    /// Role → the unit of the case, as far as the role is concerned, and another.
    places: BTreeMap<String, [String; 2]>,
    operations: BTreeMap<String, Told>,
}

/// What each may do.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    /// The request's body; `$task` stands for the open task.
    #[serde(default)]
    body: Option<Value>,
    /// What follows the address.
    #[serde(default)]
    query: String,
    /// Values of the address that are not the case's.
    #[serde(default)]
    at: BTreeMap<String, String>,
    /// Who is not named below.
    any: Class,
    /// Who is not logged in; `login` unless it says otherwise.
    #[serde(default)]
    nobody: Option<Class>,
    #[serde(default)]
    ok: Vec<String>,
    #[serde(default, rename = "in")]
    let_in: Vec<String>,
    #[serde(default)]
    no: Vec<String>,
    #[serde(default)]
    hidden: Vec<String>,
}

/// Classes of status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
enum Class {
    /// It was done: 2xx.
    Ok,
    /// She was let in, and what she sent was refused for what it is: 400, 409, 422.
    In,
    /// Not hers to do: 403.
    No,
    /// There is nothing, as far as she is told: 404.
    Hidden,
    /// 401.
    Login,
    /// What nobody should ever see.
    Wrong,
}

impl Class {
    fn of(status: StatusCode) -> Self {
        match status.as_u16() {
            200..300 => Self::Ok,
            400 | 409 | 422 => Self::In,
            401 => Self::Login,
            403 => Self::No,
            404 => Self::Hidden,
            _ => Self::Wrong,
        }
    }
}

impl Told {
    fn of(&self, who: &str) -> Class {
        let listed = [(&self.ok, Class::Ok), (&self.let_in, Class::In), (&self.no, Class::No), (&self.hidden, Class::Hidden)];
        listed.into_iter().find(|(people, _)| people.iter().any(|told| told == who)).map_or(self.any, |(_, class)| class)
    }
}

/// The people of the matrix: each role at the unit of the case (`role`) and at another (`role/other`), and besides who stands in
/// for the case handler (`substitute`) and a case handler who must keep away from what the applicant does (`recused`).
fn organise(organisation: &mut Organisation, roles: &[String], places: &BTreeMap<String, [String; 2]>) -> Vec<String> {
    let mut people = Vec::new();
    let mut add = |id: String, person: Person| {
        organisation.people.insert(id.clone(), Person { name: id.clone(), ..person });
        people.push(id);
    };
    let posts = |role: &str, unit: &str| vec![Post { role: role.to_owned(), unit: unit.to_owned() }];
    for role in roles {
        let [own, other] = places.get(role).unwrap_or(&places["default"]);
        add(role.clone(), Person { posts: posts(role, own), ..Person::default() });
        add(format!("{role}/other"), Person { posts: posts(role, other), ..Person::default() });
    }
    let stands_in = vec![StandIn { absent: "case-handler".to_owned(), processes: vec![PROCESS.to_owned()] }];
    add("substitute".to_owned(), Person { stands_in, ..Person::default() });
    add("recused".to_owned(), Person { posts: posts("case-handler", &places["default"][0]), ..Person::default() });
    let about = Concern::Unit("shifan-temple".to_owned());
    let (id, person) = ("r1".to_owned(), "recused".to_owned());
    organisation.recusals.push(Recusal { id, person, about, reason: "利害关系".to_owned(), term: Term::default() });
    people
}

/// A program with a token, or without.
struct Program {
    browser: Browser,
    bearer: Option<String>,
    calls: u32,
}

impl Program {
    async fn of(office: &Office, person: Option<&str>) -> Self {
        let mut browser = office.browser();
        let mut bearer = None;
        if let Some(person) = person {
            office.store.set_account(person, person, PASSWORD, false).await.unwrap();
            let body = json!({"login": person, "password": PASSWORD}).to_string();
            let answer = browser.send(Method::POST, "/api/v1/session", &[("content-type", "application/json")], body).await;
            bearer = Some(format!("Bearer {}", answer.json()["token"].as_str().unwrap()));
        }
        // The token alone: no cookie goes with it.
        Self { browser: office.browser(), bearer, calls: 0 }
    }

    async fn call(&mut self, method: &Method, path: &str, body: Option<&Value>) -> (StatusCode, Value) {
        self.calls += 1;
        let key = format!("{}-{}", self.calls, path);
        let mut headers = vec![("content-type", "application/json"), ("idempotency-key", key.as_str())];
        if let Some(bearer) = &self.bearer {
            headers.push(("authorization", bearer));
        }
        let body = body.map(Value::to_string).unwrap_or_default();
        let answer = self.browser.send(method.clone(), &format!("/api/v1{path}"), &headers, body).await;
        self.browser.forget();
        (answer.status, serde_json::from_str(&answer.body).unwrap_or_default())
    }
}

/// A case as the applicant has just begun it, with its open task.
async fn fresh(applicant: &mut Program) -> BTreeMap<String, String> {
    let (status, begun) = applicant.call(&Method::POST, &format!("/start/{PROCESS}"), Some(&report())).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    BTreeMap::from([("case".to_owned(), begun["case"].as_str().unwrap().to_owned())])
}

/// An address with its places filled in.
fn filled(path: &str, values: &[&BTreeMap<String, String>]) -> String {
    let all = values.iter().flat_map(|values| values.iter());
    all.fold(path.to_owned(), |path, (name, value)| path.replace(&format!("{{{name}}}"), value))
}

fn with_task(body: &Value, task: &str) -> Value {
    serde_json::from_str(&body.to_string().replace("\"$task\"", task)).unwrap()
}

#[tokio::test]
async fn each_may_do_what_the_matrix_tells_and_nothing_else() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let matrix: Matrix = serde_yaml::from_str(&std::fs::read_to_string(folder.join("tests/office/matrix.yaml")).unwrap()).unwrap();
    let document: Value = serde_json::from_str(&std::fs::read_to_string(folder.join("openapi.json")).unwrap()).unwrap();
    let served: BTreeSet<(String, Method)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (path.clone(), method.to_uppercase().parse().unwrap()))
        })
        .collect::<Vec<(String, Method)>>()
        .into_iter()
        .collect();

    let office = Office::open().await;
    let mut organisation = (*office.store.organisation()).clone();
    let roles: Vec<String> = office.store.roles().keys().cloned().collect();
    let people = organise(&mut organisation, &roles, &matrix.places);
    office.store.organise(organisation).await.unwrap();
    let mut applicant = Program::of(&office, Some(APPLICANT)).await;
    let handler = office.store.clone();
    let task_of = async |case: &str| handler.tasks_of(case).await.unwrap().first().map(|task| task.task.to_string()).unwrap_or_default();

    let mut wrong = String::new();
    for named in matrix.operations.keys() {
        if !served.iter().any(|(path, method)| *named == format!("{method} {path}")) {
            writeln!(wrong, "{named} is told, and there is no such operation").unwrap();
        }
    }
    let mut at = fresh(&mut applicant).await;
    let nothing = Told {
        body: None,
        query: String::new(),
        at: BTreeMap::new(),
        any: Class::Wrong,
        nobody: None,
        ok: Vec::new(),
        let_in: Vec::new(),
        no: Vec::new(),
        hidden: Vec::new(),
    };
    let who: Vec<Option<&str>> = std::iter::once(None).chain(people.iter().map(|person| Some(person.as_str()))).collect();
    let mut observed: BTreeMap<String, BTreeMap<Class, Vec<&str>>> = BTreeMap::new();
    for person in who {
        let mut program = Program::of(&office, person).await;
        for (path, method) in &served {
            let name = format!("{method} {path}");
            let told = matrix.operations.get(&name).unwrap_or(&nothing);
            at.insert("task".to_owned(), task_of(&at["case"]).await);
            let address = filled(&format!("{path}{}", told.query), &[&told.at, &at]);
            let body = told.body.as_ref().map(|body| with_task(body, &at["task"]));
            let (status, answer) = program.call(method, &address, body.as_ref()).await;
            let is = Class::of(status);
            observed.entry(name.clone()).or_default().entry(is).or_default().push(person.unwrap_or("nobody"));
            let should = match person {
                None => told.nobody.unwrap_or(Class::Login),
                Some(person) => told.of(person),
            };
            if is != should && matrix.operations.contains_key(&name) {
                writeln!(wrong, "{name} as {}: told {should:?}, is {status} {}", person.unwrap_or("nobody"), answer["code"]).unwrap();
            }
            if !method.is_safe() && is == Class::Ok {
                at = fresh(&mut applicant).await;
                // her token is gone, or another one now
                if matches!(name.as_str(), "DELETE /session" | "POST /session/step-up") {
                    program = Program::of(&office, person).await;
                }
            }
        }
    }
    for (name, classes) in observed.iter().filter(|(name, _)| !matrix.operations.contains_key(*name)) {
        writeln!(wrong, "{name} is not told; as things stand:\n  \"{name}\": {}", line(classes)).unwrap();
    }
    assert!(wrong.is_empty(), "\n{wrong}");
}

fn logged_in<'a>(people: &[&'a str]) -> Vec<&'a str> {
    people.iter().copied().filter(|person| *person != "nobody").collect()
}

/// A line of the matrix as observed: most are `any`.
fn line(classes: &BTreeMap<Class, Vec<&str>>) -> String {
    let word = |class: &Class| serde_json::to_value(class).unwrap().as_str().unwrap().to_owned();
    let any = classes.iter().max_by_key(|(_, who)| logged_in(who).len()).map(|(class, _)| *class).unwrap_or(Class::Wrong);
    let others = classes.iter().filter(|(class, who)| **class != any && !logged_in(who).is_empty());
    let others = others.map(|(class, who)| format!(", {}: [{}]", word(class), logged_in(who).join(", "))).collect::<String>();
    format!("{{any: {}{others}}}", word(&any))
}
