//! Reading the field standard: fields, records, code lists, and the rows of the forms' repeating groups.

use indexmap::IndexMap;

use super::{
    field,
    reader::{Reader, Shape},
};
use crate::{
    diagnostic::Finding,
    form::{
        Class, CodeList, Field, FieldStandard, FieldType, Record, RecordMember, row_record,
        types::{is_id, is_name, near},
    },
    source::{Place, Source, Tree},
    text::Text,
};

const RECORD: Shape = Shape { zh: "记录", en: "a record", keys: &["record", "name", "members"] };
const MEMBER: Shape = Shape { zh: "记录成员", en: "a record's member", keys: &["field", "required", "optional"] };
const CODES: Shape = Shape { zh: "代码集", en: "a code list", keys: &["code", "name", "source", "codes"] };

/// Reads the field standard from the files under `forms/`: field files, code lists and forms, in any order (a file may
/// hold one entry or a list of entries; the first key says what an entry is: `field`, `record`, `code` or `form`).
///
/// Of a form only the rows of its repeating groups are read: they are records named as [`row_record`] says, so that
/// `stewards` has a type like any other data name. What has mistakes is kept as far as it can be read, and every
/// mistake is a finding: `Y020`–`Y029` shape, `R021`–`R024` references, `D020`–`D024` what does not fit together.
pub fn load_standard(files: &[(Source, Tree)]) -> (FieldStandard, Vec<Finding>) {
    let mut loader = Loader::default();
    let entries: Vec<(&Source, &Tree)> = files.iter().flat_map(|(source, tree)| entries(tree).map(move |entry| (source, entry))).collect();
    entries.iter().for_each(|(source, tree)| loader.announce(source, tree));
    entries.iter().for_each(|(source, tree)| loader.field(source, tree));
    entries.iter().for_each(|(source, tree)| loader.record(source, tree));
    entries.iter().for_each(|(source, tree)| loader.rows(source, tree));
    loader.cycles();
    loader.findings.sort_by(|a, b| a.place.cmp(&b.place));
    (loader.standard, loader.findings)
}

fn entries(tree: &Tree) -> impl Iterator<Item = &Tree> {
    tree.list().unwrap_or(std::slice::from_ref(tree)).iter()
}

#[derive(Default)]
struct Loader {
    standard: FieldStandard,
    findings: Vec<Finding>,
}

