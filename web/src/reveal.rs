//! Showing personal data in full: for a purpose of the office's list, to whoever has just shown who she is, and on record
//! before anything of it leaves. The one place for pages and API.

use serde::Serialize;
use serde_json::{Map, Value};
use tongban_adapters::store::{REVEALS_HOUR_MAX, Reveal};
use tongban_engine::{
    definition::Definition,
    form::{Class, class_of, is_absent},
    text::Language,
};

use crate::{
    desk::Desk,
    error::Problem,
    state::App,
    view::messages::{both, both_filled},
};

/// Longest remark, in characters.
const REMARK_MAX: usize = 200;

/// What somebody says she looks for.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a> {
    /// Id of a purpose.
    pub purpose: &'a str,
    /// Remark; empty: none.
    pub remark: &'a str,
}

/// Names among `names` that are masked as long as nobody reveals them, and have a value.
pub fn masked_names<'a>(definition: &Definition, names: impl Iterator<Item = &'a String>, data: &Map<String, Value>) -> Vec<String> {
    let fields = &definition.process.data.fields;
    let sensitive =
        |name: &str| match fields.get(name).map(|field| &field.of).or_else(|| definition.standard.fields.get(name).map(|f| &f.of)) {
            Some(of) => class_of(&definition.standard, name, of) >= Class::P2,
            None => true,
        };
    let given = |name: &str| data.get(name).is_some_and(|value| !is_absent(value));
    names.filter(|name| given(name) && sensitive(name)).cloned().collect()
}

/// Notes that `desk` looks at `fields` of the case (or other thing of `kind`) `about`. Only after this may they be shown.
///
/// # Errors
/// She has not just shown who she is; the purpose is none; or she has looked too often within the hour.
pub async fn demand(
    app: &App,
    desk: &Desk,
    (kind, about): (&'static str, &str),
    fields: Vec<String>,
    stated: Stated<'_>,
) -> Result<(), Problem> {
    if !app.purposes.contains_key(stated.purpose) {
        return Err(Problem::invalid("purpose", both("reveal.purpose_needed")));
    }
    desk.must_be_fresh()?;
    let remark: String = stated.remark.trim().chars().take(REMARK_MAX).collect();
    let reveal = Reveal {
        at: app.now(),
        person: desk.id.clone(),
        unit: desk.person.posts.first().map(|post| post.unit.clone()).unwrap_or_default(),
        about: about.to_owned(),
        kind,
        fields,
        purpose: stated.purpose.to_owned(),
        remark: (!remark.is_empty()).then_some(remark),
    };
    if app.store.reveal(reveal).await? {
        return Ok(());
    }
    Err(Problem::too_many_reveals(both_filled("reveal.too_many", &[("limit", &REVEALS_HOUR_MAX.to_string())])))
}

/// What a page asks before it shows.
#[derive(Debug, Serialize)]
pub struct RevealForm {
    action: String,
    purposes: Vec<Purpose>,
}

#[derive(Debug, Serialize)]
struct Purpose {
    id: String,
    name: String,
}

/// The form that posts to `action`; None if the office has no purposes.
pub fn form(app: &App, language: Language, action: String) -> Option<RevealForm> {
    let purpose = |(id, name): (&String, &tongban_engine::text::Text)| Purpose { id: id.clone(), name: name.get(language).to_owned() };
    let purposes: Vec<Purpose> = app.purposes.iter().map(purpose).collect();
    (!purposes.is_empty()).then_some(RevealForm { action, purposes })
}

/// Who looked, as the office and the person concerned are told.
#[derive(Debug, Serialize)]
pub struct RevealLine {
    at: String,
    iso: String,
    who: String,
    unit: String,
    purpose: String,
    fields: String,
    remark: Option<String>,
}

/// Everybody who looked at personal data of a case in full, newest first; remarks are the office's own.
pub async fn lines(app: &App, desk: &Desk, definition: &Definition, case: &str, remarks: bool) -> Result<Vec<RevealLine>, Problem> {
    let language = desk.language();
    let label =
        |name: &String| definition.standard.fields.get(name).map_or_else(|| name.clone(), |field| field.label.get(language).to_owned());
    let line = |reveal: Reveal| {
        let who = desk.organisation.people.get(&reveal.person).map_or_else(|| reveal.person.clone(), |person| person.name.clone());
        let unit = desk.organisation.units.get(&reveal.unit).map_or_else(|| reveal.unit.clone(), |unit| unit.name.get(language).to_owned());
        let purpose = app.purposes.get(&reveal.purpose).map_or_else(|| reveal.purpose.clone(), |name| name.get(language).to_owned());
        let names: Vec<String> = reveal.fields.iter().map(label).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        RevealLine {
            at: desk.when.moment(reveal.at),
            iso: desk.when.iso(reveal.at),
            who,
            unit,
            purpose,
            fields: crate::view::listed(language, &names),
            remark: reveal.remark.filter(|_| remarks),
        }
    };
    Ok(app.store.reveals(case).await?.into_iter().map(line).collect())
}
