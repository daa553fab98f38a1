//! Reading rules: their cells by name or by position.

use serde_json::Value;

use super::Loader;
use crate::{
    decision::{
        Cell, DecisionTable, Entry, Output, Rule,
        cell::Reading,
        policy::position,
        scale::{Point, Scale, unquoted},
        truth::Test,
    },
    form::{FieldType, Shape, check_value, near},
    source::{Kind, Place, Tree},
    text::{Language, Text},
};

pub(in crate::decision) const RULE: Shape = Shape { zh: "规则", en: "a rule", keys: &["id", "when", "then", "doc"] };

impl Loader<'_> {
    pub(super) fn rule(&mut self, tree: &Tree, table: &DecisionTable) -> Option<Rule> {
        if !self.reader.mapping(tree, &RULE, &["then"]) {
            return None;
        }
        let first = tree.map().and_then(|entries| entries.first()).map_or(tree.span, |(key, _)| key.span);
        let place = self.reader.place(first);
        let id = self.reader.text(tree, "id");
        let headings: Vec<&str> = table.inputs.iter().map(|input| input.name.as_str()).collect();
        let when = self.columns(tree.get("when"), &headings, ("输入", "input"));
        let cells = when.into_iter().zip(&table.inputs).map(|(cell, input)| match cell {
            Some(cell) => self.cell(cell, &input.name, &input.of),
            None => Some(Cell::any(place.clone())),
        });
        let when = cells.collect::<Vec<_>>();
        let headings: Vec<&str> = table.outputs.iter().map(|output| output.name.as_str()).collect();
        let then = self.columns(tree.get("then"), &headings, ("输出", "output"));
        let entries = then.into_iter().zip(&table.outputs).map(|(entry, output)| match entry {
            Some(entry) => self.entry(entry, output),
            None => Some(Entry::Value(Value::Null)),
        });
        let then = entries.collect::<Vec<_>>();
        if let Some(known) = table.rules.iter().find(|known| id.is_some() && known.id == id) {
            self.reader.duplicate(first, id.as_deref().unwrap_or_default(), &known.place);
        }
        let doc = self.reader.label(tree, "doc");
        Some(Rule { id, when: when.into_iter().collect::<Option<_>>()?, then: then.into_iter().collect::<Option<_>>()?, doc, place })
    }

    /// One tree a column: from a mapping by name, or from a list by position.
    fn columns<'t>(&mut self, tree: Option<&'t Tree>, headings: &[&str], words: (&str, &str)) -> Vec<Option<&'t Tree>> {
        let nothing = vec![None; headings.len()];
        match tree.map(|tree| (tree, &tree.kind)) {
            None => nothing,
            Some((_, Kind::Map(entries))) => {
                for (key, _) in entries.iter().filter(|(key, _)| !headings.contains(&key.text.as_str())) {
                    self.unknown_column(&key.text, key.span, words, headings.iter().copied());
                }
                let under = |heading: &&str| entries.iter().find(|(key, _)| key.text == **heading).map(|(_, cell)| cell);
                headings.iter().map(under).collect()
            }
            Some((_, Kind::List(cells))) if cells.len() == headings.len() => cells.iter().map(Some).collect(),
            Some((tree, _)) => {
                let (zh, en) = words;
                let (wanted, all) = (headings.len(), headings.join(", "));
                let help =
                    Text::new(format!("按名称写 {{{all}}}，或按顺序写 [{all}]"), format!("write {{{all}}} by name, or [{all}] in order"));
                self.reader.error(
                    "Y022",
                    tree.span,
                    format!("应为 {wanted} 个{zh}"),
                    format!("must be {wanted} {en}{}", if wanted == 1 { "" } else { "s" }),
                    Some(help),
                );
                nothing
            }
        }
    }

    /// A cell of `when`: a scalar, or a list of alternatives.
    pub(super) fn cell(&mut self, tree: &Tree, name: &str, of: &FieldType) -> Option<Cell> {
        let place = self.reader.place(tree.span);
        let Some(items) = tree.list() else {
            let text = if tree.is_null() && tree.scalar() != Some("") { "null" } else { tree.scalar()? };
            let test = self.test(text, name, of, &place)?;
            return Some(Cell { text: text.to_owned(), place, test });
        };
        let (mut texts, mut tests) = (Vec::new(), Vec::new());
        for item in items {
            let cell = self.cell(item, name, of)?;
            texts.push(cell.text);
            tests.push(cell.test);
        }
        Some(Cell { text: texts.join(", "), place, test: Test::OneOf(tests) })
    }

    fn test(&mut self, text: &str, name: &str, of: &FieldType, place: &Place) -> Option<Test> {
        let (zone, standard, rules) = (self.rules.zone(), self.standard, self.rules);
        let reading = Reading { name, of, zone, standard, rules, place: place.clone() };
        reading.cell(text).map_err(|finding| self.reader.findings.push(finding)).ok()
    }

    /// A cell of `then`.
    pub(super) fn entry(&mut self, tree: &Tree, output: &Output) -> Option<Entry> {
        if let Some(text) = tree.scalar().map(str::trim).filter(|_| !tree.is_null()) {
            let written = text.strip_prefix('=').filter(|rest| !rest.starts_with('='));
            let scale = Scale::of(&output.of);
            if let Some(rest) = written.or_else(|| scale.literal(text, self.rules.zone()).is_none().then_some(text)) {
                return self.compiled(rest.trim(), self.reader.place(tree.span)).map(Entry::Expression);
            }
        }
        let value = self.output_value(tree, output)?;
        if !output.values.is_empty() && !value.is_null() && position(output, &value, self.rules.zone()).is_none() {
            let all = output.values.iter().map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).collect::<Vec<_>>();
            let shown = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            let help = near(&shown, all.iter().map(String::as_str))
                .unwrap_or_else(|| Text::new(format!("可用：{}", all.join(", ")), format!("use one of {}", all.join(", "))));
            let name = &output.name;
            let (zh, en) = (format!("输出“{name}”没有值“{shown}”"), format!("output `{name}` has no value `{shown}`"));
            self.reader.error("D066", tree.span, zh, en, Some(help));
            return None;
        }
        Some(Entry::Value(value))
    }

    /// A value of the output's type, as data holds it.
    pub(super) fn output_value(&mut self, tree: &Tree, output: &Output) -> Option<Value> {
        let value = match tree.scalar().map(str::trim).filter(|_| !tree.is_null()) {
            Some(text) => self.data(text, &output.of),
            None => tree.to_json(),
        };
        if value.is_null() {
            return Some(value);
        }
        let field = self.standard.field_for(&output.name, &output.of);
        let wrong = check_value(self.standard, &output.name, &field, &value).into_iter().next();
        if let Some(wrong) = wrong.filter(|_| self.strict) {
            let help = match &output.of {
                FieldType::Code(list) => {
                    let codes = self.standard.codes.get(list).map(|list| &list.codes);
                    near(value.as_str().unwrap_or_default(), codes.into_iter().flat_map(|codes| codes.keys().map(String::as_str)))
                }
                _ => None,
            };
            self.reader.error("D066", tree.span, &*wrong.message.zh, wrong.message.get(Language::En), help);
            return None;
        }
        Some(value)
    }

    fn data(&self, text: &str, of: &FieldType) -> Value {
        let scale = Scale::of(of);
        match (scale, scale.literal(text, self.rules.zone())) {
            (_, Some(Point::Flag(flag))) => flag.into(),
            (Scale::Whole, Some(Point::Number(number))) => {
                i64::try_from(number).ok().filter(|_| number.is_integer()).map_or_else(|| Value::String(text.to_owned()), Value::from)
            }
            (Scale::Cents | Scale::Exact, Some(Point::Number(number))) => Value::String(number.to_string()),
            (Scale::Day | Scale::Minute | Scale::Second, Some(point)) => Value::String(scale.show(&point)),
            (_, Some(Point::Word(word))) => Value::String(word),
            _ => Value::String(unquoted(text).unwrap_or(text).to_owned()),
        }
    }
}
