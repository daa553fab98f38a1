//! The start catalogue: what this account may start, each with its guide.

use axum::extract::State;
use serde::Serialize;
use tongban_engine::{
    definition::{Definition, ProcessKind},
    text::Language,
};

use super::Page;
use crate::{
    desk::Desk,
    page,
    state::App,
    view::{fill, parts, say},
};

#[derive(Serialize)]
struct Catalogue {
    items: Vec<Item>,
}

/// A process as the catalogue and its form tell it.
#[derive(Serialize)]
pub(super) struct Item {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) kind: &'static str,
    pub(super) limits: Vec<String>,
    pub(super) basis: Vec<String>,
    pub(super) materials: String,
    pub(super) material_list: Vec<MaterialAsked>,
    pub(super) href: String,
}

/// A material that the form asks for.
#[derive(Serialize)]
pub(super) struct MaterialAsked {
    name: String,
    required: bool,
    accept: String,
}

/// `GET /start`
pub(super) async fn show(State(app): State<App>, desk: Desk) -> Page {
    let language = desk.language();
    let items = app.store.startable(&desk.id).iter().map(|definition| item(definition, language)).collect();
    page::draw(&app, &desk, say(language, "start.title"), "page/catalogue", &Catalogue { items }, None).await
}

fn kind(kind: ProcessKind) -> &'static str {
    match kind {
        ProcessKind::Licence => "start.kind_licence",
        ProcessKind::Filing => "start.kind_filing",
        ProcessKind::Report => "start.kind_report",
        ProcessKind::Office => "start.kind_office",
    }
}

/// The guide of a process.
pub(super) fn item(definition: &Definition, language: Language) -> Item {
    let process = &definition.process;
    let asked: Vec<MaterialAsked> = parts::start_form(definition)
        .map_or(&[][..], |form| &form.materials)
        .iter()
        .map(|material| MaterialAsked {
            name: material.name.get(language).to_owned(),
            required: material.required,
            accept: material.accept.join(", "),
        })
        .collect();
    let (count, required) = (asked.len().to_string(), asked.iter().filter(|material| material.required).count().to_string());
    let materials = match asked.len() {
        0 => say(language, "start.materials_none").to_owned(),
        _ => fill(language, "start.materials_count", &[("count", &count), ("required", &required)]),
    };
    Item {
        id: process.id.clone(),
        name: process.name.get(language).to_owned(),
        kind: say(language, kind(process.kind)),
        limits: parts::limits(definition, language),
        basis: process.legal_basis.iter().map(|basis| parts::basis(basis, language)).collect(),
        materials,
        material_list: asked,
        href: format!("/start/{}", process.id),
    }
}
