//! What is drawn, judged by its structure: labels, links, rights, masks, and that posting it gives the data back.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{Reader, events::Event};
use serde_json::json;

use super::*;
use crate::form::{
    Attached, Choice, Rights, from_fields,
    sample::{filled, sample},
};

/// An element with all text inside it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
}

impl Element {
    fn get(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    fn is_input(&self) -> bool {
        matches!(self.name.as_str(), "input" | "select" | "textarea") && self.get("type") != "hidden"
    }
}

/// Every element in document order; fails unless the HTML is well-formed.
fn elements(html: &str) -> Vec<Element> {
    let html = format!("<root>{html}</root>");
    let mut reader = Reader::from_str(&html);
    let (mut found, mut open): (Vec<Element>, Vec<usize>) = (Vec::new(), Vec::new());
    loop {
        let event = reader.read_event().expect("well-formed");
        match event {
            Event::Start(ref tag) | Event::Empty(ref tag) => {
                let attributes = tag.attributes().map(|attribute| {
                    let attribute = attribute.expect("a good attribute");
                    let value = quick_xml::escape::unescape(&attribute.value).expect("escaped");
                    (attribute.key.as_ref().to_owned(), value.into_owned())
                });
                let name = tag.name().as_ref().to_owned();
                found.push(Element { name, attributes: attributes.collect(), text: String::new() });
                if matches!(event, Event::Start(_)) {
                    open.push(found.len() - 1);
                }
            }
            Event::End(_) => drop(open.pop()),
            Event::Text(text) => {
                let text: &str = &text;
                open.iter().for_each(|&at| found[at].text.push_str(text));
            }
            Event::GeneralRef(name) => {
                let text = format!("&{};", &*name);
                let text = quick_xml::escape::unescape(&text).expect("a known entity").into_owned();
                open.iter().for_each(|&at| found[at].text.push_str(&text));
            }
            Event::Eof => break,
            other => panic!("{other:?} has no place in a form"),
        }
    }
    assert!(open.is_empty());
    found
}

/// What a browser would post without touching anything.
fn posted(elements: &[Element]) -> Vec<(String, String)> {
    let mut fields = Vec::new();
    let mut select = String::new();
    for element in elements {
        let name = element.get("name").to_owned();
        match (element.name.as_str(), element.get("type")) {
            ("input", "file") => {}
            ("input", "radio" | "checkbox") if element.get("checked").is_empty() => {}
            ("input", _) => fields.push((name, element.get("value").to_owned())),
            ("textarea", _) => fields.push((name, element.text.strip_prefix('\n').unwrap_or(&element.text).to_owned())),
            ("select", _) => select = name,
            ("option", _) if !element.get("selected").is_empty() => fields.push((select.clone(), element.get("value").to_owned())),
            _ => {}
        }
    }
    fields
}

fn offices() -> Vec<Choice> {
    [("east", "东区办公室"), ("west", "西区办公室")].map(|(id, label)| Choice { id: id.into(), label: label.into() }).into()
}

fn draw(view: &FormView<'_>) -> Vec<Element> {
    let (form, standard, _) = sample();
    let html = html(&form, &standard, view);
    for banned in ["<script", "style=", "<style", " onclick"] {
        assert!(!html.contains(banned), "{banned}");
    }
    elements(&html)
}

fn texts<'e>(elements: &'e [Element], name: &str) -> Vec<&'e str> {
    elements.iter().filter(|e| e.name == name).map(|e| e.text.as_str()).collect()
}

/// Each path as a mistake.
fn errors(paths: &[&str]) -> Vec<FieldError> {
    let error = |path: &&str| FieldError {
        path: (*path).to_owned(),
        code: "x",
        message: Text::new(format!("{path}有误"), format!("{path} is wrong")),
    };
    paths.iter().map(error).collect()
}

#[test]
fn every_input_is_labelled_and_every_reference_leads_somewhere() {
    let (data, units) = (filled(), offices());
    let mistakes = errors(&[
        "title",
        "kind",
        "marks",
        "outdoor",
        "day",
        "body.contact_id",
        "stewards",
        "stewards.1",
        "stewards.1.mobile",
        "district",
        "materials.safety_plan",
        "checks.0.fine",
        "nowhere",
        "lines.1",
    ]);
    for (data, errors, language, units) in [
        (None, &[][..], Language::Zh, &[][..]),
        (Some(&data), &mistakes[..], Language::En, &units[..]),
        (Some(&data), &mistakes[..], Language::Zh, &units[..]),
    ] {
        let view = FormView { data, errors, language, edit: Rights::Everything, attach: true, units, ..FormView::default() };
        let drawn = draw(&view);
        let ids: Vec<&str> = drawn.iter().map(|e| e.get("id")).filter(|id| !id.is_empty()).collect();
        let unique: BTreeSet<&str> = ids.iter().copied().collect();
        assert_eq!(ids.len(), unique.len(), "ids are unique");
        let labels: BTreeSet<&str> = drawn.iter().filter(|e| e.name == "label" && !e.text.is_empty()).map(|e| e.get("for")).collect();
        for input in drawn.iter().filter(|e| e.is_input()) {
            assert!(labels.contains(input.get("id")), "no label: {input:?}");
            assert!(!input.get("name").is_empty(), "no name: {input:?}");
        }
        for element in &drawn {
            for reference in ["for", "aria-describedby", "aria-labelledby"] {
                for id in element.get(reference).split_whitespace() {
                    assert!(unique.contains(id), "{reference} {id} leads nowhere");
                }
            }
            if let Some(id) = element.get("href").strip_prefix('#') {
                assert!(unique.contains(id), "link to {id} leads nowhere");
            }
            assert!(element.name != "fieldset" || drawn.iter().any(|e| e.name == "legend"), "a fieldset has a legend");
        }
        let fieldsets = drawn.iter().filter(|e| e.name == "fieldset").count();
        assert_eq!(fieldsets, drawn.iter().filter(|e| e.name == "legend").count());
    }
}

