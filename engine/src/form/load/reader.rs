//! Reading mappings strictly: known keys, right shapes, every mistake a finding with its place.

use crate::{
    definition::Basis,
    diagnostic::Finding,
    form::types::near,
    source::{Place, Source, Span, Tree},
    text::Text,
};

/// What a mapping is called in findings, and the keys it may have.
pub(crate) struct Shape {
    pub(crate) zh: &'static str,
    pub(crate) en: &'static str,
    pub(crate) keys: &'static [&'static str],
}

/// Reads one file and keeps what it found wrong.
pub(crate) struct Reader<'a> {
    source: &'a Source,
    pub(crate) findings: Vec<Finding>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, findings: Vec::new() }
    }

    pub(crate) fn place(&self, span: Span) -> Place {
        Place { file: self.source.name.clone(), span }
    }

    pub(crate) fn error(&mut self, code: &'static str, span: Span, zh: impl Into<String>, en: impl Into<String>, help: Option<Text>) {
        let finding = Finding::error(code, self.place(span), Text::new(zh, en));
        self.findings.push(Finding { help, ..finding });
    }

    /// `Y022`: another shape was expected.
    fn wrong_shape(&mut self, tree: &Tree, key: &str, zh: &str, en: &str) {
        self.error("Y022", tree.span, format!("“{key}”应为{zh}"), format!("`{key}` must be {en}"), None);
    }

    /// Whether `tree` is a mapping; its unknown keys (`Y020`) are told, and misses of `required` ones (`Y021`).
    pub(crate) fn mapping(&mut self, tree: &Tree, shape: &Shape, required: &[&str]) -> bool {
        let Some(entries) = tree.map() else {
            self.error("Y022", tree.span, format!("{}应为映射", shape.zh), format!("{} must be a mapping", shape.en), None);
            return false;
        };
        for (key, _) in entries.iter().filter(|(key, _)| !shape.keys.contains(&key.text.as_str())) {
            let (name, keys) = (&key.text, shape.keys.join(", "));
            let help =
                near(name, shape.keys.iter().copied()).unwrap_or_else(|| Text::new(format!("可用的键：{keys}"), format!("keys: {keys}")));
            self.error(
                "Y020",
                key.span,
                format!("{}没有“{name}”这个键", shape.zh),
                format!("{} has no key `{name}`", shape.en),
                Some(help),
            );
        }
        for key in required.iter().filter(|key| tree.get(key).is_none_or(Tree::is_null)) {
            let span = entries.first().map_or(tree.span, |(key, _)| key.span);
            let help = Text::new(format!("请加上 {key}:"), format!("add `{key}:`"));
            self.error("Y021", span, format!("{}缺少“{key}”", shape.zh), format!("{} lacks `{key}`", shape.en), Some(help));
        }
        true
    }

    /// The text under `key`, if there is one; anything but a scalar is `Y022`.
    pub(crate) fn text(&mut self, tree: &Tree, key: &str) -> Option<String> {
        let value = tree.get(key).filter(|value| !value.is_null())?;
        let text = value.scalar().map(str::to_owned);
        if text.is_none() {
            self.wrong_shape(value, key, "一段文字", "a text");
        }
        text
    }

    /// The text under `key` in one or two languages.
    pub(crate) fn label(&mut self, tree: &Tree, key: &str) -> Option<Text> {
        let value = tree.get(key).filter(|value| !value.is_null())?;
        self.languages(value, key)
    }

    /// A text or `{zh: …, en: …}`.
    pub(crate) fn languages(&mut self, value: &Tree, key: &str) -> Option<Text> {
        const LANGUAGES: Shape = Shape { zh: "双语文字", en: "a text in two languages", keys: &["zh", "en"] };
        if let Some(text) = value.scalar() {
            return Some(Text::zh(text));
        }
        if value.map().is_none() {
            self.wrong_shape(value, key, "文字，或 {zh: …, en: …}", "a text, or {zh: …, en: …}");
            return None;
        }
        self.mapping(value, &LANGUAGES, &["zh"]);
        let zh = self.text(value, "zh")?;
        Some(Text { zh, en: self.text(value, "en") })
    }

    /// The boolean under `key`; anything but a plain `true` or `false` is `Y022`.
    pub(crate) fn flag(&mut self, tree: &Tree, key: &str) -> Option<bool> {
        let value = tree.get(key)?;
        let flag = value.boolean();
        if flag.is_none() {
            self.wrong_shape(value, key, "true 或 false", "true or false");
        }
        flag
    }

    /// The items of the list under `key`; anything but a list is `Y022`.
    pub(crate) fn items<'t>(&mut self, tree: &'t Tree, key: &str) -> &'t [Tree] {
        let Some(value) = tree.get(key).filter(|value| !value.is_null()) else { return &[] };
        if value.list().is_none() {
            self.wrong_shape(value, key, "列表", "a list");
        }
        value.list().unwrap_or_default()
    }

    /// The name under `key`: snake_case if `is_fine` is [`crate::form::types::is_name`], kebab-case if `is_id`; else `Y023`.
    pub(crate) fn name(&mut self, tree: &Tree, key: &str, is_fine: fn(&str) -> bool) -> Option<String> {
        let name = self.text(tree, key)?;
        if !is_fine(&name) {
            let span = tree.get(key).map_or(tree.span, |value| value.span);
            let sample = if is_fine("a_b") { "total_amount" } else { "annual-report" };
            let help =
                Text::new(format!("请用小写字母、数字，如 {sample}"), format!("use lower-case letters and digits, as in `{sample}`"));
            self.error("Y023", span, format!("“{name}”不能用作名称"), format!("`{name}` cannot be a name"), Some(help));
        }
        Some(name)
    }

    /// One of `words` under `key`; else `Y025`.
    pub(crate) fn word<T: Copy>(&mut self, tree: &Tree, key: &str, words: &[(&'static str, T)]) -> Option<T> {
        let given = self.text(tree, key)?;
        let found = words.iter().find(|(word, _)| *word == given).map(|(_, value)| *value);
        if found.is_none() {
            let all = words.iter().map(|(word, _)| *word).collect::<Vec<_>>().join(", ");
            let help = near(&given, words.iter().map(|(word, _)| *word))
                .unwrap_or_else(|| Text::new(format!("可用：{all}"), format!("use one of {all}")));
            let span = tree.get(key).map_or(tree.span, |value| value.span);
            self.error("Y025", span, format!("“{key}”不认识“{given}”"), format!("`{key}` does not know `{given}`"), Some(help));
        }
        found
    }

    /// `basis:` with `unverified:` beside it.
    pub(crate) fn basis(&mut self, tree: &Tree) -> Option<Basis> {
        let unverified = self.text(tree, "unverified");
        let text = self.text(tree, "basis");
        if let (None, Some(doubt)) = (&text, tree.get("unverified")) {
            self.error("Y021", doubt.span, "有“unverified”而没有“basis”", "`unverified` stands without `basis`", None);
        }
        Some(Basis { text: text?, unverified })
    }

    /// `Y026`: the name is taken.
    pub(crate) fn duplicate(&mut self, span: Span, name: &str, first: &Place) {
        let help = Text::new(format!("已在 {first} 声明"), format!("declared already at {first}"));
        self.error("Y026", span, format!("名称“{name}”重复"), format!("the name `{name}` is taken"), Some(help));
    }
}
