//! What a process declares before its flow: lanes, messages, data, clocks.

use indexmap::IndexMap;

use super::{
    Basis, ClockDeclaration, ClockStart, DataField, DataModel, Declaration, Declarations, Extension, Lane, MessageDeclaration, Parameter,
    Scope, Warning,
    context::{Context, Refers, duration, entries, string, strings, text},
    names::{Besides, NO_INSTANCE, Names},
};
use crate::{
    form::{Class, FieldType, check_value, class_of, is_indexable, parse_type, type_at},
    rules::is_reserved,
    source::{Span, Tree},
    text::Text,
};

/// `legalBasis`.
pub(super) fn legal_basis(tree: Option<&Tree>) -> Vec<Basis> {
    tree.and_then(Tree::list).unwrap_or_default().iter().filter_map(basis).collect()
}

fn basis(tree: &Tree) -> Option<Basis> {
    match string(tree) {
        Some(text) => Some(Basis { text, unverified: None }),
        None => beside(tree),
    }
}

/// `basis:` with `unverified:` beside it.
fn beside(tree: &Tree) -> Option<Basis> {
    Some(Basis { text: string(tree.get("basis")?)?, unverified: tree.get("unverified").and_then(string) })
}

/// `data`: the form's fields and the extra ones.
pub(super) fn data(cx: &mut Context<'_>, tree: Option<&Tree>) -> DataModel {
    let mut model = DataModel::default();
    let Some(tree) = tree else { return model };
    if tree.get("open").and_then(Tree::boolean) == Some(true) {
        model.open = true;
        cx.names_unsure = true;
    }
    if let Some(form) = tree.get("form") {
        model.form = cx.refer(Refers::Form, form, "data");
        form_fields(cx, &mut model, form.span);
    }
    for (name, span, value) in entries(tree.get("extra")) {
        extra(cx, &mut model, name, span, value);
    }
    for (name, item) in strings(tree.get("search")) {
        match model.fields.get_mut(&name) {
            Some(field) => {
                field.search = true;
                let of = field.of.clone();
                searchable(cx, &name, &of, item.span);
            }
            None => unknown_data(cx, &name, item.span, &model.fields.keys().map(String::as_str).collect::<Vec<_>>()),
        }
    }
    model
}

fn form_fields(cx: &mut Context<'_>, model: &mut DataModel, span: Span) {
    let Some(form) = model.form.as_ref().and_then(|id| cx.around.forms.get(id)) else {
        cx.names_unsure = true;
        return;
    };
    let place = cx.place(span);
    for (name, of) in form.types() {
        if is_reserved(&name) {
            reserved(cx, &name, span);
        }
        model.fields.insert(name, DataField { of, default: None, search: false, place: place.clone() });
    }
}

fn extra(cx: &mut Context<'_>, model: &mut DataModel, name: &str, span: Span, value: &Tree) {
    if is_reserved(name) {
        reserved(cx, name, span);
    }
    if model.fields.contains_key(name) {
        cx.error("D006", span, Text::new(format!("“{name}”已是办件的数据项"), format!("`{name}` is already a data name of the case")))
            .help = Some(Text::new("删去这一项，或换一个名称", "remove it, or choose another name"));
        return;
    }
    // With a wrong type the name is still there: its uses need no finding of their own.
    let of = Some(value)
        .filter(|value| value.scalar().is_some())
        .or_else(|| value.get("type"))
        .and_then(|tree| data_type(cx, tree))
        .unwrap_or(FieldType::Text);
    let default = value.get("default").map(|tree| default(cx, name, &of, tree));
    let search = value.get("search").and_then(Tree::boolean).unwrap_or_default();
    if search {
        searchable(cx, name, &of, span);
    }
    model.fields.insert(name.to_owned(), DataField { of, default, search, place: cx.place(span) });
}

/// What rests sealed may be searched by only if it is a number that nobody could guess from an index.
fn searchable(cx: &mut Context<'_>, name: &str, of: &FieldType, span: Span) {
    let standard = cx.around.standard;
    if class_of(standard, name, of) >= Class::P3 && !is_indexable(standard, name) {
        let message = Text::new(
            format!("“{name}”是 P3 以上的数据项，又不是证件号码或手机号，不能检索"),
            format!("`{name}` is of class P3 or higher and no identity or mobile number: cases cannot be searched by it"),
        );
        cx.error("D011", span, message).help = Some(Text::new("从 search 中删去", "take it out of `search`"));
    }
}

