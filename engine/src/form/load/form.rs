//! Reading a form: groups of fields, materials, rules.

use super::{
    reader::{Reader, Shape},
    standard::{is_personal, reference, required},
};
use crate::{
    diagnostic::{Finding, Severity},
    form::{
        Class, Field, FieldStandard, FieldType, Form, FormField, FormRule, Group, Material,
        types::{is_id, is_name, near},
    },
    rules::Rules,
    source::{Place, Source, Tree},
    text::Text,
};

const FORM: Shape = Shape { zh: "表单", en: "a form", keys: &["form", "name", "groups", "materials", "rules"] };
const GROUP: Shape = Shape { zh: "分组", en: "a group", keys: &["name", "repeat", "required", "fields"] };
const FIELD: Shape = Shape { zh: "表单数据项", en: "a field of a form", keys: &["field", "required", "optional"] };
const MATERIAL: Shape = Shape { zh: "材料", en: "a material", keys: &["material", "name", "required", "accept", "basis", "unverified"] };
const RULE: Shape = Shape { zh: "规则", en: "a rule", keys: &["must", "field", "message"] };

/// Reads one form over `standard`; `rules` compiles its rules. None: it is not even a mapping with a `form:` name.
///
/// Findings: `Y020`–`Y029` shape, `R020` an unknown field, `R023` a rule at an unknown field, `D023` a repeating group
/// named like a field of the standard, `L020` something asked for without purpose or basis, and what `rules` finds.
pub fn load_form(source: &Source, tree: &Tree, standard: &FieldStandard, rules: &Rules) -> (Option<Form>, Vec<Finding>) {
    let mut reader = Reader::new(source);
    let form = read(&mut reader, tree, standard, rules);
    let mut findings = reader.findings;
    findings.sort_by(|a, b| a.place.cmp(&b.place));
    (form, findings)
}

fn read(reader: &mut Reader<'_>, tree: &Tree, standard: &FieldStandard, rules: &Rules) -> Option<Form> {
    if !reader.mapping(tree, &FORM, &["form", "name", "groups"]) {
        return None;
    }
    let id = reader.name(tree, "form", is_id)?;
    let mut form = Form {
        name: reader.label(tree, "name").unwrap_or_else(|| Text::zh(id.clone())),
        groups: Vec::new(),
        materials: Vec::new(),
        rules: Vec::new(),
        place: reader.place(tree.get("form").map_or(tree.span, |value| value.span)),
        id,
    };
    for item in reader.items(tree, "groups") {
        form.groups.extend(read_group(reader, item, standard, &form));
    }
    for item in reader.items(tree, "materials") {
        let material = read_material(reader, item);
        if let Some(first) = material.as_ref().and_then(|new| form.materials.iter().find(|known| known.id == new.id)) {
            reader.duplicate(item.span, &first.id, &first.place);
            continue;
        }
        form.materials.extend(material);
    }
    for item in reader.items(tree, "rules") {
        form.rules.extend(read_rule(reader, item, &form, rules));
    }
    Some(form)
}

fn read_group(reader: &mut Reader<'_>, tree: &Tree, standard: &FieldStandard, form: &Form) -> Option<Group> {
    if !reader.mapping(tree, &GROUP, &["name", "fields"]) {
        return None;
    }
    let repeat = reader.name(tree, "repeat", is_name);
    if let Some(name) = &repeat {
        check_repeat(reader, tree, name, standard, form);
    }
    let must = reader.flag(tree, "required");
    if let (None, Some(_), Some(at)) = (&repeat, must, tree.get("required")) {
        let help = Text::new("只有重复分组（repeat）可以", "only a repeating group takes it");
        reader.error("Y020", at.span, "普通分组没有“required”这个键", "a plain group has no key `required`", Some(help));
    }
    let mut group = Group {
        name: reader.label(tree, "name").unwrap_or_default(),
        repeat,
        required: must.unwrap_or(false),
        fields: Vec::new(),
        place: reader.place(tree.span),
    };
    for item in reader.items(tree, "fields") {
        let Some(field) = reference(reader, item, standard, &FIELD) else { continue };
        let taken = group.fields.iter().any(|known| known.field.name == field.name)
            || (group.repeat.is_none() && form.type_of(&field.name).is_some());
        if taken {
            let name = &field.name;
            reader.error(
                "Y026",
                item.span,
                format!("数据项“{name}”在本表单中重复"),
                format!("field `{name}` stands in this form twice"),
                None,
            );
            continue;
        }
        let required = required(reader, item) && field.of != FieldType::Boolean;
        justify(reader, item, &field, required);
        group.fields.push(FormField { field, required });
    }
    Some(group)
}

