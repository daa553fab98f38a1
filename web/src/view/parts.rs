//! The parts that task, case and portal pages share: facts, materials, documents, clocks, ledgers, timeline.

use serde::Serialize;
use serde_json::{Map, Value};
use tongban_engine::{
    calendar::{Calendar, ClockRecord, Light},
    definition::{Basis, Definition, NodeKind},
    form::{Form, is_absent},
    interpreter::{Actor, Case, CaseId, Event, Task},
    organisation::Organisation,
    text::Language,
    time::Moment,
};

use super::{
    Lamp, fill,
    platforms::platform_name,
    say,
    standing::{Mark, Standing},
    when::When,
    words::Teller,
};

/// A name and a value.
#[derive(Debug, Serialize)]
pub struct Fact {
    /// Name.
    pub name: &'static str,
    /// Value.
    pub value: String,
    /// Where it leads, if anywhere.
    pub href: Option<String>,
}

/// A material, given or not.
#[derive(Debug, Default, Serialize)]
pub struct MaterialLine {
    name: String,
    file: Option<String>,
    size: String,
    source: String,
    required: bool,
    /// What the scanner says, unless it found nothing.
    mark: Option<Mark>,
    /// The page of a picture, or the file itself; if it may be opened.
    href: Option<String>,
    /// A small picture of it, if it is one and may be opened.
    picture: Option<String>,
}

impl MaterialLine {
    /// The same for who may know of the file and not open it.
    pub fn closed(self) -> Self {
        Self { href: None, picture: None, ..self }
    }
}

/// A document made.
#[derive(Debug, Serialize)]
pub struct DocumentLine {
    href: String,
    title: String,
    number: Option<String>,
    at: String,
    iso: String,
}

/// A clock with its light.
#[derive(Debug, Serialize)]
pub struct ClockLine {
    name: String,
    light: Lamp,
    basis: Option<String>,
    unverified: Option<String>,
}

/// A clock explained day by day.
#[derive(Debug, Serialize)]
pub struct Ledger {
    name: String,
    light: Lamp,
    summary: String,
    open: bool,
    lines: Vec<LedgerRow>,
}

#[derive(Debug, Serialize)]
struct LedgerRow {
    day: String,
    no: String,
    why: String,
    counted: bool,
}

/// One command of the journal, told.
#[derive(Debug, Serialize)]
pub struct TimelineEntry {
    at: String,
    iso: String,
    who: String,
    lines: Vec<String>,
}

/// A journal row, as the timeline reads it.
pub struct Entry<'a> {
    /// When.
    pub at: Moment,
    /// Who.
    pub actor: &'a Actor,
    /// What happened.
    pub events: &'a [Event],
}

/// The application form of a process.
pub fn application_form(definition: &Definition) -> Option<&Form> {
    definition.process.data.form.as_ref().and_then(|id| definition.forms.get(id))
}

/// The form by which a process is started by hand.
pub fn start_form(definition: &Definition) -> Option<&Form> {
    let by_hand = definition.process.nodes.iter().find_map(|node| match &node.kind {
        NodeKind::StartEvent(start) if start.trigger.is_none() => start.form.as_ref(),
        _ => None,
    });
    by_hand.and_then(|id| definition.forms.get(id)).or_else(|| application_form(definition))
}

/// A form with what officials have written on the way: data names of the process beyond the form that the field
/// standard knows and that have a value.
pub fn with_handling(form: &Form, data: &Map<String, Value>, definition: &Definition) -> Form {
    let written = |name: &str| data.get(name).is_some_and(|value| !is_absent(value));
    let fields = definition.process.data.fields.iter();
    let besides = fields.filter(|(name, _)| definition.standard.fields.contains_key(*name) && written(name));
    let heading = super::messages::both("case.handling");
    form.extended(&definition.standard, heading, besides.map(|(name, field)| (name.as_str(), &field.of)))
}

/// Bytes for people: `120 KB`.
pub fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KB", bytes / 1_024),
        _ => format!("{:.1} MB", bytes as f64 / 1_048_576.0),
    }
}