impl Loader {
    fn read<T>(&mut self, source: &Source, read: impl FnOnce(&mut Reader<'_>, &mut FieldStandard) -> T) -> T {
        let mut reader = Reader::new(source);
        let value = read(&mut reader, &mut self.standard);
        self.findings.append(&mut reader.findings);
        value
    }

    /// First round: code lists as a whole, records by name, so that types can be resolved in any order.
    fn announce(&mut self, source: &Source, tree: &Tree) {
        self.read(source, |reader, standard| {
            if tree.get("code").is_some() {
                code_list(reader, tree, standard);
            } else if tree.get("record").is_some() {
                announce_record(reader, tree, standard);
            } else if tree.get("field").is_none() && tree.get("form").is_none() {
                let help =
                    Text::new("每项以 field、record、code 或 form 开头", "each entry begins with `field`, `record`, `code` or `form`");
                reader.error("Y028", tree.span, "认不出这一项是什么", "it is not clear what this entry is", Some(help));
            }
        });
    }

    fn field(&mut self, source: &Source, tree: &Tree) {
        if tree.get("field").is_none() || ["code", "record", "form"].iter().any(|key| tree.get(key).is_some()) {
            return;
        }
        self.read(source, |reader, standard| {
            for key in ["required", "optional"] {
                if let Some(value) = tree.get(key) {
                    let help = Text::new("由表单或记录说明是否必填", "the form or record says what is required");
                    reader.error("Y020", value.span, format!("数据项没有“{key}”这个键"), format!("a field has no key `{key}`"), Some(help));
                }
            }
            let Some(field) = field::read(reader, tree, standard) else { return };
            if let Some(first) = standard.fields.get(&field.name) {
                reader.duplicate(field.place.span, &field.name, &first.place);
                return;
            }
            standard.fields.insert(field.name.clone(), field);
        });
    }

    fn record(&mut self, source: &Source, tree: &Tree) {
        let Some(name) = tree.get("record").and_then(Tree::scalar).filter(|_| tree.get("code").is_none()) else { return };
        let place = Place { file: source.name.clone(), span: tree.get("record").map_or(tree.span, |value| value.span) };
        if self.standard.records.get(name).is_none_or(|record| record.place != place) {
            return;
        }
        let members = self.read(source, |reader, standard| read_members(reader, tree, standard));
        if let Some(record) = self.standard.records.get_mut(name) {
            record.members = members;
        }
    }

    /// The rows of a form's repeating groups. Mistakes in the form are told by `load_form`.
    fn rows(&mut self, source: &Source, tree: &Tree) {
        let Some(form) = tree.get("form").and_then(Tree::scalar) else { return };
        for group in tree.get("groups").and_then(Tree::list).unwrap_or_default() {
            let Some(repeat) = group.get("repeat").and_then(Tree::scalar) else { continue };
            let named = group.get("fields").and_then(Tree::list).unwrap_or_default().iter();
            let members = named.filter_map(|entry| {
                let name = entry.scalar().or_else(|| entry.get("field")?.scalar())?;
                let field = self.standard.fields.get(name)?.clone();
                let required = field.of != FieldType::Boolean && entry.get("required").and_then(Tree::boolean).unwrap_or(true);
                Some((name.to_owned(), RecordMember { field, required }))
            });
            let (name, members) = (row_record(form, repeat), members.collect());
            let label = Reader::new(source).label(group, "name").unwrap_or_else(|| Text::zh(repeat));
            let place = Place { file: source.name.clone(), span: group.span };
            let record = Record { name: name.clone(), label, members, place };
            self.standard.records.insert(name, record);
        }
    }

    /// `D022`: a record must not hold itself: no form could be drawn, no value be finite.
    fn cycles(&mut self) {
        for name in cyclic(&self.standard) {
            let Some(record) = self.standard.records.get_mut(&name) else { continue };
            record.members.clear();
            let message = Text::new(format!("记录“{name}”经由成员包含了自身"), format!("record `{name}` holds itself through its members"));
            self.findings.push(Finding::error("D022", record.place.clone(), message));
        }
    }
}

/// The records that hold themselves, directly or through others.
pub(in crate::form) fn cyclic(standard: &FieldStandard) -> Vec<String> {
    standard.records.keys().filter(|name| reaches(standard, name, name, &mut Vec::new())).cloned().collect()
}

fn reaches<'a>(standard: &'a FieldStandard, from: &'a str, target: &str, seen: &mut Vec<&'a str>) -> bool {
    if seen.contains(&from) {
        return false;
    }
    seen.push(from);
    let Some(record) = standard.records.get(from) else { return false };
    let mut inner = record.members.values().filter_map(|member| inner_record(&member.field.of));
    inner.any(|name| name == target || reaches(standard, name, target, seen))
}

fn inner_record(of: &FieldType) -> Option<&str> {
    match of {
        FieldType::Record(name) => Some(name),
        FieldType::List(item) => inner_record(item),
        _ => None,
    }
}

fn code_list(reader: &mut Reader<'_>, tree: &Tree, standard: &mut FieldStandard) {
    reader.mapping(tree, &CODES, &["code", "name", "codes"]);
    let Some(id) = reader.name(tree, "code", is_id) else { return };
    let at = tree.get("code").map_or(tree.span, |value| value.span);
    let mut codes = IndexMap::new();
    let given = tree.get("codes").filter(|value| !value.is_null());
    match given.and_then(Tree::map) {
        Some(items) => {
            for (key, value) in items {
                if let Some(text) = reader.languages(value, &key.text) {
                    codes.insert(key.text.clone(), text);
                }
            }
        }
        None if given.is_some() => {
            let help = Text::new("如 codes: {\"1\": 男, \"2\": 女}", "as in codes: {\"1\": male, \"2\": female}");
            reader.error("Y022", at, "“codes”应为 代码: 名称 的映射", "`codes` must be a mapping of code to name", Some(help));
        }
        None => {}
    }
    if codes.is_empty() && given.is_some() {
        reader.error("Y029", at, format!("代码集“{id}”没有代码"), format!("code list `{id}` has no codes"), None);
    }
    if let Some(first) = standard.codes.get(&id) {
        reader.duplicate(at, &id, &first.place);
        return;
    }
    let name = reader.label(tree, "name").unwrap_or_else(|| Text::zh(id.clone()));
    let list = CodeList { id: id.clone(), name, source: reader.text(tree, "source"), codes, place: reader.place(at) };
    standard.codes.insert(id, list);
}

