//! The audit for the audit administrator: who did what, who looked at whom, the state of the chain, and export.

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sm3::{Digest, Sm3};
use tongban_adapters::store::{AuditAsked, AuditFilter, AuditRow, AuditState, Deed};
use tongban_engine::{authority::Action, text::Language};

use super::{Page, ProblemBox, admin::Choice};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::notify,
    state::App,
    view::{
        audit::{self as words, KINDS, Side},
        export, fill,
        messages::both,
        say,
    },
};

/// Rows of one page.
pub(crate) const ROWS: u32 = 50;
/// Rows of one export.
const EXPORTED_MAX: usize = 100_000;

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/admin/audit", get(list))
        .route("/admin/audit/verify", post(verify))
        .route("/admin/audit/export", post(export))
        .route("/admin/audit/{no}", get(show))
}

/// What is asked, as it stands in the address.
#[derive(Clone, Debug, Default, Deserialize, Serialize, utoipa::IntoParams, utoipa::ToSchema)]
#[into_params(parameter_in = Query)]
#[serde(default)]
pub(crate) struct Asked {
    /// Who did it: person id or name.
    pub(crate) by: String,
    /// What was done, such as `case.read`.
    pub(crate) deed: String,
    /// What kind of thing it was done to, such as `case`.
    pub(crate) kind: String,
    /// To which one: its id, a person's name, a case's number.
    pub(crate) about: String,
    /// `1`: only who looked, at the case or at the cases of the person that `about` names.
    pub(crate) looks: String,
    /// From this day on: `2026-11-23`.
    pub(crate) from: String,
    /// Up to this day, it included.
    pub(crate) until: String,
    /// Only rows before this number.
    pub(crate) before: String,
}

impl Asked {
    /// As the store is asked.
    pub(crate) async fn filter(&self, app: &App) -> Result<AuditFilter, Problem> {
        let looks = self.looks == "1" && !self.about.trim().is_empty();
        let mut about = person(app, &self.about);
        if (looks || self.kind == "case")
            && let Some(case) = app.store.case_by_number(self.about.trim()).await?
        {
            about = case;
        }
        Ok(AuditFilter {
            actor: person(app, &self.by),
            deed: self.deed.trim().to_owned(),
            kind: if looks { String::new() } else { self.kind.trim().to_owned() },
            about,
            looks,
            from: self.day(app, &self.from, 0)?,
            until: self.day(app, &self.until, 1)?,
        })
    }

    /// The rows asked for, and the number that the next page is asked by.
    pub(crate) async fn rows(&self, app: &App) -> Result<(Vec<AuditRow>, Option<u64>), Problem> {
        let asked = AuditAsked { before: self.before.parse().ok(), rows: ROWS };
        let rows = app.store.audit_rows(&self.filter(app).await?, asked).await?;
        let next = if rows.len() == ROWS as usize { rows.last().map(|row| row.no) } else { None };
        Ok((rows, next))
    }

    /// The beginning of a day in the office's zone, so many days later.
    fn day(&self, app: &App, text: &str, later: i64) -> Result<Option<tongban_engine::time::Moment>, Problem> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let date: jiff::civil::Date = text.parse().map_err(|_| Problem::invalid("date", both("audit.no_date")))?;
        let date = date.checked_add(jiff::Span::new().days(later)).map_err(|_| Problem::invalid("date", both("audit.no_date")))?;
        Ok(Some(app.calendar.start_of(date)))
    }

    /// Its own address with other values.
    fn href(&self, change: impl FnOnce(&mut Self)) -> String {
        let mut asked = Self { before: String::new(), ..self.clone() };
        change(&mut asked);
        let Self { by, deed, kind, about, looks, from, until, before } = &asked;
        let named = [
            ("by", by),
            ("deed", deed),
            ("kind", kind),
            ("about", about),
            ("looks", looks),
            ("from", from),
            ("until", until),
            ("before", before),
        ];
        let given = named.into_iter().filter(|(_, value)| !value.is_empty());
        format!("/admin/audit?{}", form_urlencoded::Serializer::new(String::new()).extend_pairs(given).finish())
    }
}