/// Every material of the application form, with the files given; `base` is the case's address.
pub fn materials(case: &Case, definition: &Definition, base: &str, standing: &Standing, language: Language) -> Vec<MaterialLine> {
    let mut lines = Vec::new();
    let declared = application_form(definition).map_or(&[][..], |form| &form.materials);
    for material in declared {
        let name = material.name.get(language).to_owned();
        let given: Vec<_> = case.materials.iter().filter(|given| given.material == material.id).collect();
        if given.is_empty() {
            lines.push(MaterialLine { name, required: material.required, ..MaterialLine::default() });
            continue;
        }
        lines.extend(given.into_iter().map(|file| {
            let (href, opens) = (format!("{base}/files/{}", file.file), standing.opens(&file.file));
            let picture = opens && file.media_type.starts_with("image/");
            MaterialLine {
                name: name.clone(),
                file: Some(file.name.clone()),
                picture: picture.then(|| format!("{href}/picture?size=small")),
                href: opens.then(|| if picture { format!("{href}/view") } else { href }),
                mark: standing.mark(&file.file, language),
                size: size(file.size),
                source: say(language, "task.applicant").to_owned(),
                required: material.required,
            }
        }));
    }
    lines
}

/// `已交 3 / 5`.
pub fn materials_count(lines: &[MaterialLine], language: Language) -> String {
    let given = lines.iter().filter(|line| line.file.is_some()).count().to_string();
    fill(language, "task.materials_count", &[("given", &given), ("total", &lines.len().to_string())])
}

/// The documents made, newest first.
pub fn documents(case: &Case, base: &str, when: &When) -> Vec<DocumentLine> {
    let line = |document: &tongban_engine::interpreter::DocumentRef| DocumentLine {
        href: format!("{base}/documents/{}", document.no),
        title: document.title.clone(),
        number: document.number.clone(),
        at: when.short(document.made_at),
        iso: when.iso(document.made_at),
    };
    case.documents.iter().rev().map(line).collect()
}

/// The light of an open task's own limit.
pub fn task_light(task: &Task, calendar: &Calendar, now: Moment) -> Light {
    calendar.step_light(task.opened_at, task.limit, now)
}

/// The light of one of the case's legal clocks.
pub fn clock_light(definition: &Definition, id: &str, record: &ClockRecord, now: Moment) -> Light {
    let warn: Vec<_> = definition.process.clocks.get(id).map_or_else(Vec::new, |clock| clock.warn.iter().map(|w| w.left).collect());
    definition.calendar.light(record, &warn, now)
}

/// The step's clock, if a task is asked about, then the case's.
pub fn clocks(case: &Case, task: Option<&Task>, definition: &Definition, when: &When) -> Vec<ClockLine> {
    let language = when.language();
    let step = task.map(|task| ClockLine {
        name: say(language, "case.clock_step").to_owned(),
        light: Lamp::new(&task_light(task, &definition.calendar, when.now()), when),
        basis: None,
        unverified: None,
    });
    let legal = definition.process.clocks.iter().map(|(id, declared)| ClockLine {
        name: declared.name.get(language).to_owned(),
        light: match case.clocks.get(id) {
            Some(record) => Lamp::new(&clock_light(definition, id, record, when.now()), when),
            None => Lamp { text: say(language, "case.not_started").to_owned(), ..Lamp::new(&Light::none(), when) },
        },
        basis: declared.basis.as_ref().map(|basis| basis.text.clone()),
        unverified: declared.basis.as_ref().and_then(|basis| basis.unverified.clone()),
    });
    step.into_iter().chain(legal).collect()
}

/// Each started clock, day by day.
pub fn ledgers(case: &Case, definition: &Definition, when: &When) -> Vec<Ledger> {
    let language = when.language();
    let ledger = |(id, record): (&String, &ClockRecord)| {
        let declared = definition.process.clocks.get(id);
        let calendar = &definition.calendar;
        let (limit, from) = (record.limit.words(), when.moment(record.started));
        let due = when.moment(calendar.clock_due(record, when.now()).at);
        let values = [("limit", limit.get(language)), ("from", from.as_str()), ("due", due.as_str())];
        let rows = calendar.ledger(record, when.now()).into_iter().map(|line| LedgerRow {
            day: line.day().get(language).to_owned(),
            no: line.day_no.map(|no| no.to_string()).unwrap_or_default(),
            why: line.why.get(language).to_owned(),
            counted: line.counted,
        });
        Ledger {
            name: declared.map_or_else(|| id.clone(), |clock| clock.name.get(language).to_owned()),
            light: Lamp::new(&clock_light(definition, id, record, when.now()), when),
            summary: fill(language, "case.ledger_summary", &values),
            open: false,
            lines: rows.collect(),
        }
    };
    case.clocks.iter().map(ledger).collect()
}

