//! Every name that a designer may mean, with what it is and where it stands.

use std::collections::BTreeMap;

use super::Desk;
use crate::{
    definition::{PortalStatus, Way, meaning},
    form::Field,
    source::{Place, Tree},
    text::{Language, Text},
};

/// What kind of name stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    Node,
    Lane,
    Role,
    Form,
    Field,
    Message,
    Template,
    Decision,
    Process,
    Calendar,
    Clock,
    Portal,
    Type,
    /// `lane.ID` or `applicant`.
    Recipient,
}

/// One name.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// What it is, as Markdown.
    pub(super) text: Text,
    /// Where it stands, if it stands anywhere.
    pub(super) place: Option<Place>,
}

/// Names by kind.
pub(super) type Names = BTreeMap<Kind, BTreeMap<String, Known>>;

/// What kind of name is meant at a place; `at_key`: names are the keys of the mapping there.
pub(super) fn kind_at(way: &[Way], at_key: bool) -> Option<Kind> {
    let keys: Vec<&str> = way.iter().filter_map(|step| if let Way::Key(key) = step { Some(key.as_str()) } else { None }).collect();
    let (key, outer) = (*keys.last()?, keys.len().checked_sub(2).map_or("", |at| keys[at]));
    if at_key {
        return match key {
            "set" | "collect" | "data" => Some(Kind::Field),
            "startAt" => Some(Kind::Node),
            _ => None,
        };
    }
    match (key, outer) {
        ("to", "notify") => Some(Kind::Recipient),
        ("to" | "next" | "separateFrom" | "stopAt" | "pauseIn" | "compensate" | "task" | "at" | "answer" | "repair", _) => Some(Kind::Node),
        ("lane" | "escalate", _) => Some(Kind::Lane),
        ("role" | "fallback", _) => Some(Kind::Role),
        ("form" | "use", _) => Some(Kind::Form),
        ("edit" | "show" | "require" | "search" | "output" | "field" | "fields", _) => Some(Kind::Field),
        ("message" | "send" | "awaits", _) => Some(Kind::Message),
        ("portal", _) => Some(Kind::Portal),
        ("template", _) | ("notify", "extend") => Some(Kind::Template),
        ("decision", _) => Some(Kind::Decision),
        ("process", _) if way.len() > 1 => Some(Kind::Process),
        ("calendar", _) => Some(Kind::Calendar),
        ("follows", _) => Some(Kind::Clock),
        ("type", _) => Some(Kind::Type),
        _ => None,
    }
}

/// Every name that is known where the file at `path` stands.
pub(super) fn names(desk: &Desk, path: &str) -> Names {
    let mut names = Names::new();
    let mut add = |kind: Kind, name: &str, text: Text, place: Option<Place>| {
        names.entry(kind).or_default().entry(name.to_owned()).or_insert(Known { text, place });
    };
    let office = desk.office();
    for (id, role) in office.roles.iter() {
        let doc = role.doc.clone().unwrap_or_default();
        add(Kind::Role, id, both(&[("角色", "role"), (&role.name.zh, en(&role.name)), (&doc.zh, en(&doc))]), Some(role.place.clone()));
    }
    for (id, form) in &office.forms {
        add(Kind::Form, id, both(&[("表单", "form"), (&form.name.zh, en(&form.name))]), Some(form.place.clone()));
    }
    for status in PortalStatus::ALL {
        let label = status.label();
        add(Kind::Portal, status.code(), both(&[("平台办理状态", "portal status"), (&label.zh, en(&label))]), None);
    }
    for word in ["text", "integer", "decimal", "money", "date", "time", "datetime", "duration", "boolean", "unit", "person", "file"] {
        add(Kind::Type, word, Text::new("类型", "type"), None);
    }
    for (id, record) in office.standard.records.iter().filter(|(id, _)| !id.contains('.')) {
        add(Kind::Type, id, both(&[("记录", "record"), (&record.label.zh, en(&record.label))]), Some(record.place.clone()));
    }
    for (id, list) in &office.standard.codes {
        add(
            Kind::Type,
            &format!("code<{id}>"),
            both(&[("代码集", "code list"), (&list.name.zh, en(&list.name))]),
            Some(list.place.clone()),
        );
    }
    for file in desk.files().filter(|file| file.starts_with("forms/calendars/")) {
        let id = file.trim_start_matches("forms/calendars/").trim_end_matches(".yaml");
        add(Kind::Calendar, id, Text::new("日历", "calendar"), Some(top(file)));
    }
    for (file, tree) in desk.trees().filter(|(file, _)| file.ends_with("/process.yaml")) {
        let Some(id) = tree.get("process") else { continue };
        let name = tree.get("name").map(local).unwrap_or_default();
        let text = both(&[("流程", "process"), (&name.zh, en(&name))]);
        add(Kind::Process, id.scalar().unwrap_or_default(), text, Some(Place { file: file.into(), span: id.span }));
    }
    if path.starts_with("forms/") {
        for (name, field) in &office.standard.fields {
            add(Kind::Field, name, of_field(field), Some(field.place.clone()));
        }
    }
    if let Some(folder) = folder(path) {
        for file in desk.files().filter(|file| file.starts_with(&folder) && file.ends_with(".hbs")) {
            let name = file.rsplit('/').next().unwrap_or(file).trim_end_matches(".hbs");
            add(Kind::Template, name, Text::new("模板", "template"), Some(top(file)));
        }
        for (file, tree) in desk.trees().filter(|(file, _)| file.starts_with(&format!("{folder}decisions/"))) {
            let Some(id) = tree.get("decision") else { continue };
            let place = Place { file: file.into(), span: id.span };
            add(Kind::Decision, id.scalar().unwrap_or_default(), Text::new("决策表", "decision table"), Some(place));
        }
        let process = format!("{folder}process.yaml");
        if let Some(tree) = desk.tree(&process) {
            of_process(desk, &process, tree, &mut add);
        }
    }
    names
}

