//! Checks a tree against the shape table and reports every mistake with its place.

use super::{
    Need, Of, Shape,
    elements::{BOUNDARY, ELEMENTS, EVENT_SUB_PROCESS},
};
use crate::{
    calendar::Duration,
    diagnostic::{Finding, Severity},
    source::{Key, Kind, Place, Source, Span, Tree},
    text::Text,
};

/// Names that a help line lists at most.
const SHOWN_MAX: usize = 8;

/// All shape findings of `tree`, which must be a mapping of `shape`.
pub(in crate::definition) fn check(source: &Source, tree: &Tree, shape: &'static Shape) -> Vec<Finding> {
    let mut checker = Checker { source, findings: Vec::new() };
    checker.shape(tree, shape);
    checker.findings
}

/// All shape findings of a flow that stands by itself.
pub(in crate::definition) fn check_flow(source: &Source, flow: &Tree) -> Vec<Finding> {
    let mut checker = Checker { source, findings: Vec::new() };
    checker.elements(flow);
    checker.findings
}

struct Checker<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: self.source.name.clone(), span }
    }

    fn error(&mut self, code: &'static str, span: Span, message: Text) -> &mut Finding {
        self.findings.push(Finding::error(code, self.place(span), message));
        let last = self.findings.len() - 1;
        &mut self.findings[last]
    }

    fn wrong_kind(&mut self, tree: &Tree, zh: &str, en: &str) {
        let (found_zh, found_en) = match &tree.kind {
            _ if tree.is_null() => ("空值", "nothing"),
            Kind::Scalar { .. } => ("一个值", "a plain value"),
            Kind::List(_) => ("列表", "a list"),
            Kind::Map(_) => ("映射", "a mapping"),
        };
        self.error("Y012", tree.span, Text::new(format!("这里应为{zh}，却是{found_zh}"), format!("expected {en}, found {found_en}")));
    }

    fn shape(&mut self, tree: &Tree, shape: &'static Shape) {
        self.keys(tree, shape, None);
    }

    /// Checks the keys of a mapping; `head` is the element's own first key, which is checked elsewhere.
    fn keys(&mut self, tree: &Tree, shape: &'static Shape, head: Option<&str>) {
        let Some(entries) = tree.map() else {
            return self.wrong_kind(tree, "映射", "a mapping");
        };
        for (key, value) in entries.iter().filter(|(key, _)| head != Some(key.text.as_str())) {
            match shape.all().find(|known| known.key == key.text) {
                Some(known) => self.value(value, &known.of),
                None => self.unknown_key(key, shape),
            }
        }
        for missing in shape.all().filter(|known| known.need == Need::Required && tree.get(known.key).is_none()) {
            let (span, name, key) = (head_span(tree), shape.name, missing.key);
            self.error("Y011", span, Text::new(format!("“{name}”缺少“{key}”"), format!("`{name}` lacks `{key}`"))).help =
                Some(Text::new(format!("加上 {key}：{}", missing.doc.zh), format!("add `{key}`: {}", missing.doc.en)));
        }
    }

    fn unknown_key(&mut self, key: &Key, shape: &'static Shape) {
        let (name, text) = (shape.name, &key.text);
        let known: Vec<&str> = shape.all().map(|known| known.key).collect();
        let help = suggestion(text, &known);
        self.error("Y010", key.span, Text::new(format!("“{name}”没有“{text}”这个键"), format!("`{name}` has no key `{text}`"))).help =
            Some(help);
    }

    fn value(&mut self, tree: &Tree, of: &Of) {
        match of {
            Of::Any => {}
            Of::LocalText => self.local_text(tree),
            Of::List(each) => self.list(tree, each),
            Of::Map(keys, values) => self.mapping(tree, keys, values),
            Of::Shape(shape) => self.shape(tree, shape),
            Of::Either(one, other) => self.value(tree, if fits(tree, one) { one } else { other }),
            Of::Flow => self.elements(tree),
            Of::Boundary => self.headed(tree, &BOUNDARY),
            Of::EventSubProcesses => self.headed(tree, &EVENT_SUB_PROCESS),
            scalar => match tree.scalar().filter(|_| !tree.is_null()) {
                Some(text) => self.scalar(tree, text, scalar),
                None => self.wrong_kind(tree, kind_of(scalar).0, kind_of(scalar).1),
            },
        }
    }

    fn scalar(&mut self, tree: &Tree, text: &str, of: &Of) {
        match of {
            Of::Snake | Of::Kebab | Of::Name => self.id(tree.span, text, of),
            Of::Boolean if tree.boolean().is_none() => self.wrong_kind(tree, "true 或 false", "`true` or `false`"),
            Of::Integer if text.parse::<u32>().is_err() => self.wrong_kind(tree, "不小于零的整数", "a whole number"),
            Of::Duration => {
                if let Err(problem) = Duration::parse(text) {
                    self.error("Y016", tree.span, problem);
                }
            }
            // What begins like a duration is meant as one.
            Of::DurationOrExpression if text.starts_with(|c: char| c.is_ascii_digit()) => self.scalar(tree, text, &Of::Duration),
            Of::Word(words) if !words.contains(&text) => {
                let help = suggestion(text, words);
                self.error(
                    "Y017",
                    tree.span,
                    Text::new(format!("“{text}”不在可选值之内"), format!("`{text}` is not one of the possible values")),
                )
                .help = Some(help);
            }
            _ => {}
        }
    }

    fn id(&mut self, span: Span, text: &str, of: &Of) {
        let separators: &[char] = match of {
            Of::Snake => &['_'],
            Of::Kebab => &['-'],
            _ => &['-', '.', '_'],
        };
        if is_id(text, separators) {
            return;
        }
        let (zh, en) = kind_of(of);
        self.error(
            "Y013",
            span,
            Text::new(format!("“{text}”不是合法的名称，应为{zh}"), format!("`{text}` is not a valid name: expected {en}")),
        )
        .help = Some(Text::new(
            "小写字母开头，只用小写字母、数字和分隔符",
            "begin with a lower-case letter; then lower-case letters, digits and the separator",
        ));
    }

    fn local_text(&mut self, tree: &Tree) {
        let Some(entries) = tree.map() else {
            if tree.scalar().is_none() || tree.is_null() {
                self.wrong_kind(tree, "文字或 {zh, en}", "a text or {zh, en}");
            }
            return;
        };
        for (key, value) in entries {
            if !matches!(key.text.as_str(), "zh" | "en") {
                let text = &key.text;
                self.error("Y010", key.span, Text::new(format!("文字没有“{text}”这个键"), format!("a text has no key `{text}`"))).help =
                    Some(Text::new("只有 zh 与 en", "only `zh` and `en`"));
            } else if value.scalar().is_none() || value.is_null() {
                self.wrong_kind(value, "文字", "a text");
            }
        }
        if tree.get("en").is_none() && tree.get("zh").is_some() {
            self.error("Y061", tree.span, Text::new("缺少英文（en）", "the English text (`en`) is missing")).severity = Severity::Note;
        }
        if tree.get("zh").is_none() {
            self.error("Y011", tree.span, Text::new("缺少中文（zh）", "the Chinese text (`zh`) is missing"));
        }
    }

    fn list(&mut self, tree: &Tree, each: &Of) {
        match tree.list() {
            Some(items) => items.iter().for_each(|item| self.value(item, each)),
            None => self.wrong_kind(tree, "列表", "a list"),
        }
    }

    fn mapping(&mut self, tree: &Tree, keys: &Of, values: &Of) {
        let Some(entries) = tree.map() else {
            return self.wrong_kind(tree, "映射", "a mapping");
        };
        for (key, value) in entries {
            self.id(key.span, &key.text, keys);
            self.value(value, values);
        }
    }

    /// A list of mappings whose first key is `shape`'s name with an id.
    fn headed(&mut self, tree: &Tree, shape: &'static Shape) {
        let Some(items) = tree.list() else {
            return self.wrong_kind(tree, "列表", "a list");
        };
        for item in items {
            match item.map().and_then(<[_]>::first) {
                Some((key, id)) if key.text == shape.name => {
                    self.head(id);
                    self.keys(item, shape, Some(shape.name));
                }
                _ => {
                    let word = shape.name;
                    self.error(
                        "Y015",
                        head_span(item),
                        Text::new(format!("这一项须以“{word}: 标识”开头"), format!("this item must begin with `{word}: id`")),
                    );
                }
            }
        }
    }

    fn head(&mut self, id: &Tree) {
        match id.scalar().filter(|_| !id.is_null()) {
            Some(text) => self.id(id.span, text, &Of::Snake),
            None => self.wrong_kind(id, "标识", "an id"),
        }
    }

    fn elements(&mut self, tree: &Tree) {
        let Some(items) = tree.list() else {
            return self.wrong_kind(tree, "列表", "a list");
        };
        for item in items {
            let Some((key, id)) = item.map().and_then(<[_]>::first) else {
                self.error("Y015", item.span, Text::new("每一项须以元素名与标识开头", "an item must begin with its element and id")).help =
                    Some(Text::new("例如 - userTask: accept_check", "such as `- userTask: accept_check`"));
                continue;
            };
            match ELEMENTS.iter().find(|element| element.shape.name == key.text) {
                Some(element) => {
                    // A fragment is a resource, called by a kebab-case name; elements have ids.
                    match (element.shape.name, id.scalar()) {
                        ("use", Some(name)) => self.id(id.span, name, &Of::Kebab),
                        _ => self.head(id),
                    }
                    self.keys(item, &element.shape, Some(element.shape.name));
                }
                None => {
                    let words: Vec<&str> = ELEMENTS.iter().map(|element| element.shape.name).collect();
                    let (text, help) = (&key.text, suggestion(&key.text, &words));
                    self.error("Y015", key.span, Text::new(format!("没有“{text}”这种元素"), format!("there is no element `{text}`")))
                        .help = Some(help);
                }
            }
        }
    }
}