#[test]
fn posting_the_page_untouched_gives_the_data_back() {
    let (form, standard, _) = sample();
    let (data, units) = (filled(), offices());
    for units in [&units[..], &[]] {
        let view = FormView { data: Some(&data), edit: Rights::Everything, units, ..FormView::default() };
        assert_eq!(Value::Object(from_fields(&form, &standard, &posted(&draw(&view)))), Value::Object(data.clone()));
    }
}

#[test]
fn what_could_not_be_read_stays_on_the_page() {
    let (form, standard, _) = sample();
    let typed = [("day", "2026-13-40"), ("people", "很多"), ("start_time", "早上"), ("meeting", "明天"), ("district", "9"), ("fee", "1,5")];
    let fields = typed.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let data = from_fields(&form, &standard, &fields);
    let back = posted(&draw(&FormView { data: Some(&data), edit: Rights::Everything, ..FormView::default() }));
    for field in &fields {
        assert!(back.contains(field), "{field:?} not in {back:?}");
    }
}

#[test]
fn required_is_said_in_words_and_hints_are_told() {
    let zh = draw(&FormView { edit: Rights::Everything, ..FormView::default() });
    let label = |of: &str| zh.iter().find(|e| e.name == "label" && e.get("for") == of).map(|e| e.text.clone());
    assert_eq!(label("f-title").as_deref(), Some("名称（必填）"));
    assert_eq!(label("f-reason").as_deref(), Some("理由"));
    assert_eq!(label("f-fee").as_deref(), Some("费用（元）"));
    assert!(texts(&zh, "p").contains(&"与批文一致") && texts(&zh, "p").contains(&"应提前三十日申请"));
    let en = draw(&FormView { edit: Rights::Everything, language: Language::En, ..FormView::default() });
    assert!(texts(&en, "label").contains(&"Title (required)") && texts(&en, "legend").contains(&"Event"));
    assert!(texts(&zh, "dd").iter().any(|text| text.contains("确定申请人；条例 第一条（待核：未见原文）")), "{:?}", texts(&zh, "dd"));
}

#[test]
fn mistakes_are_listed_first_and_stand_at_their_inputs() {
    let errors = errors(&["title", "stewards.0.mobile", "nowhere"]);
    let data = filled();
    let drawn = draw(&FormView { data: Some(&data), errors: &errors, edit: Rights::Everything, ..FormView::default() });
    assert_eq!(drawn[1].get("class"), "form-errors");
    assert_eq!(drawn[1].get("role"), "alert");
    let links: Vec<&str> = drawn.iter().filter(|e| e.name == "a").map(|e| e.get("href")).collect();
    assert_eq!(links, ["#f-title", "#f-stewards-0-mobile"]);
    assert!(drawn[1].text.contains("nowhere有误"));
    let wrong: Vec<&str> = drawn.iter().filter(|e| e.get("aria-invalid") == "true").map(|e| e.get("name")).collect();
    assert_eq!(wrong, ["title", "stewards.0.mobile"]);
    let title = drawn.iter().find(|e| e.get("id") == "f-title").map(|e| e.get("aria-describedby"));
    assert_eq!(title, Some("f-title-hint f-title-error"));
}

#[test]
fn choices_are_radios_up_to_four_and_a_select_beyond() {
    let data = filled();
    let drawn = draw(&FormView { data: Some(&data), edit: Rights::Everything, ..FormView::default() });
    let kinds =
        |name: &str| drawn.iter().filter(|e| e.get("name") == name).map(|e| format!("{}{}", e.name, e.get("type"))).collect::<Vec<_>>();
    assert_eq!(kinds("kind"), ["inputradio", "inputradio"]);
    assert_eq!(kinds("district"), ["select"]);
    assert_eq!(kinds("marks"), ["inputhidden", "inputcheckbox", "inputcheckbox"]);
    assert_eq!(kinds("outdoor"), ["inputhidden", "inputcheckbox"]);
    assert_eq!(kinds("reason"), ["textarea"]);
    assert_eq!(kinds("day"), ["inputdate"]);
    assert_eq!(kinds("mobile"), Vec::<String>::new());
    assert_eq!(kinds("stewards.0.mobile"), ["inputtel"]);
}