/// The folder of the process that a file belongs to, with its last slash.
fn folder(path: &str) -> Option<String> {
    let base = path.strip_suffix("process.yaml");
    let inner = ["/scenarios/", "/decisions/", "/templates/"].iter().find_map(|part| path.split_once(part)).map(|(base, _)| base);
    base.map(str::to_owned).or_else(|| inner.map(|base| format!("{base}/")))
}

fn of_process(desk: &Desk, file: &str, tree: &Tree, add: &mut impl FnMut(Kind, &str, Text, Option<Place>)) {
    let place = |span| Some(Place { file: file.into(), span });
    for (part, kind, zh, english) in
        [("lanes", Kind::Lane, "泳道", "lane"), ("messages", Kind::Message, "消息", "message"), ("clocks", Kind::Clock, "时限", "clock")]
    {
        for (key, value) in tree.get(part).and_then(Tree::map).unwrap_or_default() {
            let name = value.get("name").map(local).unwrap_or_default();
            let more =
                value.get("role").or_else(|| value.get("limit")).or_else(|| value.get("key")).and_then(Tree::scalar).unwrap_or_default();
            add(kind, &key.text, both(&[(zh, english), (&name.zh, en(&name)), (more, more)]), place(key.span));
            if kind == Kind::Lane {
                add(
                    Kind::Recipient,
                    &format!("lane.{}", key.text),
                    both(&[("泳道的人", "the lane's people"), (&name.zh, en(&name))]),
                    place(key.span),
                );
            }
        }
    }
    add(Kind::Recipient, "applicant", Text::new("申请人", "the applicant"), None);
    let standard = &desk.office().standard;
    let data = tree.get("data");
    for (key, value) in data.and_then(|data| data.get("extra")).and_then(Tree::map).unwrap_or_default() {
        let of = value.get("type").and_then(Tree::scalar).unwrap_or_default();
        let known = standard.fields.get(&key.text).map(of_field).unwrap_or_default();
        add(Kind::Field, &key.text, both(&[("数据项", "data name"), (of, of), (&known.zh, en(&known))]), place(key.span));
    }
    let form = data.and_then(|data| data.get("form")).and_then(Tree::scalar).and_then(|id| desk.office().forms.get(id));
    for group in form.iter().flat_map(|form| &form.groups) {
        if let Some(rows) = &group.repeat {
            add(Kind::Field, rows, both(&[("重复组", "repeating group"), (&group.name.zh, en(&group.name))]), Some(group.place.clone()));
            continue;
        }
        for field in &group.fields {
            add(Kind::Field, &field.field.name, of_field(&field.field), Some(field.field.place.clone()));
        }
    }
    for key in ["flow", "eventSubProcesses"] {
        nodes(tree.get(key), &mut |word, id, name, span| {
            let doc = meaning(&[Way::Key("flow".to_owned()), Way::Item(None)], word).map(|word| word.doc).unwrap_or_default();
            add(Kind::Node, id, both(&[(word, word), (&name.zh, en(&name)), (&doc.zh, en(&doc))]), place(span));
        });
    }
}

/// Elements wherever they stand below a list.
fn nodes(items: Option<&Tree>, told: &mut impl FnMut(&str, &str, Text, crate::source::Span)) {
    for item in items.and_then(Tree::list).unwrap_or_default() {
        let Some(entries) = item.map() else { continue };
        if let Some((head, id)) = entries.first()
            && let Some(text) = id.scalar()
            && !matches!(head.text.as_str(), "when" | "otherwise" | "to" | "do")
        {
            told(&head.text, text, item.get("name").map(local).unwrap_or_default(), id.span);
        }
        for (_, value) in
            entries.iter().filter(|(key, _)| matches!(key.text.as_str(), "do" | "boundary" | "branches" | "eventSubProcesses"))
        {
            nodes(Some(value), told);
        }
    }
}

/// A field with its type, class, purpose and basis.
fn of_field(field: &Field) -> Text {
    let of = format!("`{}`, {:?}", field.of, field.class);
    let purpose = field.purpose.clone().unwrap_or_default();
    let basis = field.basis.as_ref().map(|basis| basis.text.clone()).unwrap_or_default();
    let told = |text: &str, zh: &str, english: &str| match text {
        "" => (String::new(), String::new()),
        text => (format!("{zh}：{text}"), format!("{english}: {text}")),
    };
    let (purpose, basis) = (told(&purpose, "用途", "purpose"), told(&basis, "依据", "basis"));
    both(&[(&field.label.zh, en(&field.label)), (&of, &of), (&purpose.0, &purpose.1), (&basis.0, &basis.1)])
}

/// Parts that say something, in both languages, with dots between them.
fn both(parts: &[(&str, &str)]) -> Text {
    let join = |parts: Vec<&str>| parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    Text::new(join(parts.iter().map(|(zh, _)| *zh).collect()), join(parts.iter().map(|(_, english)| *english).collect()))
}

/// A text or `{zh, en}`.
fn local(tree: &Tree) -> Text {
    match (tree.scalar(), tree.get("zh").and_then(Tree::scalar)) {
        (Some(text), _) => Text::zh(text),
        (None, Some(zh)) => Text::new(zh, tree.get("en").and_then(Tree::scalar).unwrap_or(zh)),
        (None, None) => Text::default(),
    }
}

fn top(file: &str) -> Place {
    Place { file: file.into(), span: crate::source::Span { line: 1, column: 1, end_line: 1, end_column: 1 } }
}

fn en(text: &Text) -> &str {
    text.get(Language::En)
}
