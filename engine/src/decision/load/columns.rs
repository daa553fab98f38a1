//! Reading inputs and outputs.

use super::Loader;
use crate::{
    decision::{
        Cell, Input, Output,
        scale::{Point, Scale},
        truth::Test,
    },
    form::{Field, FieldType, Shape, is_name, type_at},
    rules::{Expression, is_reserved},
    source::{Place, Tree},
    text::Text,
};

pub(in crate::decision) const INPUT: Shape =
    Shape { zh: "输入", en: "an input", keys: &["name", "label", "expression", "type", "values", "doc"] };
pub(in crate::decision) const OUTPUT: Shape =
    Shape { zh: "输出", en: "an output", keys: &["name", "label", "type", "values", "default", "doc"] };

impl Loader<'_> {
    pub(super) fn input(&mut self, tree: &Tree) -> Option<Input> {
        if !self.reader.mapping(tree, &INPUT, &["name"]) {
            return None;
        }
        let name = self.reader.name(tree, "name", if self.strict { is_name } else { |_| true })?;
        let at = tree.get("name").map_or(tree.span, |value| value.span);
        if is_reserved(&name) {
            self.reader.error(
                "D024",
                at,
                format!("“{name}”是表达式语言的保留字"),
                format!("`{name}` is a word that expressions reserve"),
                None,
            );
            return None;
        }
        let text = self.reader.text(tree, "expression").unwrap_or_else(|| name.clone());
        let expression_at = self.reader.place(tree.get("expression").map_or(at, |value| value.span));
        let expression = self.compiled(&text, expression_at)?;
        let field = self.standard.fields.get(text.trim()).cloned();
        let of = self.input_type(tree, &expression)?;
        let mut input = Input {
            label: self
                .reader
                .label(tree, "label")
                .or_else(|| Some(field.as_ref()?.label.clone()))
                .unwrap_or_else(|| Text::zh(name.clone())),
            name,
            expression,
            within: field.filter(|field| field.of == of).and_then(|field| self.limits(&field)),
            of,
            values: None,
            place: self.reader.place(at),
        };
        input.values = match tree.get("values").filter(|values| !values.is_null()) {
            Some(values) => Some(self.allowed(values, &input)?),
            None => None,
        };
        Some(input)
    }

    pub(super) fn compiled(&mut self, text: &str, place: Place) -> Option<Expression> {
        self.rules.expression(text, place).map_err(|finding| self.reader.findings.push(finding)).ok()
    }

    /// The type as written, else the one that the field standard tells.
    fn input_type(&mut self, tree: &Tree, expression: &Expression) -> Option<FieldType> {
        let standard = self.standard;
        let known = |name: &str| match name {
            "meta" => Some(FieldType::Record("meta".to_owned())),
            name => standard.fields.get(name).map(|field| field.of.clone()),
        };
        let told = self.rules.type_of(expression, &known);
        let Some(written) = tree.get("type") else {
            if told.is_none() {
                self.lacks_type(tree, &expression.text);
            }
            return told;
        };
        let of = self.typed(written)?;
        if let Some(told) = told.filter(|told| kind(told) != kind(&of)) {
            self.reader.error(
                "D004",
                written.span,
                format!("类型不符：这里写 {of}，表达式却是 {told}"),
                format!("types differ: {of} is written, the expression is {told}"),
                None,
            );
            return None;
        }
        Some(of)
    }

    fn lacks_type(&mut self, tree: &Tree, what: &str) {
        let help = Text::new("请加上 type:", "add `type:`");
        let (zh, en) = (format!("“{what}”的类型不明"), format!("the type of `{what}` cannot be told"));
        self.reader.error("Y021", tree.span, zh, en, Some(help));
    }

    fn typed(&mut self, tree: &Tree) -> Option<FieldType> {
        let place = self.reader.place(tree.span);
        type_at(self.standard, tree.scalar().unwrap_or_default(), &place).map_err(|finding| self.reader.findings.push(finding)).ok()
    }

    /// The field's least and greatest value; of a text they are lengths.
    fn limits(&self, field: &Field) -> Option<Test> {
        let scale = Scale::of(&field.of);
        let bound = |value: &Option<serde_json::Value>| match scale.point(value.as_ref()?, self.rules.zone())? {
            Point::Number(number) if scale.is_ordered() => Some((number, true)),
            _ => None,
        };
        let (low, high) = (bound(&field.min), bound(&field.max));
        (low.is_some() || high.is_some()).then_some(Test::Range { low, high })
    }

    /// `values` of an input: a cell without expressions.
    fn allowed(&mut self, tree: &Tree, input: &Input) -> Option<Cell> {
        let cell = self.cell(tree, &input.name, &input.of)?;
        let mut opaque = false;
        cell.test.each(&mut |test| opaque |= matches!(test, Test::Condition(_)));
        if opaque {
            let (zh, en) = ("values 不能是表达式", "`values` cannot be an expression");
            self.reader.error("D065", tree.span, zh, en, Some(Text::new("写值或范围", "write values or ranges")));
            return None;
        }
        Some(cell)
    }

    pub(super) fn output(&mut self, tree: &Tree) -> Option<Output> {
        if !self.reader.mapping(tree, &OUTPUT, &["name"]) {
            return None;
        }
        let name = self.reader.name(tree, "name", if self.strict { is_name } else { |_| true })?;
        let field = self.standard.fields.get(&name);
        let of = match tree.get("type") {
            Some(written) => self.typed(written)?,
            None => match field.map(|field| field.of.clone()) {
                Some(of) => of,
                None => {
                    self.lacks_type(tree, &name);
                    return None;
                }
            },
        };
        let at = tree.get("name").map_or(tree.span, |value| value.span);
        let label = self.reader.label(tree, "label").or_else(|| Some(field?.label.clone())).unwrap_or_else(|| Text::zh(name.clone()));
        let mut output = Output { label, name, of, values: Vec::new(), default: None, place: self.reader.place(at) };
        for value in self.reader.items(tree, "values") {
            let value = self.output_value(value, &output)?;
            output.values.push(value);
        }
        output.default = match tree.get("default") {
            Some(default) => Some(self.entry(default, &output)?),
            None => None,
        };
        Some(output)
    }
}

/// Types whose values data holds alike.
pub(super) fn kind(of: &FieldType) -> u8 {
    match Scale::of(of) {
        Scale::Flag => 0,
        Scale::Whole | Scale::Cents | Scale::Exact => 1,
        Scale::Closed if matches!(of, FieldType::List(_)) => 2,
        Scale::Closed => 3,
        _ => 4,
    }
}
