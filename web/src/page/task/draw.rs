//! Drawing the task page, with what was typed, previewed or refused.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::{Map, Value};
use tongban_engine::{
    authority::Action,
    form::{Attached, Choice, FormView, Rights, html},
    interpreter::{Actor, may_act, offered_actions},
    time::Moment,
};

use super::{
    OpenTask,
    operations::{Operation, operations},
};
use crate::{
    desk::Desk,
    error::Problem,
    page::{
        self, Page, ProblemBox,
        case::materials,
        operation::{Offer, Withheld, offers},
    },
    random,
    reveal::{self, RevealForm},
    state::App,
    view::{
        Lamp, fill, listed,
        parts::{self, ClockLine, DocumentLine, Entry, MaterialLine, TimelineEntry},
        say,
        standing::Standing,
        words::Teller,
    },
};

/// What somebody has typed and not yet sent, or sent and not got through.
#[derive(Clone, Debug, Default)]
pub(in crate::page) struct Typed {
    /// Names and values as posted.
    pub(in crate::page) fields: Vec<(String, String)>,
    /// When the draft was saved, if it is one.
    pub(in crate::page) saved: Option<Moment>,
}

impl Typed {
    pub(in crate::page) fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What an account saved under a name.
    pub(in crate::page) async fn draft(app: &App, person: &str, about: &str) -> Result<Option<Self>, Problem> {
        let draft = app.store.draft(person, about).await?;
        Ok(draft.map(|draft| {
            let fields = serde_json::from_value(draft.body["fields"].clone()).unwrap_or_default();
            Self { fields, saved: Some(draft.at) }
        }))
    }
}

/// The draft that `desk` has of a task.
pub(super) async fn draft(app: &App, desk: &Desk, open: &OpenTask) -> Result<Option<Typed>, Problem> {
    Typed::draft(app, &desk.id, &OpenTask::draft_name(&open.case.id, open.no)).await
}

/// What would happen, or why nothing would.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Preview {
    pub(super) title: String,
    pub(super) problem: Option<String>,
    pub(super) fields: Vec<PreviewField>,
    pub(super) lines: Vec<String>,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct PreviewField {
    pub(super) message: String,
}

/// Everything that the page is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) app: &'a App,
    pub(super) desk: &'a Desk,
    pub(super) open: &'a OpenTask,
    pub(super) typed: Option<&'a Typed>,
    pub(super) preview: Option<Preview>,
    pub(super) problem: Option<&'a Problem>,
    /// Who changed the case meanwhile, in words.
    pub(super) conflict: Option<String>,
    /// The action that asks for a tick.
    pub(super) confirm: Option<String>,
    /// Personal data is shown whole.
    pub(super) revealed: bool,
}

#[derive(Serialize)]
struct TaskPage {
    title: String,
    light: Lamp,
    process: String,
    number: Option<String>,
    step: String,
    applicant: String,
    assignee: String,
    case_href: String,
    conflict: Option<String>,
    doc: Option<String>,
    source: String,
    data_html: String,
    reveal: Option<RevealForm>,
    materials: Vec<MaterialLine>,
    materials_count: String,
    documents: Vec<DocumentLine>,
    timeline: Vec<TimelineEntry>,
    form: Option<ActForm>,
    preview: Option<Preview>,
    why_not: String,
    operations: Vec<Operation>,
    offers: Vec<Offer>,
    withheld: Vec<Withheld>,
    clocks: Vec<ClockLine>,
}

#[derive(Serialize)]
struct ActForm {
    action: String,
    preview_href: String,
    draft_href: String,
    key: String,
    version: u64,
    draft_at: Option<String>,
    verdicts: Vec<Verdict>,
    html: String,
    confirm: Option<String>,
}

#[derive(Serialize)]
struct Verdict {
    id: String,
    name: String,
    requires: Option<String>,
    /// What follows, as far as the graph says.
    ahead: Option<String>,
    /// Ids of what describes the choice.
    described_by: String,
    chosen: bool,
    no: usize,
}

impl<'a> Drawing<'a> {
    /// The page as it is opened.
    pub(super) fn of(app: &'a App, desk: &'a Desk, open: &'a OpenTask) -> Self {
        Self { app, desk, open, typed: None, preview: None, problem: None, conflict: None, confirm: None, revealed: false }
    }