/// The first key of a mapping, or the value itself: where a missing key is reported.
fn head_span(tree: &Tree) -> Span {
    tree.map().and_then(<[_]>::first).map_or(tree.span, |(key, _)| key.span)
}

fn is_id(text: &str, separators: &[char]) -> bool {
    let good = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || separators.contains(&c);
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.chars().all(good) && !text.contains("__")
}

fn fits(tree: &Tree, of: &Of) -> bool {
    match of {
        Of::List(_) | Of::Flow | Of::Boundary | Of::EventSubProcesses => tree.list().is_some(),
        Of::Map(..) | Of::Shape(_) => tree.map().is_some(),
        _ => tree.scalar().is_some(),
    }
}

fn kind_of(of: &Of) -> (&'static str, &'static str) {
    match of {
        Of::Snake => ("snake_case 名称", "a snake_case name"),
        Of::Kebab => ("kebab-case 名称", "a kebab-case name"),
        Of::Name => ("名称", "a name"),
        Of::Boolean => ("true 或 false", "`true` or `false`"),
        Of::Integer => ("整数", "a whole number"),
        Of::Duration | Of::DurationOrExpression => ("时长", "a duration"),
        Of::Expression => ("表达式", "an expression"),
        _ => ("文字", "a text"),
    }
}

/// Names the nearest of `known`, or lists them.
pub(in crate::definition) fn suggestion(text: &str, known: &[&str]) -> Text {
    let nearest = known
        .iter()
        .map(|word| (strsim::jaro_winkler(&text.to_lowercase(), &word.to_lowercase()), word))
        .max_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((score, word)) if score > 0.8 => Text::new(format!("是否想写“{word}”？"), format!("did you mean `{word}`?")),
        Some(_) => {
            let more = if known.len() > SHOWN_MAX { "…" } else { "" };
            let shown = &known[..known.len().min(SHOWN_MAX)];
            Text::new(format!("可用：{}{more}", shown.join("、")), format!("possible: {}{more}", shown.join(", ")))
        }
        None => Text::new("这里没有可用的名称", "nothing of the kind is declared"),
    }
}
