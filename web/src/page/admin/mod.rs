//! Units and people: who there is, who may what, who stands in for whom, and who leaves.

mod account;
pub(crate) mod hand_over;
pub(crate) mod import;
mod people;
mod person;
mod substitute;
mod units;

pub(crate) use people::Asked as PeopleAsked;
pub(super) use person::others;

use axum::Router;
use serde::Serialize;
use tongban_engine::{
    organisation::{Register, UNIT_KINDS},
    text::Language,
};

use super::{Page, ProblemBox, pages::Pages};
use crate::{
    desk::{Desk, KEEPERS},
    error::Problem,
    state::App,
    view::say,
};

/// Every page of them.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .merge(units::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(account::routes())
        .merge(import::routes())
        .merge(hand_over::routes())
        .merge(substitute::routes())
}

/// Who keeps people and who grants rights both see them; nobody else.
fn may_look(desk: &Desk) -> Result<(), Problem> {
    desk.must_have_one_of(&KEEPERS)
}

/// Something to choose from.
#[derive(Serialize)]
pub(super) struct Choice {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) chosen: bool,
}

/// Units that are not closed, by their place in the tree.
fn unit_choices(register: &Register, language: Language, chosen: &str) -> Vec<Choice> {
    let mut units: Vec<(String, Choice)> = register
        .open_units()
        .filter_map(|id| {
            let name = path(register, language, id);
            Some((name.clone(), Choice { id: id.to_owned(), name, chosen: id == chosen })).filter(|_| register.units.contains_key(id))
        })
        .collect();
    units.sort_by(|a, b| a.0.cmp(&b.0));
    units.into_iter().map(|(_, choice)| choice).collect()
}

/// A unit with those above it: `市局 / 甲区`.
fn path(register: &Register, language: Language, id: &str) -> String {
    let (mut names, mut at) = (Vec::new(), Some(id));
    while let Some(unit) = at.filter(|_| names.len() <= register.units.len()).and_then(|id| register.units.get(id)) {
        names.push(unit.name.get(language));
        at = unit.parent.as_deref();
    }
    names.reverse();
    names.join(" / ")
}

fn role_choices(app: &App, language: Language, chosen: &str) -> Vec<Choice> {
    let choice = |role: &tongban_engine::definition::Role| Choice {
        id: role.id.clone(),
        name: role.name.get(language).to_owned(),
        chosen: role.id == chosen,
    };
    app.roles.values().map(choice).collect()
}

/// A kind of unit in words.
fn kind_name(language: Language, kind: &str) -> &str {
    let key = match kind {
        "bureau" => "units.bureau",
        "division" => "units.division",
        "district" => "units.district",
        "body" => "units.body",
        "venue" => "units.venue",
        "partner" => "units.partner",
        _ => return kind,
    };
    say(language, key)
}

fn kind_choices(language: Language, chosen: &str) -> Vec<Choice> {
    let choice = |kind: &str| Choice { id: kind.to_owned(), name: kind_name(language, kind).to_owned(), chosen: kind == chosen };
    UNIT_KINDS.into_iter().map(choice).collect()
}

/// A text that was left empty is none.
fn given(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}
