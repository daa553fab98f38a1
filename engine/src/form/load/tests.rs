//! Good files load whole; every seeded mistake is found at its line.

use std::sync::Arc;

use super::*;
use crate::{
    diagnostic::Severity,
    form::{Class, FieldStandard, FieldType, Form},
    rules::Rules,
    source::{Source, Tree, parse},
};

const FIELDS: &str = "\
- record: organizer
  name: {zh: 主办单位, en: Organiser}
  members:
    - {field: name, name: 单位名称, type: text, class: P0}
    - contact_id
    - {field: mobile, required: false}
- field: organizer
  name: {zh: 主办单位, en: Organiser}
  type: organizer
  purpose: 确定申请人
  basis: 条例 第一条
  unverified: 待查
- field: contact_id
  name: 联系人身份号码
  type: text
  check: resident-id
  class: P3
  purpose: 核对身份
  basis: 条例 第二条
- field: mobile
  name: 手机
  type: text
  check: mobile
  class: P2
  purpose: 联系
  basis: 条例 第二条
- field: kind
  name: 类别
  type: code<kind>
  purpose: 分类
  basis: 条例 第三条
- field: outdoor
  name: 露天
  type: boolean
";
const CODES: &str = "code: kind\nname: 类别\ncodes:\n  \"01\": {zh: 甲, en: A}\n  \"02\": 乙\n";
const FORM: &str = "\
form: sample
name: {zh: 样表, en: Sample}
groups:
  - {name: 主办, fields: [organizer, kind, outdoor]}
  - name: 值守
    repeat: stewards
    fields: [contact_id, {field: mobile, required: false}]
materials:
  - {material: plan, name: 方案, accept: [pdf, docx], basis: 条例, unverified: 待查}
  - {material: photo, name: 照片, required: false}
rules:
  - {must: 'kind != \"02\" || outdoor', field: kind, message: {zh: 乙类须露天, en: B must be outdoors}}
";

fn file(name: &str, text: &str) -> (Source, Tree) {
    let source = Source { name: name.into(), text: text.into() };
    let (tree, findings) = parse(&source);
    assert!(findings.is_empty(), "{findings:?}");
    (source, tree.expect("the sample is YAML"))
}

fn load(fields: &str, codes: &str, form: &str) -> (FieldStandard, Option<Form>, Vec<Finding>) {
    let files = [file("fields.yaml", fields), file("codes.yaml", codes), file("form.yaml", form)];
    let (standard, mut findings) = load_standard(&files);
    let (rules, more) = Rules::new(None, Arc::new(standard.clone()));
    findings.extend(more);
    let (form, more) = load_form(&files[2].0, &files[2].1, &standard, &rules);
    findings.extend(more);
    (standard, form, findings)
}

use crate::diagnostic::Finding;

#[test]
fn a_form_loads_whole() {
    let (standard, form, findings) = load(FIELDS, CODES, FORM);
    assert_eq!(findings, []);
    let form = form.expect("it loads");
    assert_eq!(standard.codes["kind"].codes["01"].en.as_deref(), Some("A"));
    assert_eq!(standard.fields["organizer"].of, FieldType::Record("organizer".into()));
    assert_eq!(standard.fields["organizer"].basis.as_ref().and_then(|b| b.unverified.as_deref()), Some("待查"));
    let organizer = &standard.records["organizer"].members;
    assert_eq!(
        organizer.iter().map(|(name, m)| (name.as_str(), m.required)).collect::<Vec<_>>(),
        [("name", true), ("contact_id", true), ("mobile", false)]
    );
    assert_eq!(organizer["contact_id"].field.class, Class::P3);
    assert!(form.field("kind").is_some_and(|f| f.required) && !form.field("outdoor").is_some_and(|f| f.required));
    assert_eq!(form.type_of("stewards").map(|of| of.to_string()), Some("list<sample.stewards>".to_owned()));
    assert_eq!(standard.records["sample.stewards"].members.len(), 2);
    assert_eq!(form.materials[0].accept, ["pdf", "docx"]);
    assert!(form.materials[0].required && !form.materials[1].required);
    assert_eq!(form.rules[0].field, "kind");
}