fn check_repeat(reader: &mut Reader<'_>, tree: &Tree, name: &str, standard: &FieldStandard, form: &Form) {
    let span = tree.get("repeat").map_or(tree.span, |value| value.span);
    if form.type_of(name).is_some() {
        reader.error("Y026", span, format!("名称“{name}”在本表单中重复"), format!("the name `{name}` stands in this form twice"), None);
    } else if let Some(field) = standard.fields.get(name) {
        let help = Text::new("换一个名称，或把它作为数据项列出", "choose another name, or list it as a field");
        let (zh, en) =
            (format!("“{name}”已是标准数据项（{}）", field.place), format!("`{name}` is a field of the standard ({})", field.place));
        reader.error("D023", span, zh, en, Some(help));
    } else if crate::rules::is_reserved(name) {
        reader.error("D024", span, format!("“{name}”是表达式语言的保留字"), format!("`{name}` is a word that expressions reserve"), None);
    }
}

/// `L020`: collecting needs a purpose and a basis (个人信息保护法 art. 5 and 6). An error for personal data of any form,
/// a warning for the rest that applicants must give; what the office writes itself is its own work.
fn justify(reader: &mut Reader<'_>, item: &Tree, field: &Field, required: bool) {
    let lacking = match (&field.purpose, &field.basis) {
        (Some(_), Some(_)) => return,
        (None, Some(_)) => ("目的（purpose）", "a purpose (`purpose`)"),
        (Some(_), None) => ("依据（basis）", "a basis (`basis`)"),
        (None, None) => ("目的和依据（purpose, basis）", "a purpose and a basis (`purpose`, `basis`)"),
    };
    let of_office = field.reported_by.as_deref() == Some("office");
    if of_office && field.class < Class::P3 || !required && !is_personal(field) {
        return;
    }
    let severity = if is_personal(field) { Severity::Error } else { Severity::Warning };
    let name = &field.name;
    let message = Text::new(format!("收集“{name}”没有写明{}", lacking.0), format!("`{name}` is collected without {}", lacking.1));
    let place = &field.place;
    let help = Text::new(format!("请在 {place} 写明，或不要收集"), format!("state it at {place}, or do not collect it"));
    let finding = Finding::error("L020", reader.place(item.span), message).help(help).about(name.clone());
    reader.findings.push(Finding { severity, ..finding });
}

fn read_material(reader: &mut Reader<'_>, tree: &Tree) -> Option<Material> {
    if !reader.mapping(tree, &MATERIAL, &["material", "name"]) {
        return None;
    }
    let id = reader.name(tree, "material", is_name)?;
    let mut accept = Vec::new();
    for item in reader.items(tree, "accept") {
        let word = item.scalar().unwrap_or_default();
        if word.is_empty() || word.len() > 8 || !word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            let help = Text::new("写小写扩展名，不带点，如 pdf", "write the extension in lower case without a dot, as in pdf");
            reader.error("Y023", item.span, format!("“{word}”不是文件扩展名"), format!("`{word}` is not a file extension"), Some(help));
        } else {
            accept.push(word.to_owned());
        }
    }
    Some(Material {
        name: reader.label(tree, "name").unwrap_or_else(|| Text::zh(id.clone())),
        required: reader.flag(tree, "required").unwrap_or(true),
        accept,
        basis: reader.basis(tree),
        place: reader.place(tree.span),
        id,
    })
}

fn read_rule(reader: &mut Reader<'_>, tree: &Tree, form: &Form, rules: &Rules) -> Option<FormRule> {
    if !reader.mapping(tree, &RULE, &["must", "field", "message"]) {
        return None;
    }
    let (must, field, message) = (reader.text(tree, "must"), reader.text(tree, "field"), reader.label(tree, "message"));
    if let Some((name, at)) = field.as_ref().zip(tree.get("field")).filter(|(name, _)| form.type_of(name).is_none()) {
        let types = form.types();
        let help = near(name, types.keys().map(String::as_str));
        reader.error("R023", at.span, format!("本表单没有数据项“{name}”"), format!("this form has no field `{name}`"), help);
    }
    let at: Place = reader.place(tree.get("must").map_or(tree.span, |value| value.span));
    let must = match rules.expression(&must?, at) {
        Ok(expression) => expression,
        Err(finding) => {
            reader.findings.push(finding);
            return None;
        }
    };
    let known = |name: &str| if name == "meta" { Some(FieldType::Record("meta".into())) } else { form.type_of(name) };
    reader.findings.extend(rules.findings(&must, &known));
    Some(FormRule { must: Some(must), field: field?, message: message? })
}