    /// The page.
    pub(super) async fn draw(self) -> Page {
        let language = self.desk.language();
        let (open, organisation) = (self.open, &self.desk.organisation);
        let whole = open.sight.is_whole();
        let journal = if whole { self.app.store.journal(&open.case.id).await? } else { Vec::new() };
        let entries: Vec<Entry<'_>> = journal.iter().map(|row| Entry { at: row.at, actor: &row.actor, events: &row.events }).collect();
        let mut teller = Teller::new(&open.definition, organisation, &self.desk.when);
        let timeline = parts::timeline(&entries, &mut teller);
        let base = parts::case_href(&open.case.id);
        let standing = Standing::of(self.app, &open.case).await?;
        let materials = materials(open.sight, parts::materials(&open.case, &open.definition, &base, &standing, language));
        let permitted =
            may_act(&open.definition, &open.case, open.no, &Actor::Person(self.desk.id.clone()), organisation, self.desk.when.now());
        let light = parts::task_light(&open.task, &open.definition.calendar, self.desk.when.now());
        let (offers, withheld) = offers(&open.case, &open.definition, self.desk, Some(open.no));
        let page = TaskPage {
            title: open.case.facts.title.clone(),
            light: Lamp::new(&light, &self.desk.when),
            process: open.definition.process.name.get(language).to_owned(),
            number: open.case.facts.number.clone(),
            step: teller.step(&open.task.node),
            applicant: open.case.facts.applicant.name.clone(),
            assignee: self.assignee(&teller),
            case_href: base.clone(),
            conflict: self.conflict.clone(),
            doc: open.definition.process.node(&open.task.node).and_then(|node| node.doc.as_ref()).map(|doc| doc.get(language).to_owned()),
            source: parts::source(&open.case, language),
            data_html: self.data_html(),
            reveal: if !self.revealed && open.must(self.desk, Action::Reveal).is_ok() {
                reveal::form(self.app, language, format!("{}/reveal", open.href()))
            } else {
                None
            },
            materials_count: parts::materials_count(&materials, language),
            materials,
            documents: if whole { parts::documents(&open.case, &base, &self.desk.when) } else { Vec::new() },
            timeline,
            why_not: permitted.as_ref().err().map(|why| why.message.get(language).to_owned()).unwrap_or_default(),
            form: permitted.is_ok().then(|| self.form()),
            operations: operations(open, self.desk),
            offers,
            withheld,
            clocks: parts::clocks(&open.case, Some(&open.task), &open.definition, &self.desk.when),
            preview: self.preview.clone(),
        };
        let problem = self.problem.map(|problem| ProblemBox::new(problem, language, true));
        page::draw(self.app, self.desk, &page.title, "page/task", &page, problem.as_ref()).await
    }

    fn assignee(&self, teller: &Teller<'_>) -> String {
        match &self.open.task.assignee {
            Some(person) if *person == self.desk.id => say(self.desk.language(), "inbox.me").to_owned(),
            Some(person) => teller.person(person),
            None => format!("{} · {}", teller.post(&self.open.task.post), say(self.desk.language(), "inbox.unclaimed")),
        }
    }

    /// What the step shows, read-only; what it edits stands in the form beside. Where it shows all, what others have
    /// written on the way (opinions, checks) is shown, too.
    fn data_html(&self) -> String {
        let Some(form) = self.open.form() else { return String::new() };
        let (edit, data, definition) = (self.open.edit(), self.open.data(), &self.open.definition);
        let rights = self.open.declared().and_then(|task| task.form.as_ref());
        let show = rights.and_then(|rights| rights.show.clone());
        let whole = show.is_none() && rights.map(|rights| &rights.form) == definition.process.data.form.as_ref();
        let form = if whole { Cow::Owned(parts::with_handling(form, &data, definition)) } else { Cow::Borrowed(form) };
        let names = show.unwrap_or_else(|| form.types().into_keys().collect());
        let names: Vec<String> = names.into_iter().filter(|name| !edit.contains(name)).collect();
        let (units, people) = choices(self.desk, &self.open.case.facts.unit);
        let view = FormView {
            data: Some(&data),
            language: self.desk.language(),
            show: Rights::Only(&names),
            mask: !self.revealed,
            units: &units,
            people: &people,
            ..FormView::default()
        };
        html(&form, &definition.standard, &view)
    }

