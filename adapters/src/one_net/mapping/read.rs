//! Reads a mapping's YAML; finds every mistake, each with its place.

use indexmap::IndexMap;
use jiff::tz::TimeZone;
use serde_json::Value;
use tongban_engine::{
    calendar::{Duration, DurationUnit},
    definition::PortalStatus,
    diagnostic::Finding,
    source::{Key, Place, Source, Span, Tree, parse},
    text::Text,
};

use super::{
    super::sign::{HeaderNames, Policy, signer},
    Codes, Format, Mapping, Message, Rule, Shape, TASKS,
};

/// Keys of a mapping file.
const KEYS: [&str; 11] = ["platform", "name", "zone", "times", "signing", "codes", "statuses", "items", "shapes", "incoming", "outgoing"];
/// Kinds of messages a platform sends us.
const INCOMING: [&str; 5] = ["application", "supplement", "withdrawal", "rating", "file"];
/// Kinds of messages we send a platform.
const OUTGOING: [&str; 2] = ["item", "status"];
/// Groups in groups deeper than this are a mistake.
const DEPTH_MAX: usize = 8;

/// What reading collects on the way.
struct Reader<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
    times: IndexMap<String, String>,
    codes: Codes,
    shapes: IndexMap<String, Shape>,
    zone: TimeZone,
}

pub(super) fn load(source: &Source) -> (Option<Mapping>, Vec<Finding>) {
    let (tree, findings) = parse(source);
    let mut reader = Reader { source, findings, times: IndexMap::new(), codes: Codes::new(), shapes: IndexMap::new(), zone: TimeZone::UTC };
    let mapping = tree.and_then(|tree| reader.mapping(&tree));
    (mapping.filter(|_| reader.findings.is_empty()), reader.findings)
}