fn announce_record(reader: &mut Reader<'_>, tree: &Tree, standard: &mut FieldStandard) {
    reader.mapping(tree, &RECORD, &["record", "name", "members"]);
    let Some(name) = reader.name(tree, "record", is_name) else { return };
    let at = tree.get("record").map_or(tree.span, |value| value.span);
    if crate::form::parse_type(&name) != Ok(FieldType::Record(name.clone())) {
        let (zh, en) = (format!("“{name}”是类型名，不能用作记录名"), format!("`{name}` is a type and cannot name a record"));
        reader.error("Y023", at, zh, en, None);
    }
    if let Some(first) = standard.records.get(&name) {
        reader.duplicate(at, &name, &first.place);
        return;
    }
    let label = reader.label(tree, "name").unwrap_or_else(|| Text::zh(name.clone()));
    standard.records.insert(name.clone(), Record { name, label, members: IndexMap::new(), place: reader.place(at) });
}

fn read_members(reader: &mut Reader<'_>, tree: &Tree, standard: &FieldStandard) -> IndexMap<String, RecordMember> {
    let mut members: IndexMap<String, RecordMember> = IndexMap::new();
    let items = reader.items(tree, "members");
    if items.is_empty() && tree.get("members").is_some_and(|value| value.list().is_some()) {
        reader.error("Y029", tree.span, "记录没有成员", "the record has no members", None);
    }
    for item in items {
        let Some(field) = read_member(reader, item, standard) else { continue };
        if let Some(first) = members.get(&field.name) {
            let (name, place) = (field.name.clone(), first.field.place.clone());
            reader.duplicate(item.span, &name, &place);
            continue;
        }
        let required = required(reader, item) && field.of != FieldType::Boolean;
        members.insert(field.name.clone(), RecordMember { field, required });
    }
    members
}

/// A member is a field declared in place if it says its type, else a field of the standard.
fn read_member(reader: &mut Reader<'_>, item: &Tree, standard: &FieldStandard) -> Option<Field> {
    if item.get("type").is_some() {
        return field::read(reader, item, standard);
    }
    reference(reader, item, standard, &MEMBER)
}

/// The field of the standard that a form or record refers to: by its name alone, or as `{field: NAME, …}`.
pub(super) fn reference(reader: &mut Reader<'_>, item: &Tree, standard: &FieldStandard, shape: &Shape) -> Option<Field> {
    let (name, span) = match item.scalar() {
        Some(name) => (name.to_owned(), item.span),
        None => {
            reader.mapping(item, shape, &["field"]);
            (reader.text(item, "field")?, item.get("field").map_or(item.span, |value| value.span))
        }
    };
    let found = standard.fields.get(&name).cloned();
    if found.is_none() {
        let help = near(&name, standard.fields.keys().map(String::as_str))
            .unwrap_or_else(|| Text::new("请先在 forms/fields/ 中声明", "declare it under forms/fields/ first"));
        reader.error("R020", span, format!("标准中没有数据项“{name}”"), format!("the standard has no field `{name}`"), Some(help));
    }
    found
}

/// Whether the field must be given: `required: false` or, the same, `optional: true` says that it need not.
pub(super) fn required(reader: &mut Reader<'_>, item: &Tree) -> bool {
    let (required, optional) = (reader.flag(item, "required"), reader.flag(item, "optional"));
    if let (Some(_), Some(_), Some(at)) = (required, optional, item.get("optional")) {
        reader.error("Y020", at.span, "“required”与“optional”只写一个", "write `required` or `optional`, not both", None);
    }
    required.unwrap_or(!optional.unwrap_or(false))
}

/// Whether the field is personal information, whose collection the law ties to a purpose.
pub(super) fn is_personal(field: &Field) -> bool {
    field.class >= Class::P2
}