/// The value before anybody writes it, which must fit the type.
fn default(cx: &mut Context<'_>, name: &str, of: &FieldType, tree: &Tree) -> serde_json::Value {
    let value = tree.to_json();
    let standard = cx.around.standard;
    if let Some(wrong) = check_value(standard, name, &standard.field_for(name, of), &value).into_iter().next() {
        cx.error("D003", tree.span, wrong.message);
    }
    value
}

fn reserved(cx: &mut Context<'_>, name: &str, span: Span) {
    cx.error(
        "D001",
        span,
        Text::new(format!("“{name}”是规则语言的保留字，不能作数据名"), format!("`{name}` is reserved in rhai and cannot be a data name")),
    )
    .help = Some(Text::new("换一个名称", "choose another name"));
}

fn unknown_data(cx: &mut Context<'_>, name: &str, span: Span, known: &[&str]) {
    let help = super::shape::suggestion(name, known);
    cx.error("R004", span, Text::new(format!("没有数据项“{name}”"), format!("there is no data name `{name}`"))).help = Some(help);
}

/// A type whose code list and record exist in the field standard.
fn data_type(cx: &mut Context<'_>, tree: &Tree) -> Option<FieldType> {
    let written = string(tree)?;
    match type_at(cx.around.standard, &written, &cx.place(tree.span)) {
        Ok(of) => Some(of),
        Err(finding) => {
            cx.findings.push(finding);
            parse_type(&written).ok()
        }
    }
}

/// Names that are readable in the process's own scope.
pub(super) fn top_names<'a>(data: &'a DataModel, scopes: &'a [Scope], besides: Besides) -> Names<'a> {
    Names { data: &data.fields, scopes, scope: 0, instance: &NO_INSTANCE, brought: &NO_INSTANCE, besides }
}

/// `lanes`.
pub(super) fn lanes(cx: &mut Context<'_>, tree: Option<&Tree>, data: &DataModel) -> IndexMap<String, Lane> {
    entries(tree)
        .map(|(id, span, value)| {
            let role = value.get("role").and_then(|role| cx.refer(Refers::Role, role, id));
            let names = top_names(data, &[], Besides::Nothing);
            let lane = Lane {
                name: value.get("name").and_then(text).unwrap_or_else(|| Text::zh(id)),
                role: role.unwrap_or_default(),
                unit: value.get("unit").and_then(|unit| cx.expression(unit, &names)),
                fallback: value.get("fallback").and_then(|role| cx.refer(Refers::Role, role, id)),
                place: cx.place(span),
            };
            (id.to_owned(), lane)
        })
        .collect()
}

/// `messages`.
pub(super) fn messages(cx: &mut Context<'_>, tree: Option<&Tree>, data: &DataModel) -> IndexMap<String, MessageDeclaration> {
    entries(tree)
        .map(|(id, span, value)| {
            let names = top_names(data, &[], Besides::Message);
            let message = MessageDeclaration {
                key: value.get("key").and_then(|key| cx.expression(key, &names)),
                keep: value.get("keep").and_then(duration),
                data: payload(cx, value),
                place: cx.place(span),
            };
            (id.to_owned(), message)
        })
        .collect()
}

/// What a message or signal brings.
fn payload(cx: &mut Context<'_>, value: &Tree) -> IndexMap<String, FieldType> {
    let named = |cx: &mut Context<'_>, name: &str, span: Span, of: &Tree| {
        if is_reserved(name) {
            reserved(cx, name, span);
        }
        Some((name.to_owned(), data_type(cx, of)?))
    };
    entries(value.get("data")).filter_map(|(name, span, of)| named(cx, name, span, of)).collect()
}

/// `signals`, `errors` and `escalations`.
pub(super) fn declarations(cx: &mut Context<'_>, root: &Tree) -> Declarations {
    let mut of_kind = |kind: &str| root.get(kind).map(|tree| declared(cx, tree));
    Declarations { signals: of_kind("signals"), errors: of_kind("errors"), escalations: of_kind("escalations") }
}

