//! A form with every type, for tests.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::{FieldStandard, Form, load_form, load_standard};
use crate::{
    rules::Rules,
    source::{Source, Tree, parse},
};

const FIELDS: &str = r#"
- record: body
  name: {zh: 申请单位, en: Applicant}
  members:
    - {field: name, name: {zh: 单位名称, en: Name of the body}, type: text, class: P0}
    - {field: credit_code, name: 信用代码, type: text, check: social-credit-code, class: P0, optional: true}
    - {field: contact, name: 联系人, type: text, class: P2}
    - {field: contact_id, name: {zh: 联系人身份号码, en: Identity number}, type: text, check: resident-id, class: P3, optional: true}
- record: check_line
  name: 审查
  members:
    - {field: material, name: 材料, type: text}
    - {field: fine, name: 合格, type: boolean}
- {field: body, name: {zh: 申请单位, en: Applicant}, type: body, class: P1, purpose: 确定申请人, basis: 条例 第一条, unverified: 未见原文}
- {field: title, name: {zh: 名称, en: Title}, type: text, min: 2, max: 40, hint: {zh: 与批文一致, en: As on the permit}, class: P0, purpose: 识别, basis: 条例}
- {field: reason, name: 理由, type: text, multiline: true, purpose: 审查, basis: 条例}
- {field: people, name: {zh: 预计人数, en: Expected people}, type: integer, min: 1, max: 100000, purpose: 规模, basis: 条例}
- {field: share, name: 占比, type: decimal, max: 1, purpose: 规模, basis: 条例}
- {field: fee, name: 费用, type: money, min: 0, purpose: 预算, basis: 条例}
- {field: day, name: {zh: 日期, en: Day}, type: date, min: 2020-01-01, purpose: 时间, basis: 条例}
- {field: start_time, name: 开始时间, type: time, purpose: 时间, basis: 条例}
- {field: meeting, name: 会议时间, type: datetime, purpose: 时间, basis: 条例}
- {field: span, name: 时长, type: duration, purpose: 时间, basis: 条例}
- {field: outdoor, name: {zh: 露天, en: Outdoors}, type: boolean, purpose: 安全, basis: 条例}
- {field: kind, name: {zh: 类别, en: Kind}, type: code<kind>, purpose: 分类, basis: 条例}
- {field: district, name: 所在区, type: code<district>, purpose: 管辖, basis: 条例}
- {field: marks, name: 标签, type: list<code<kind>>, purpose: 分类, basis: 条例}
- {field: lines, name: 事项, type: list<text>, purpose: 事项, basis: 条例}
- {field: office, name: 受理单位, type: unit, purpose: 管辖, basis: 条例}
- {field: offices, name: 会签单位, type: list<unit>, purpose: 会签, basis: 条例}
- {field: plan, name: 图纸, type: file, purpose: 审查, basis: 条例}
- {field: checks, name: 审查记录, type: list<check_line>, purpose: 审查, basis: 条例}
- {field: person_name, name: {zh: 姓名, en: Name}, type: text, class: P2, purpose: 联系, basis: 条例}
- {field: mobile, name: {zh: 手机, en: Mobile}, type: text, check: mobile, class: P2, purpose: 联系, basis: 条例}
- {field: mail, name: 邮箱, type: text, check: mail, class: P2, purpose: 联系, basis: 条例}
- {field: resident_id, name: {zh: 身份号码, en: Identity number}, type: text, check: resident-id, class: P3, purpose: 核对, basis: 条例}
"#;
const KINDS: &str = "{code: kind, name: 类别, codes: {a: {zh: 甲类, en: Kind A}, b: {zh: 乙类, en: Kind B}}}";
const DISTRICTS: &str = "{code: district, name: 区, codes: {'1': 东, '2': 西, '3': 南, '4': 北, '5': 中}}";
const FORM: &str = r#"
form: sample
name: {zh: 样表, en: Sample}
groups:
  - {name: {zh: 申请单位, en: Applicant}, fields: [body]}
  - name: {zh: 活动, en: Event}
    fields: [title, {field: reason, required: false}, people, {field: share, required: false}, {field: fee, required: false}, day,
      {field: start_time, required: false}, {field: meeting, required: false}, {field: span, required: false}, outdoor, kind,
      {field: district, required: false}, {field: marks, required: false}, {field: lines, required: false}]
  - name: {zh: 办理, en: Handling}
    fields: [{field: office, required: false}, {field: offices, required: false}, {field: plan, required: false}, {field: checks, required: false}]
  - {name: {zh: 值守人员, en: Stewards}, repeat: stewards, fields: [person_name, mobile, {field: mail, required: false}, {field: resident_id, required: false}]}
materials:
  - {material: safety_plan, name: {zh: 安全方案, en: Safety plan}, accept: [pdf, docx], basis: 条例 第五条, unverified: 未见指南}
  - {material: photo, name: 照片, required: false, accept: [jpg]}
rules:
  - {must: 'days_between(meta.received_at, day) >= 30', field: day, message: {zh: 应提前三十日申请, en: Apply 30 days ahead}}
  - {must: 'kind != "b" || outdoor', field: kind, message: {zh: 乙类须在露天举行, en: Kind B is held outdoors}}
  - {must: 'stewards.len() >= 1', field: stewards, message: {zh: 至少一人, en: Name at least one}}
"#;

fn file(name: &str, text: &str) -> (Source, Tree) {
    let source = Source { name: name.into(), text: text.into() };
    let (tree, findings) = parse(&source);
    assert_eq!(findings, []);
    (source, tree.expect("the sample is YAML"))
}

/// The sample form, its standard, and rules over it.
pub(super) fn sample() -> (Form, FieldStandard, Rules) {
    let files = [file("fields.yaml", FIELDS), file("kind.yaml", KINDS), file("district.yaml", DISTRICTS), file("sample.yaml", FORM)];
    let (standard, findings) = load_standard(&files);
    assert_eq!(findings, []);
    let (rules, findings) = Rules::new(None, Arc::new(standard.clone()));
    assert_eq!(findings, []);
    let (form, findings) = load_form(&files[3].0, &files[3].1, &standard, &rules);
    assert_eq!(findings, []);
    (form.expect("it loads"), standard, rules)
}

/// The sample form filled in without a mistake.
pub(super) fn filled() -> Map<String, Value> {
    let data = json!({
        "body": {"name": "示例寺 <\"&'>", "credit_code": "71310101MB0000000N", "contact": "王小明", "contact_id": "310101199001010012"},
        "title": "示例法会", "reason": "第一行\n<b>第二行</b>", "people": 1200, "share": "0.25", "fee": "1200.50", "day": "2026-12-15",
        "start_time": "09:30", "meeting": "2026-12-01T14:00", "span": "5wd", "outdoor": true, "kind": "b", "district": "3",
        "marks": ["a", "b"], "lines": ["一", "二"], "office": "east", "offices": ["east", "west"], "plan": "file-1",
        "checks": [{"material": "方案", "fine": true}],
        "stewards": [
            {"person_name": "李秀英", "mobile": "13800005678", "mail": "li@example.cn", "resident_id": "11010519491231002X"},
            {"person_name": "张三", "mobile": "13900001234"},
        ],
    });
    match data {
        Value::Object(data) => data,
        _ => Map::new(),
    }
}