impl Reader<'_> {
    fn mapping(&mut self, tree: &Tree) -> Option<Mapping> {
        self.known(tree, &KEYS);
        let platform = self.text(tree, "platform")?;
        let name = tree.get("name").and_then(two_languages).unwrap_or_else(|| Text::zh(platform.clone()));
        let zone = self.text(tree, "zone")?;
        match TimeZone::get(&zone) {
            Ok(zone) => self.zone = zone,
            Err(error) => self.wrong(tree.span, format!("时区“{zone}”不存在"), format!("no such time zone `{zone}`: {error}")),
        }
        self.times = self.texts(tree.get("times"));
        for (key, list) in tree.get("codes").and_then(Tree::map).unwrap_or_default() {
            let list = self.texts(Some(list));
            self.codes.insert(key.text.clone(), list);
        }
        let signing = self.signing(tree);
        let items = json_entries(tree.get("items"));
        let tasks = self.tasks(tree.get("items"));
        self.codes.insert(TASKS.to_owned(), tasks);
        let statuses = self.statuses(tree.get("statuses"));
        for (key, shape) in tree.get("shapes").and_then(Tree::map).unwrap_or_default() {
            let shape = self.shape(shape, 0);
            self.shapes.insert(key.text.clone(), shape);
        }
        let incoming = self.messages(tree, "incoming", &INCOMING);
        let outgoing = self.messages(tree, "outgoing", &OUTGOING);
        Some(Mapping { platform, name, zone, signing: signing?, codes: self.codes.clone(), statuses, items, incoming, outgoing })
    }

    /// `items.ITEM.units.UNIT.code` as a code list of `ITEM@UNIT`.
    fn tasks(&mut self, items: Option<&Tree>) -> IndexMap<String, String> {
        let mut tasks: IndexMap<String, String> = IndexMap::new();
        for (item, tree) in items.and_then(Tree::map).unwrap_or_default() {
            for (unit, office) in tree.get("units").and_then(Tree::map).unwrap_or_default() {
                let Some(code) = self.text(office, "code") else { continue };
                if let Some((other, _)) = tasks.iter().find(|(_, known)| **known == code) {
                    let (zh, en) = (format!("编码“{code}”已用于 {other}"), format!("the code `{code}` is already that of {other}"));
                    self.wrong(unit.span, zh, en);
                }
                tasks.insert(format!("{}@{}", item.text, unit.text), code);
            }
        }
        tasks
    }

    /// Every portal status must be told somehow, and no other exists.
    fn statuses(&mut self, tree: Option<&Tree>) -> IndexMap<String, Value> {
        let statuses = json_entries(tree);
        let span = tree.map_or(Span::default(), |tree| tree.span);
        for status in PortalStatus::ALL.into_iter().filter(|status| !statuses.contains_key(status.code())) {
            let (zh, en) =
                (format!("statuses 缺少 {}（{}）", status.code(), status.label()), format!("`statuses` lacks `{}`", status.code()));
            self.wrong(span, zh, en);
        }
        for (key, _) in tree.and_then(Tree::map).unwrap_or_default() {
            if PortalStatus::from_code(&key.text).is_none() {
                self.wrong(key.span, format!("没有“{}”这个办件状态", key.text), format!("there is no portal status `{}`", key.text));
            }
        }
        statuses
    }

    fn signing(&mut self, tree: &Tree) -> Option<Policy> {
        let Some(signing) = tree.get("signing") else {
            self.wrong(tree.span, "缺少 signing".into(), "`signing` is missing".into());
            return None;
        };
        self.known(signing, &["algorithm", "headers", "window", "keep"]);
        let algorithm = self.text(signing, "algorithm")?;
        let Some(signer) = signer(&algorithm) else {
            let (zh, en) = (
                format!("不支持签名算法“{algorithm}”，可用 hmac-sm3、hmac-sha256"),
                format!("no signing algorithm `{algorithm}`; there are hmac-sm3 and hmac-sha256"),
            );
            self.wrong(signing.span, zh, en);
            return None;
        };
        let headers = signing.get("headers").unwrap_or(signing);
        let [key, timestamp, nonce, signature] =
            ["key", "timestamp", "nonce", "signature"].map(|name| self.text(headers, name).map(|header| header.to_ascii_lowercase()));
        let (window_ms, keep_ms) = (self.elapsed(signing, "window")?, self.elapsed(signing, "keep")?);
        Some(Policy {
            signer,
            headers: HeaderNames { key: key?, timestamp: timestamp?, nonce: nonce?, signature: signature? },
            window_ms,
            keep_ms,
        })
    }

    /// An elapsed time in milliseconds.
    fn elapsed(&mut self, tree: &Tree, key: &str) -> Option<i64> {
        let text = self.text(tree, key)?;
        let ms = Duration::parse(&text).ok().and_then(elapsed_ms);
        if ms.is_none() {
            let span = tree.get(key).map_or(tree.span, |value| value.span);
            self.wrong(
                span,
                format!("{key} 应为经过的时间，如 5min、P90D"),
                format!("`{key}` must be an elapsed time such as 5min or P90D, not `{text}`"),
            );
        }
        ms
    }

    fn messages(&mut self, tree: &Tree, key: &str, kinds: &[&str]) -> IndexMap<String, Message> {
        let mut messages = IndexMap::new();
        let Some(block) = tree.get(key) else { return messages };
        self.known(block, kinds);
        for (kind, message) in block.map().unwrap_or_default() {
            self.known(message, &["path", "delivers", "fields", "answer"]);
            let Some(path) = self.text(message, "path") else { continue };
            let delivers = message.get("delivers").and_then(Tree::scalar).map(str::to_owned);
            let fields = message.get("fields").map(|fields| self.shape(fields, 0)).unwrap_or_default();
            let answer = message.get("answer").map(|fields| self.shape(fields, 0)).unwrap_or_default();
            messages.insert(kind.text.clone(), Message { path, delivers, fields, answer });
        }
        messages
    }

    fn shape(&mut self, tree: &Tree, depth: usize) -> Shape {
        if let Some(name) = tree.scalar() {
            return self.shapes.get(name).cloned().unwrap_or_else(|| {
                self.wrong(tree.span, format!("shapes 中没有“{name}”"), format!("there is no `{name}` in `shapes`"));
                Shape::default()
            });
        }
        if depth > DEPTH_MAX {
            self.wrong(tree.span, format!("嵌套超过 {DEPTH_MAX} 层"), format!("nested deeper than {DEPTH_MAX}"));
            return Shape::default();
        }
        let Some(entries) = tree.map() else {
            self.wrong(tree.span, "此处应为“字段: 取值”".into(), "expected `field: value` here".into());
            return Shape::default();
        };
        let fields = entries.iter().filter_map(|(key, value)| Some((key.text.clone(), self.rule(key, value, depth)?)));
        Shape { fields: fields.collect() }
    }

    fn rule(&mut self, key: &Key, value: &Tree, depth: usize) -> Option<Rule> {
        if let Some(text) = value.scalar() {
            return self.value(text, value.span);
        }
        self.known(value, &["is", "group", "each", "fields"]);
        let inner = |reader: &mut Self| value.get("fields").map(|fields| reader.shape(fields, depth + 1)).unwrap_or_default();
        if let Some(constant) = value.get("is") {
            return Some(Rule::Constant(constant.to_json()));
        }
        if let Some(at) = value.get("group").and_then(Tree::scalar) {
            return Some(Rule::Group(path(at), inner(self)));
        }
        if let Some(at) = value.get("each").and_then(Tree::scalar) {
            return Some(Rule::Each(path(at), inner(self)));
        }
        let (zh, en) = (
            format!("字段“{}”应写明取值路径，或 is、group、each 之一", key.text),
            format!("field `{}` needs a path, or one of `is`, `group`, `each`", key.text),
        );
        self.wrong(value.span, zh, en);
        None
    }

    /// `path | format`.
    fn value(&mut self, text: &str, span: Span) -> Option<Rule> {
        let (at, format) = text.split_once('|').map_or((text, ""), |(at, format)| (at, format.trim()));
        let format = match format {
            "" => Format::Plain,
            "base64" => Format::Base64,
            other => {
                if let Some((list, codes)) = other.strip_prefix("code.").and_then(|list| self.codes.get_key_value(list)) {
                    Format::Code(list.clone(), codes.clone())
                } else if let Some(pattern) = self.times.get(other) {
                    Format::Time(pattern.clone(), self.zone.clone())
                } else {
                    let (zh, en) = (
                        format!("没有格式“{other}”：可用 times 中的名称、code.代码集、base64"),
                        format!("no format `{other}`: use a name from `times`, `code.LIST` or `base64`"),
                    );
                    self.wrong(span, zh, en);
                    return None;
                }
            }
        };
        Some(Rule::Value(path(at), format))
    }

    /// A required text.
    fn text(&mut self, tree: &Tree, key: &str) -> Option<String> {
        let text = tree.get(key).and_then(Tree::scalar).filter(|text| !text.is_empty()).map(str::to_owned);
        if text.is_none() {
            self.wrong(tree.span, format!("缺少 {key}"), format!("`{key}` is missing"));
        }
        text
    }

    /// A mapping of texts.
    fn texts(&mut self, tree: Option<&Tree>) -> IndexMap<String, String> {
        let mut texts = IndexMap::new();
        for (key, value) in tree.and_then(Tree::map).unwrap_or_default() {
            match value.scalar() {
                Some(text) => drop(texts.insert(key.text.clone(), text.to_owned())),
                None => self.wrong(value.span, format!("“{}”应为文字", key.text), format!("`{}` must be text", key.text)),
            }
        }
        texts
    }

    /// Every key must be one of `keys`.
    fn known(&mut self, tree: &Tree, keys: &[&str]) {
        let Some(entries) = tree.map() else {
            self.wrong(tree.span, "此处应为键值对".into(), "expected a mapping here".into());
            return;
        };
        for (key, _) in entries.iter().filter(|(key, _)| !keys.contains(&key.text.as_str())) {
            let (zh, en) =
                (format!("没有“{}”这个键", key.text), format!("there is no key `{}` here; there are {}", key.text, keys.join(", ")));
            self.wrong(key.span, zh, en);
        }
    }

    fn wrong(&mut self, span: Span, zh: String, en: String) {
        let place = Place { file: self.source.name.clone(), span };
        self.findings.push(Finding::error("Y010", place, Text::new(zh, en)));
    }
}

fn json_entries(tree: Option<&Tree>) -> IndexMap<String, Value> {
    tree.and_then(Tree::map).unwrap_or_default().iter().map(|(key, value)| (key.text.clone(), value.to_json())).collect()
}

/// Milliseconds of a duration that is elapsed time; None if it counts days of a calendar.
fn elapsed_ms(duration: Duration) -> Option<i64> {
    (duration.unit == DurationUnit::Milliseconds).then_some(duration.amount)
}

fn path(text: &str) -> Vec<String> {
    text.trim().split('.').map(str::to_owned).collect()
}

fn two_languages(tree: &Tree) -> Option<Text> {
    match tree.scalar() {
        Some(zh) => Some(Text::zh(zh)),
        None => Some(Text { zh: tree.get("zh")?.scalar()?.to_owned(), en: tree.get("en").and_then(Tree::scalar).map(str::to_owned) }),
    }
}