    fn form(&self) -> ActForm {
        let (open, language) = (self.open, self.desk.language());
        let href = open.href();
        let chosen = self.typed.and_then(|typed| typed.get("_action"));
        let form = open.form();
        let label = |name: &String| form.map_or_else(|| name.clone(), |form| form.label_of(name).get(language).to_owned());
        let offered = offered_actions(&open.definition, &open.case, open.no, &self.desk.organisation, self.desk.when.now());
        let ahead = open.ahead(&self.desk.organisation, self.desk.when.now(), language);
        let verdicts: Vec<Verdict> = offered
            .into_iter()
            .filter(|(_, _, offered)| *offered)
            .enumerate()
            .map(|(index, (id, action, _))| {
                let names: Vec<String> = action.require.iter().map(label).collect();
                let requires = (!names.is_empty()).then(|| fill(language, "task.requires", &[("names", &listed(language, &names))]));
                let ahead = ahead.as_ref().and_then(|ahead| ahead.of(action));
                let described = [requires.as_ref().map(|_| format!("needs-{id}")), ahead.as_ref().map(|_| format!("ahead-{id}"))];
                Verdict {
                    described_by: described.into_iter().flatten().collect::<Vec<_>>().join(" "),
                    ahead,
                    id: id.to_owned(),
                    name: action.name.get(language).to_owned(),
                    requires,
                    chosen: chosen == Some(id),
                    no: index + 1,
                }
            })
            .collect();
        ActForm {
            preview_href: format!("{href}/preview"),
            draft_href: format!("/api/v1{href}/draft"),
            key: random::hex(16),
            version: open.case.seq,
            draft_at: self.typed.and_then(|typed| typed.saved).map(|at| self.desk.when.short(at)),
            html: self.inputs(),
            confirm: self.confirm.as_ref().map(|name| fill(language, "task.confirm", &[("name", name)])),
            action: href,
            verdicts,
        }
    }

    fn inputs(&self) -> String {
        let Some(form) = self.open.form() else { return String::new() };
        let mut data = self.open.data();
        if let Some(typed) = self.typed {
            data.extend(entered(self.open, &typed.fields));
        }
        let (units, people) = choices(self.desk, &self.open.case.facts.unit);
        let view = FormView {
            data: Some(&data),
            errors: self.problem.map_or(&[], |problem| &problem.fields),
            language: self.desk.language(),
            edit: Rights::Only(self.open.edit()),
            units: &units,
            people: &people,
            add: self.typed.and_then(|typed| typed.get("_add")),
            ..FormView::default()
        };
        html(form, &self.open.definition.standard, &view)
    }
}

/// What was typed into the step's fields, as data; fields that were emptied are null.
pub(super) fn entered(open: &OpenTask, fields: &[(String, String)]) -> Map<String, Value> {
    let Some(form) = open.form() else { return Map::new() };
    let standard = &open.definition.standard;
    let known = open.data();
    let mut data = tongban_engine::form::from_fields(form, standard, fields);
    for name in tongban_engine::form::cleared(form, standard, fields) {
        if known.get(&name).is_some_and(|value| !value.is_null()) {
            data.insert(name, Value::Null);
        }
    }
    data.retain(|name, _| open.edit().contains(name));
    data
}

/// Units of the office and people of one unit, for pickers.
pub(in crate::page) fn choices(desk: &Desk, unit: &str) -> (Vec<Choice>, Vec<Choice>) {
    let language = desk.language();
    let units = desk.organisation.units.iter().filter(|(_, unit)| !unit.applies());
    let units = units.map(|(id, unit)| Choice { id: id.clone(), label: unit.name.get(language).to_owned() }).collect();
    let people = desk.organisation.people.iter().filter(|(_, person)| person.posts.iter().any(|post| post.unit == unit));
    let people = people.map(|(id, person)| Choice { id: id.clone(), label: person.name.clone() }).collect();
    (units, people)
}

/// Files of the case as a form shows them.
pub(in crate::page) fn attached(case: &tongban_engine::interpreter::Case, base: &str) -> Vec<Attached> {
    let file = |given: &tongban_engine::interpreter::MaterialGiven| Attached {
        material: given.material.clone(),
        name: given.name.clone(),
        href: Some(format!("{base}/files/{}", given.file)),
    };
    case.materials.iter().map(file).collect()
}