fn declared(cx: &mut Context<'_>, tree: &Tree) -> IndexMap<String, Declaration> {
    entries(Some(tree))
        .map(|(id, span, value)| {
            let data = payload(cx, value);
            (id.to_owned(), Declaration { name: value.get("name").and_then(text), data, place: cx.place(span) })
        })
        .collect()
}

/// `parameters`: data that a caller gives.
pub(super) fn parameters(cx: &mut Context<'_>, tree: Option<&Tree>, model: &mut DataModel) -> IndexMap<String, Parameter> {
    entries(tree)
        .map(|(name, span, value)| {
            extra(cx, model, name, span, value);
            let required = value.get("required").and_then(Tree::boolean).unwrap_or(true);
            (name.to_owned(), Parameter { required, place: cx.place(span) })
        })
        .collect()
}

/// `clocks`.
pub(super) fn clocks(cx: &mut Context<'_>, tree: Option<&Tree>) -> IndexMap<String, ClockDeclaration> {
    let mut clocks = IndexMap::new();
    for (id, span, value) in entries(tree) {
        match clock(cx, id, span, value) {
            Some(clock) => drop(clocks.insert(id.to_owned(), clock)),
            None => cx.dropped.push(id.to_owned()),
        }
    }
    clocks
}

fn clock(cx: &mut Context<'_>, id: &str, span: Span, tree: &Tree) -> Option<ClockDeclaration> {
    let mut start_at = IndexMap::new();
    for (node, node_span, from) in entries(tree.get("startAt")) {
        cx.refer_at(Refers::Node, node, node_span, id);
        let from = if from.scalar() == Some("received") { ClockStart::Received } else { ClockStart::Now };
        start_at.insert(node.to_owned(), from);
    }
    let follows = tree.get("follows").and_then(|clock| cx.refer(Refers::Clock, clock, id));
    if start_at.is_empty() && follows.is_none() {
        cx.error("T004", span, Text::new(format!("时限“{id}”没有起算点"), format!("clock `{id}` never starts"))).help =
            Some(Text::new("写明 startAt，或用 follows 跟随另一时限", "give `startAt`, or follow another clock with `follows`"));
    }
    Some(ClockDeclaration {
        name: tree.get("name").and_then(text).unwrap_or_else(|| Text::zh(id)),
        basis: beside(tree),
        limit: duration(tree.get("limit")?)?,
        follows,
        start_at,
        stop_at: nodes(cx, tree.get("stopAt"), id),
        pause_in: nodes(cx, tree.get("pauseIn"), id),
        extend: tree.get("extend").and_then(|extend| extension(cx, extend, id)),
        warn: warnings(cx, tree.get("warn"), id),
        place: cx.place(span),
    })
}

fn nodes(cx: &mut Context<'_>, tree: Option<&Tree>, clock: &str) -> Vec<String> {
    strings(tree)
        .map(|(name, item)| {
            cx.refer_at(Refers::Node, &name, item.span, clock);
            name
        })
        .collect()
}

fn extension(cx: &mut Context<'_>, tree: &Tree, clock: &str) -> Option<Extension> {
    Some(Extension {
        by: duration(tree.get("by")?)?,
        times: tree.get("times").and_then(Tree::scalar).and_then(|times| times.parse().ok()).unwrap_or(1),
        lane: tree.get("lane").and_then(|lane| cx.refer(Refers::Lane, lane, clock)),
        notify: tree.get("notify").and_then(|template| cx.refer(Refers::Template, template, clock)),
    })
}

/// Warnings, longest remaining time first; in the written order where units differ, since the calendar decides then.
fn warnings(cx: &mut Context<'_>, tree: Option<&Tree>, clock: &str) -> Vec<Warning> {
    let written = tree.and_then(Tree::list).unwrap_or_default();
    let mut warnings: Vec<Warning> = written.iter().filter_map(|warn| warning(cx, warn, clock)).collect();
    if warnings.windows(2).all(|pair| pair[0].left.unit == pair[1].left.unit) {
        warnings.sort_by_key(|warning| std::cmp::Reverse(warning.left.amount));
    }
    warnings
}

fn warning(cx: &mut Context<'_>, tree: &Tree, clock: &str) -> Option<Warning> {
    Some(Warning {
        left: duration(tree.get("left")?)?,
        escalate: tree.get("escalate").and_then(|lane| cx.refer(Refers::Lane, lane, clock)),
    })
}