/// Each mistake: the sample's line, what is written instead, and the finding with its file and line.
#[test]
fn seeded_mistakes_are_found_at_their_place() {
    for (which, good, bad, code, line) in [
        ("fields", "  check: mobile", "  chek: mobile", "Y020", 23),
        ("fields", "  name: 手机\n", "", "Y021", 20),
        ("fields", "name: 手机", "name: [手机]", "Y022", 21),
        ("fields", "- field: outdoor", "- field: Outdoor", "Y023", 32),
        ("fields", "type: boolean", "type: list<", "Y024", 34),
        ("fields", "class: P2", "class: P7", "Y025", 24),
        ("fields", "- field: outdoor", "- field: kind", "Y026", 32),
        ("fields", "type: boolean", "type: integer\n  min: 3\n  max: 2", "Y027", 35),
        ("fields", "- field: outdoor", "- feld: outdoor", "Y028", 32),
        ("fields", "    - contact_id", "    - contact_ids", "R020", 5),
        ("fields", "type: boolean", "type: bolean", "R021", 34),
        ("fields", "code<kind>", "code<kinds>", "R022", 29),
        ("fields", "type: boolean", "type: boolean\n  check: mobile", "D020", 35),
        ("fields", "type: boolean", "type: boolean\n  max: 3", "D021", 35),
        ("fields", "name: 单位名称, type: text", "name: 单位名称, type: organizer", "D022", 1),
        ("fields", "- field: outdoor", "- field: case", "D024", 32),
        ("codes", "code: kind", "code: kind\nitems: []", "Y020", 2),
        ("codes", "codes:\n  \"01\": {zh: 甲, en: A}\n  \"02\": 乙\n", "codes: {}\n", "Y029", 1),
        ("codes", "{zh: 甲, en: A}", "{en: A}", "Y021", 4),
        ("form", "[organizer, kind, outdoor]", "[organizer, kind, kind, outdoor]", "Y026", 4),
        ("form", "[organizer, kind, outdoor]", "[organiser, kind, outdoor]", "R020", 4),
        ("form", "repeat: stewards", "repeat: mobile", "D023", 6),
        ("form", "required: false}]", "requird: false}]", "Y020", 7),
        ("form", "accept: [pdf, docx]", "accept: [.pdf, docx]", "Y023", 9),
        ("form", "field: kind, mess", "field: knd, mess", "R023", 12),
        ("form", "|| outdoor", "|| (outdoor", "Y040", 12),
        ("form", "|| outdoor", "|| outdor", "R040", 12),
        ("fields", "  purpose: 联系\n", "", "L020", 7),
    ] {
        let change = |name: &str, text: &str| {
            assert!(which != name || text.contains(good), "{good}");
            if which == name { text.replacen(good, bad, 1) } else { text.to_owned() }
        };
        let (_, _, findings) = load(&change("fields", FIELDS), &change("codes", CODES), &change("form", FORM));
        let found: Vec<String> = findings.iter().map(|f| format!("{} {} {}", f.code, f.place, f.message)).collect();
        let file = if code == "L020" { "form" } else { which };
        let expected = |f: &&Finding| f.code == code && *f.place.file == *format!("{file}.yaml") && f.place.span.line == line;
        let finding = findings.iter().find(expected).unwrap_or_else(|| panic!("{code} {file}:{line} not in {found:#?}"));
        assert!(finding.message.en.is_some() && !finding.message.zh.is_empty(), "{found:?}");
    }
}

#[test]
fn a_near_miss_is_suggested() {
    let (_, _, findings) = load(&FIELDS.replace("check: mobile", "check: mobil"), CODES, &FORM.replace("kind, outdoor", "kind, outdor"));
    let helps: Vec<&str> = findings.iter().filter_map(|f| f.help.as_ref()).map(|help| help.zh.as_str()).collect();
    assert_eq!(helps[..2], ["是不是“mobile”？", "是不是“outdoor”？"], "{findings:?}");
}

#[test]
fn several_mistakes_are_told_at_once() {
    let fields = FIELDS.replace("class: P2", "class: P7").replace("type: boolean", "type: bool").replace("code<kind>", "code<kin>");
    let (_, _, findings) = load(&fields, CODES, &FORM.replace("[organizer,", "[organizor,"));
    let codes: Vec<&str> = findings.iter().filter(|f| f.severity == Severity::Error).map(|f| f.code).collect();
    assert_eq!(codes, ["Y025", "R022", "R021", "R020"], "{findings:?}");
}