#[test]
fn rows_grow_by_a_button_and_shrink_by_a_checkbox() {
    let data = filled();
    let rows = |data: Option<&Map<String, Value>>, add: Option<&str>| {
        let drawn = draw(&FormView { data, add, edit: Rights::Everything, ..FormView::default() });
        let count = |name: &str| drawn.iter().filter(|e| e.get("name").starts_with("stewards.") && e.get("name").ends_with(name)).count();
        let buttons = drawn.iter().filter(|e| e.name == "button" && e.get("name") == "_add" && e.get("value") == "stewards").count();
        (count(".mobile"), count("._remove"), buttons)
    };
    assert_eq!(rows(None, None), (1, 0, 1));
    assert_eq!(rows(None, Some("stewards")), (2, 0, 1));
    assert_eq!(rows(Some(&data), None), (2, 2, 1));
    assert_eq!(rows(Some(&data), Some("stewards")), (3, 2, 1));
    assert_eq!(rows(Some(&data), Some("checks")), (2, 2, 1));
}

#[test]
fn rights_decide_what_is_drawn() {
    let (data, edit, show) = (filled(), ["title".to_owned(), "stewards".to_owned()], ["day".to_owned(), "district".to_owned()]);
    let view = FormView { data: Some(&data), show: Rights::Only(&show), edit: Rights::Only(&edit), ..FormView::default() };
    let drawn = draw(&view);
    let names: BTreeSet<&str> = drawn.iter().filter(|e| e.is_input()).filter_map(|e| e.get("name").split('.').next()).collect();
    assert_eq!(names, BTreeSet::from(["title", "stewards"]));
    assert_eq!(texts(&drawn, "dt").iter().filter(|t| **t == "日期" || **t == "所在区").count(), 2);
    assert!(texts(&drawn, "dd").contains(&"南") && texts(&drawn, "dd").contains(&"2026-12-15"));
    assert!(!drawn.iter().any(|e| e.text.contains("申请单位") || e.text.contains("材料")));
    assert!(draw(&FormView { data: Some(&data), ..FormView::default() }).len() == 1, "no right, nothing drawn");
}

#[test]
fn reading_shows_words_and_masks_personal_data() {
    let (data, units) = (filled(), offices());
    let read = |mask: bool| draw(&FormView { data: Some(&data), show: Rights::Everything, units: &units, mask, ..FormView::default() });
    let open = read(false);
    for text in [
        "示例寺 <\"&'>",
        "王小明",
        "310101199001010012",
        "1200.50 元",
        "是",
        "乙类",
        "东区办公室",
        "2026-12-01 14:00",
        "第一行\n<b>第二行</b>",
        "13800005678",
    ] {
        assert!(texts(&open, "dd").contains(&text), "{text} not in {:?}", texts(&open, "dd"));
    }
    assert!(!open.iter().any(|e| matches!(e.name.as_str(), "input" | "select" | "textarea" | "button")));
    let masked = read(true);
    for text in ["示例寺 <\"&'>", "王*", "3101**********0012", "138****5678", "1101**********002X", "李*", "l***@example.cn"] {
        assert!(texts(&masked, "dd").contains(&text), "{text} not in {:?}", texts(&masked, "dd"));
    }
    assert!(!masked[0].text.contains("王小明") && !masked[0].text.contains("13800005678"));
}

#[test]
fn materials_say_what_is_taken_and_what_is_there() {
    let attached = [Attached { material: "safety_plan".into(), name: "方案<1>.pdf".into(), href: Some("/files/1?a=1&b=2".into()) }];
    let drawn = draw(&FormView { edit: Rights::Everything, attach: true, attached: &attached, ..FormView::default() });
    let input = drawn.iter().find(|e| e.get("name") == "materials.safety_plan").expect("an input");
    assert_eq!((input.get("type"), input.get("accept"), input.get("multiple")), ("file", ".pdf,.docx", "multiple"));
    let link = drawn.iter().find(|e| e.name == "a").expect("a link");
    assert_eq!((link.get("href"), link.text.as_str()), ("/files/1?a=1&b=2", "方案<1>.pdf"));
    assert!(texts(&drawn, "p").contains(&"格式：pdf, docx；依据：条例 第五条（待核：未见指南）"));
    let shown = draw(&FormView { show: Rights::Everything, attached: &attached, ..FormView::default() });
    assert!(!shown.iter().any(Element::is_input) && texts(&shown, "a") == ["方案<1>.pdf"]);
}

#[test]
fn hostile_text_stays_text() {
    let hostile = "\"><script>alert('x')</script>\u{0}&amp;";
    let data = json!({"title": hostile, "reason": hostile, "district": hostile, "stewards": [{"person_name": hostile}]});
    let data = data.as_object().cloned().unwrap_or_default();
    let errors = [FieldError { path: hostile.to_owned(), code: "x", message: Text::zh(hostile) }];
    for (show, edit) in [(Rights::Nothing, Rights::Everything), (Rights::Everything, Rights::Nothing)] {
        let drawn = draw(&FormView { data: Some(&data), errors: &errors, show, edit, ..FormView::default() });
        assert!(drawn.iter().any(|e| e.text.contains("<script>alert('x')</script>&amp;")));
    }
}