/// A person's id by her id or her name, if only one is called so; else what was given.
fn person(app: &App, given: &str) -> String {
    let (given, register) = (given.trim(), app.store.register());
    let mut called = register.people.iter().filter(|(_, official)| official.name == given);
    match (register.people.contains_key(given), called.next(), called.next()) {
        (false, Some((id, _)), None) => id.clone(),
        _ => given.to_owned(),
    }
}

#[derive(Serialize)]
struct List {
    asked: Asked,
    filtered: bool,
    /// Asked for more than one of the two questions.
    narrowed: bool,
    heading: String,
    state: StateLine,
    deeds: Vec<Choice>,
    kinds: Vec<Choice>,
    rows: Vec<Row>,
    next: Option<String>,
    newest: Option<String>,
}

#[derive(Serialize)]
struct StateLine {
    tone: &'static str,
    text: String,
}

#[derive(Serialize)]
struct Row {
    no: u64,
    href: String,
    at: String,
    iso: String,
    who: String,
    did: String,
    kind: String,
    about: String,
    purpose: String,
    /// What this person did.
    by_href: String,
    /// All about this thing.
    about_href: String,
    /// Who looked at this case, or at this person's cases.
    looks_href: Option<String>,
}

/// `GET /admin/audit`
async fn list(State(app): State<App>, desk: Desk, Query(asked): Query<Asked>) -> Page {
    draw(&app, &desk, asked, None).await
}

async fn draw(app: &App, desk: &Desk, asked: Asked, problem: Option<&Problem>) -> Page {
    desk.must_have(Action::Audit)?;
    let language = desk.language();
    let (found, next, wrong) = match asked.rows(app).await {
        Ok((found, next)) => (found, next, None),
        Err(problem) if problem.status.is_server_error() => return Err(problem),
        Err(problem) => (Vec::new(), None, Some(problem)),
    };
    let mut cases: Vec<String> = found.iter().filter(|row| row.deed.kind == "case").map(|row| row.deed.about.clone()).collect();
    cases.push(asked.about.clone());
    let numbers = app.store.case_numbers(&cases).await?;
    let name = |row: &AuditRow| numbers.get(&row.deed.about).cloned().unwrap_or_else(|| thing(desk, &row.deed));
    let rows = found.iter().map(|found| row(desk, &asked, found, name(found))).collect();
    let choice = |id: &str, name: String, chosen: &str| Choice { chosen: id == chosen, id: id.to_owned(), name };
    let deeds = app.store.audit_words().await?;
    let narrowed = [&asked.deed, &asked.kind, &asked.from, &asked.until].into_iter().any(|given| !given.is_empty());
    let page = List {
        narrowed,
        filtered: asked.href(|_| ()) != Asked::default().href(|_| ()),
        heading: heading(desk, &asked, numbers.get(&asked.about)),
        state: state_line(desk, app.store.audit_state().as_ref()),
        deeds: deeds.iter().map(|word| choice(word, words::deed(language, word), &asked.deed)).collect(),
        kinds: KINDS.iter().map(|(word, _)| choice(word, words::kind(language, word), &asked.kind)).collect(),
        rows,
        next: next.map(|no| asked.href(|asked| asked.before = no.to_string())),
        newest: (!asked.before.is_empty()).then(|| asked.href(|_| ())),
        asked,
    };
    let problem = problem.or(wrong.as_ref());
    let banner = problem.map(|problem| ProblemBox::new(problem, language, false));
    let mut drawn = page::draw(app, desk, say(language, "audit.title"), "page/audit", &page, banner.as_ref()).await?;
    if let Some(problem) = problem {
        *drawn.status_mut() = problem.status;
    }
    Ok(drawn)
}

/// What the list answers, where it is one of the two questions.
fn heading(desk: &Desk, asked: &Asked, number: Option<&String>) -> String {
    let language = desk.language();
    match () {
        () if asked.looks == "1" && !asked.about.is_empty() => {
            let what = number.cloned().unwrap_or_else(|| desk.name_of(&asked.about));
            fill(language, "audit.looked_at", &[("what", &what)])
        }
        () if !asked.by.is_empty() => fill(language, "audit.did", &[("who", &desk.name_of(&asked.by))]),
        () => say(language, "audit.rows").to_owned(),
    }
}