/// Who did something, as an official reads it.
pub fn who(actor: &Actor, organisation: &Organisation, language: Language) -> String {
    match actor {
        Actor::Person(id) => organisation.people.get(id).map_or_else(|| id.clone(), |person| person.name.clone()),
        Actor::Platform(platform) => fill(language, "app.applicant_platform", &[("platform", platform_name(platform, language))]),
        Actor::System => say(language, "app.system").to_owned(),
    }
}

/// The journal in words, newest first; what only the machine needs is left out.
pub fn timeline(entries: &[Entry<'_>], teller: &mut Teller<'_>) -> Vec<TimelineEntry> {
    let mut told: Vec<TimelineEntry> = Vec::new();
    for entry in entries {
        teller.learn(entry.events);
        let mut lines: Vec<String> = entry.events.iter().filter_map(|event| teller.event(event)).collect();
        lines.dedup();
        if !lines.is_empty() {
            let who = who(entry.actor, teller.organisation, teller.when.language());
            told.push(TimelineEntry { at: teller.when.moment(entry.at), iso: teller.when.iso(entry.at), who, lines });
        }
    }
    told.reverse();
    told
}

/// What the applicant may know of the journal, newest first: statuses reported, and nodes that say so.
pub fn public_timeline(entries: &[Entry<'_>], teller: &Teller<'_>) -> Vec<TimelineEntry> {
    let language = teller.when.language();
    let public = |node: &str| teller.definition.process.node(node).and_then(|node| node.public.as_ref());
    let mut told: Vec<TimelineEntry> = Vec::new();
    for entry in entries {
        let mut lines = Vec::new();
        for event in entry.events {
            match event {
                Event::PortalReported { status, text, .. } => {
                    lines.push(status.label().get(language).to_owned());
                    lines.extend(text.iter().map(|text| text.get(language).to_owned()));
                }
                Event::ClockExtended { .. } => lines.extend(teller.clock_event(event)),
                Event::TokenPlaced { node, .. } => lines.extend(public(node).map(|text| text.get(language).to_owned())),
                _ => {}
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        lines.retain(|line| seen.insert(line.clone()));
        if !lines.is_empty() {
            told.push(TimelineEntry { at: teller.when.moment(entry.at), iso: teller.when.iso(entry.at), who: String::new(), lines });
        }
    }
    told.reverse();
    told
}

/// Where a case came from, in words.
pub fn source(case: &Case, language: Language) -> String {
    match case.facts.source.as_str() {
        "portal" => say(language, "case.source_portal").to_owned(),
        "office" => say(language, "case.source_office").to_owned(),
        platform => platform_name(platform, language).to_owned(),
    }
}

/// What is known about a case besides its data.
pub fn facts(case: &Case, teller: &Teller<'_>) -> Vec<Fact> {
    let (language, facts) = (teller.when.language(), &case.facts);
    let line = |key, value: String| Fact { name: say(language, key), value, href: None };
    let optional = |key, value: Option<String>| value.map(|value| line(key, value));
    [
        optional("case.fact_number", facts.number.clone()),
        Some(line("case.fact_application", facts.application_no.clone())),
        Some(line("case.fact_source", source(case, language))),
        Some(line("case.fact_unit", teller.unit(&facts.unit))),
        Some(line("case.fact_applicant", facts.applicant.name.clone())),
        Some(line("case.fact_received", teller.when.moment(facts.received_at))),
        optional("case.fact_started_by", facts.started_by.as_deref().map(|id| teller.person(id))),
        Some(line("case.fact_version", case.definition.chars().take(12).collect())),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// A clock's limit as a guide says it: `法定办结时限 15 日`.
pub fn limits(definition: &Definition, language: Language) -> Vec<String> {
    let limit = |clock: &tongban_engine::definition::ClockDeclaration| {
        format!("{} {}", clock.name.get(language), clock.limit.words().get(language))
    };
    definition.process.clocks.values().map(limit).collect()
}

/// An article, with 待核 where it is not certain.
pub fn basis(basis: &Basis, language: Language) -> String {
    match &basis.unverified {
        Some(_) => format!("{}（{}）", basis.text, say(language, "app.unverified")),
        None => basis.text.clone(),
    }
}

/// The shown name of a user task's action.
pub fn action_names(definition: &Definition, node: &str) -> Vec<(String, tongban_engine::text::Text)> {
    match definition.process.node(node).map(|node| &node.kind) {
        Some(NodeKind::UserTask(task)) => task.actions.iter().map(|(id, action)| (id.clone(), action.name.clone())).collect(),
        _ => Vec::new(),
    }
}

/// The address of a case's pages.
pub fn case_href(case: &CaseId) -> String {
    format!("/cases/{case}")
}