fn thing(desk: &Desk, deed: &Deed) -> String {
    match deed.kind.as_str() {
        "person" => desk.name_of(&deed.about),
        "unit" => {
            let unit = desk.organisation.units.get(&deed.about);
            unit.map_or_else(|| deed.about.clone(), |unit| unit.name.get(desk.language()).to_owned())
        }
        _ => deed.about.clone(),
    }
}

fn row(desk: &Desk, asked: &Asked, row: &AuditRow, about: String) -> Row {
    let (deed, language) = (&row.deed, desk.language());
    let only = |change: fn(&mut Asked, &Deed)| {
        let within = Asked { from: asked.from.clone(), until: asked.until.clone(), ..Asked::default() };
        within.href(|asked| change(asked, deed))
    };
    let looked = |asked: &mut Asked, deed: &Deed| {
        asked.looks = "1".to_owned();
        asked.about.clone_from(&deed.about);
    };
    Row {
        no: row.no,
        href: format!("/admin/audit/{}", row.no),
        at: desk.when.moment(deed.at),
        iso: desk.when.iso(deed.at),
        who: desk.name_of(&deed.actor),
        did: words::deed(language, &deed.deed),
        kind: words::kind(language, &deed.kind),
        about,
        purpose: deed.purpose.clone().unwrap_or_default(),
        by_href: only(|asked, deed| asked.by.clone_from(&deed.actor)),
        about_href: only(|asked, deed| {
            asked.kind.clone_from(&deed.kind);
            asked.about.clone_from(&deed.about);
        }),
        looks_href: matches!(deed.kind.as_str(), "case" | "person").then(|| only(looked)),
    }
}

fn state_line(desk: &Desk, state: Option<&AuditState>) -> StateLine {
    let language = desk.language();
    match state {
        None => StateLine { tone: "warn", text: say(language, "audit.unverified").to_owned() },
        Some(AuditState { at, no, fault: None }) => {
            let values = [("no", &*no.to_string()), ("at", &desk.when.moment(*at))];
            StateLine { tone: "good", text: fill(language, "audit.verified", &values) }
        }
        Some(AuditState { at, fault: Some((no, what)), .. }) => {
            let values = [("no", &*no.to_string()), ("at", &desk.when.moment(*at)), ("what", what.get(language))];
            StateLine { tone: "bad", text: fill(language, "audit.broken", &values) }
        }
    }
}

#[derive(Serialize)]
struct Item {
    row: Row,
    hash: String,
    prev: String,
    sides: Vec<Side>,
    earlier: Option<String>,
    later: Option<String>,
}

/// `GET /admin/audit/{no}`: one row, old and new side by side.
async fn show(State(app): State<App>, desk: Desk, Path(no): Path<u64>) -> Page {
    desk.must_have(Action::Audit)?;
    let found = app.store.audit_row(no).await?.ok_or_else(Problem::not_found)?;
    let numbers = app.store.case_numbers(std::slice::from_ref(&found.deed.about)).await?;
    let about = numbers.get(&found.deed.about).cloned().unwrap_or_else(|| thing(&desk, &found.deed));
    let later = app.store.audit_row(no + 1).await?.map(|row| format!("/admin/audit/{}", row.no));
    let page = Item {
        row: row(&desk, &Asked::default(), &found, about),
        sides: sides(&app, &desk, found.deed.before.as_deref(), found.deed.after.as_deref()),
        hash: found.hash,
        prev: found.prev,
        earlier: (no > 1).then(|| format!("/admin/audit/{}", no - 1)),
        later,
    };
    let title = fill(desk.language(), "audit.row_title", &[("no", &no.to_string())]);
    page::draw(&app, &desk, &title, "page/audit_row", &page, None).await
}

/// Old and new as people call them.
pub(super) fn sides(app: &App, desk: &Desk, before: Option<&str>, after: Option<&str>) -> Vec<Side> {
    words::Names { register: &app.store.register(), roles: &app.roles, when: &desk.when }.sides(before, after)
}

/// `POST /admin/audit/verify`: the whole chain, now.
async fn verify(State(app): State<App>, desk: Desk, _: Posted) -> Page {
    let state = check(&app, &desk).await?;
    let (tone, key) = if state.fault.is_none() { ("good", "audit.checked") } else { ("bad", "audit.checked_bad") };
    Ok(notify(Redirect::to("/admin/audit").into_response(), tone, key, &[]))
}

/// Checks the chain on somebody's behalf.
pub(crate) async fn check(app: &App, desk: &Desk) -> Result<AuditState, Problem> {
    desk.must_have(Action::Audit)?;
    desk.note("audit.verified", "audit", "chain", None).await?;
    Ok(app.store.check_audit().await?)
}

/// `POST /admin/audit/export`: what the filter finds, as a file, for a stated purpose.
async fn export(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    let get = |name: &str| posted.get(name).to_owned();
    let asked = Asked {
        by: get("by"),
        deed: get("deed"),
        kind: get("kind"),
        about: get("about"),
        looks: get("looks"),
        from: get("from"),
        until: get("until"),
        before: String::new(),
    };
    desk.must_be_fresh()?;
    match exported(&app, &desk, &asked, posted.get("format") == "jsonl", posted.get("purpose")).await {
        Err(problem) if problem.status.is_client_error() && desk.has(Action::Audit) => draw(&app, &desk, asked, Some(&problem)).await,
        answer => answer,
    }
}

/// The rows that are asked for as CSV or JSON lines. What leaves is noted before it leaves, with its hash.
pub(crate) async fn exported(app: &App, desk: &Desk, asked: &Asked, as_json: bool, purpose: &str) -> Result<Response, Problem> {
    desk.must_have(Action::Audit)?;
    if purpose.trim().is_empty() {
        return Err(Problem::invalid("purpose", both("audit.purpose_needed")));
    }
    let (filter, mut rows) = (asked.filter(app).await?, Vec::new());
    loop {
        let before = rows.last().map(|row: &AuditRow| row.no);
        let more = app.store.audit_rows(&filter, AuditAsked { before, rows: 5_000 }).await?;
        if more.is_empty() {
            break;
        }
        rows.extend(more);
        if rows.len() > EXPORTED_MAX {
            return Err(Problem::invalid("too-many", both("audit.too_many")));
        }
    }
    let count = rows.len();
    let (text, kind, ending) = if as_json {
        (export::json_lines(rows).map_err(|error| Problem::ours(&error))?, "application/jsonl; charset=utf-8", "jsonl")
    } else {
        (table(app, desk.language(), &rows).map_err(|error| Problem::ours(&error))?, "text/csv; charset=utf-8", "csv")
    };
    let after = json!({"filter": asked, "format": ending, "rows": count, "sm3": hex::encode(Sm3::digest(&text))}).to_string();
    let deed = Deed::new(app.now(), &*desk.id, "audit.exported", "audit", "export");
    app.store.note(Deed { after: Some(after), purpose: Some(purpose.to_owned()), ..deed }).await?;
    let mut response = text.into_response();
    let name = format!("attachment; filename=\"audit-{}.{ending}\"", app.calendar.date_of(app.now()));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(header::CONTENT_DISPOSITION, HeaderValue::from_str(&name).map_err(|error| Problem::ours(&error))?);
    Ok(response)
}

fn table(app: &App, language: Language, rows: &[AuditRow]) -> Result<Vec<u8>, csv::Error> {
    let head = ["audit.no", "audit.at", "audit.who", "audit.what", "audit.kind", "audit.about", "audit.old", "audit.new", "audit.purpose"];
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let cells = rows.iter().map(|AuditRow { no, deed, hash, .. }| {
        let (at, did, kind) = (app.calendar.format_moment(deed.at), words::deed(language, &deed.deed), words::kind(language, &deed.kind));
        let Deed { actor, about, before, after, purpose, .. } = deed;
        [no.to_string(), at, actor.clone(), did, kind, about.clone(), text(before), text(after), text(purpose), hash.clone()]
    });
    let [a, b, c, d, e, f, g, h, i] = head.map(|key| say(language, key));
    export::csv([a, b, c, d, e, f, g, h, i, "SM3"], cells)
}
