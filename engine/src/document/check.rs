//! Templates are compiled and looked through once: what would fail or be unsafe later is found now.

use std::collections::BTreeMap;

use handlebars::{
    Handlebars, Path, PathSeg, Template,
    template::{DecoratorTemplate, HelperTemplate, Parameter, TemplateElement},
};

use super::{Read, Templates, at, markup, words, write};
use crate::{diagnostic::Finding, source::Source, text::Text};

/// Bytes that a template may have.
const BYTES_MAX: usize = 256 << 10;
/// Nested blocks, and nested brackets in one tag.
const DEPTH_MAX: usize = 16;
/// The zone that dates are shown in unless [`Templates::in_zone`] says otherwise.
const ZONE: &str = "Asia/Shanghai";

pub(super) fn compile(files: &[Source]) -> (Templates, Vec<Finding>) {
    let mut registry = Handlebars::new();
    registry.set_strict_mode(true);
    registry.register_escape_fn(escape);
    words::register(&mut registry, &jiff::tz::TimeZone::get(ZONE).unwrap_or(jiff::tz::TimeZone::UTC));
    let mut templates = Templates { registry, files: BTreeMap::new(), reads: BTreeMap::new() };
    let mut findings = Vec::new();
    let mut partials = BTreeMap::new();
    for source in files {
        let name = source.name.rsplit('/').next().unwrap_or(&source.name).trim_end_matches(".hbs").to_owned();
        match one(source, &name) {
            Ok((template, look)) => {
                templates.registry.register_template(&name, template);
                templates.files.insert(name.clone(), source.clone());
                templates.reads.insert(name.clone(), look.reads);
                partials.insert(name, look.partials);
                findings.extend(look.findings);
            }
            Err(finding) => findings.push(finding),
        }
    }
    findings.extend(circles(&templates, &partials));
    include_reads(&mut templates.reads, &partials);
    (templates, findings)
}

/// Escapes a value; line breaks that a person typed are marked, so that white space in the template is told from them.
fn escape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for (index, line) in value.lines().enumerate() {
        if index > 0 {
            out.push(markup::TYPED_BREAK);
        }
        write::escape(line, &mut out);
    }
    out
}

fn one(source: &Source, name: &str) -> Result<(Template, Look), Finding> {
    if source.text.len() > BYTES_MAX || too_deep(&source.text) {
        let message = Text::new("模板过大或嵌套过深", "the template is too large or nested too deeply");
        return Err(Finding::error("Y054", at(&source.name, 1, 1), message));
    }
    let mut template = Template::compile_with_name(&*source.text, name.to_owned()).map_err(|error| {
        let (line, column) = error.pos().unwrap_or((1, 1));
        let what = error.reason();
        Finding::error(
            "Y050",
            at(&source.name, line, column),
            Text::new(format!("模板写法有误：{what}"), format!("the template does not parse: {what}")),
        )
    })?;
    let mut look = Look { file: source.name.to_string(), findings: Vec::new(), reads: Vec::new(), partials: Vec::new() };
    look.template(&template, false);
    allow_absent_lists(&mut template);
    if let Err(refused) = markup::parse(&without_tags(&source.text)) {
        let before = source.text.get(..refused.offset).unwrap_or(&source.text);
        let (line, column) = (before.matches('\n').count() + 1, before.rsplit('\n').next().unwrap_or_default().chars().count() + 1);
        look.findings.push(Finding::error("Y053", at(&source.name, line, column), refused.message));
    }
    Ok((template, look))
}

/// Handlebars parses recursively: what is nested absurdly must not reach it.
fn too_deep(text: &str) -> bool {
    let (mut blocks, mut deepest) = (0_usize, 0_usize);
    for tag in text.split("{{").skip(1) {
        let tag = tag.split("}}").next().unwrap_or_default();
        match tag.trim_start_matches(['~', '{']).chars().next() {
            Some('#') => blocks += 1,
            Some('/') => blocks = blocks.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(blocks).max(tag.matches(['(', '[']).count());
    }
    deepest > DEPTH_MAX
}

/// The text with every handlebars tag blanked, byte for byte, so that its HTML can be read with the right places.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find("{{") {
        let (before, tag) = rest.split_at(open);
        out.push_str(before);
        let end = if tag.starts_with("{{!--") || tag.starts_with("{{~!--") { "--" } else { "" };
        let close = tag[2..].find(&format!("{end}}}}}")).map_or(tag.len(), |close| 2 + close + end.len() + 2);
        let (tag, after) = tag.split_at(close);
        tag.bytes().for_each(|byte| out.push(if byte == b'\n' { '\n' } else { ' ' }));
        rest = after;
    }
    out.push_str(rest);
    out
}

/// `{{#each}}` over an absent list writes nothing, as it does over an empty one.
fn allow_absent_lists(template: &mut Template) {
    for element in &mut template.elements {
        if let TemplateElement::HelperBlock(block) = element {
            if matches!(block.name.as_name(), Some("each" | "with")) && block.inverse.is_none() {
                block.inverse = Some(Template::new());
            }
            block.template.iter_mut().chain(block.inverse.iter_mut()).for_each(allow_absent_lists);
        }
    }
}

/// What one template was seen to do.
struct Look {
    file: String,
    findings: Vec<Finding>,
    reads: Vec<Read>,
    /// Names of the templates it includes, with line and column.
    partials: Vec<(String, usize, usize)>,
}

impl Look {
    /// `inner`: inside `#each` or `#with`, where bare names mean members of something else.
    fn template(&mut self, template: &Template, inner: bool) {
        for (element, mapping) in template.elements.iter().zip(&template.mapping) {
            let place = (mapping.0, mapping.1);
            match element {
                TemplateElement::HtmlExpression(_) => {
                    let message = Text::new("不允许不转义的输出（{{{ 或 {{&）", "raw output ({{{ or {{&) is refused");
                    self.report("Y051", place, message);
                }
                TemplateElement::Expression(call) | TemplateElement::HelperBlock(call) => self.call(call, place, inner),
                TemplateElement::PartialExpression(partial) => self.partial(partial, place),
                TemplateElement::PartialBlock(_) | TemplateElement::DecoratorExpression(_) | TemplateElement::DecoratorBlock(_) => {
                    self.report("Y050", place, Text::new("不支持装饰器和内联模板", "decorators and inline partials are not supported"));
                }
                _ => {}
            }
        }
    }

    fn report(&mut self, code: &'static str, (line, column): (usize, usize), message: Text) {
        self.findings.push(Finding::error(code, at(&self.file, line, column), message));
    }

    fn partial(&mut self, partial: &DecoratorTemplate, place: (usize, usize)) {
        match partial.name.as_name() {
            Some(name) if partial.params.is_empty() && partial.hash.is_empty() => self.partials.push((name.to_owned(), place.0, place.1)),
            _ => {
                let message = Text::new("引用模板只写名称，不带参数", "a partial is included by its plain name, without parameters");
                self.report("Y052", place, message);
            }
        }
    }

    fn call(&mut self, call: &HelperTemplate, place: (usize, usize), inner: bool) {
        let name = call.name.as_name().unwrap_or_default();
        let is_helper = call.block || !call.params.is_empty() || words::HELPERS.contains(&name);
        if !is_helper {
            self.parameter(&call.name, place, inner);
        } else if !words::HELPERS.contains(&name) {
            let message = Text::new(format!("没有助手“{name}”"), format!("there is no helper `{name}`"));
            self.report("Y055", place, message);
        }
        for parameter in call.params.iter().chain(call.hash.values()) {
            self.parameter(parameter, place, inner);
        }
        let deeper = inner || matches!(name, "each" | "with");
        call.template.iter().for_each(|template| self.template(template, deeper));
        call.inverse.iter().for_each(|template| self.template(template, inner));
    }

    fn parameter(&mut self, parameter: &Parameter, place: (usize, usize), inner: bool) {
        match parameter {
            Parameter::Path(Path::Relative((segments, _))) => self.read(segments, place, inner),
            Parameter::Name(name) if !inner => self.reads.push(Read { path: name.clone(), place: at(&self.file, place.0, place.1) }),
            Parameter::Subexpression(inside) => match &*inside.element {
                TemplateElement::Expression(call) | TemplateElement::HelperBlock(call) => self.call(call, place, inner),
                _ => {}
            },
            _ => {}
        }
    }

    fn read(&mut self, segments: &[PathSeg], place: (usize, usize), inner: bool) {
        let names: Option<Vec<&str>> = segments
            .iter()
            .map(|segment| match segment {
                PathSeg::Named(name) => Some(name.as_str()),
                _ => None,
            })
            .collect();
        if let Some(names) = names.filter(|names| !inner && !names.is_empty()) {
            self.reads.push(Read { path: names.join("."), place: at(&self.file, place.0, place.1) });
        }
    }
}

/// Partials that do not exist, or that come back to themselves: handlebars would follow them without end.
fn circles(templates: &Templates, partials: &BTreeMap<String, Vec<(String, usize, usize)>>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, included) in partials {
        let file = templates.files.get(name).map_or("", |source| &source.name);
        for (partial, line, column) in included {
            if !partials.contains_key(partial) {
                let message = Text::new(format!("没有模板“{partial}”"), format!("there is no template `{partial}`"));
                findings.push(Finding::error("Y052", at(file, *line, *column), message));
            } else if reachable(partials, partial).contains(name) {
                let message = Text::new(format!("模板“{partial}”引用了自己"), format!("the template `{partial}` includes itself"));
                findings.push(Finding::error("Y052", at(file, *line, *column), message));
            }
        }
    }
    findings
}

/// All templates that one includes, itself among them.
fn reachable(partials: &BTreeMap<String, Vec<(String, usize, usize)>>, from: &str) -> Vec<String> {
    let mut seen = vec![from.to_owned()];
    let mut next = 0;
    while let Some(name) = seen.get(next).cloned() {
        for (partial, ..) in partials.get(&name).into_iter().flatten() {
            if !seen.contains(partial) {
                seen.push(partial.clone());
            }
        }
        next += 1;
    }
    seen
}

fn include_reads(reads: &mut BTreeMap<String, Vec<Read>>, partials: &BTreeMap<String, Vec<(String, usize, usize)>>) {
    let own = reads.clone();
    for (name, all) in reads.iter_mut() {
        for partial in reachable(partials, name).iter().skip(1) {
            all.extend(own.get(partial).into_iter().flatten().cloned());
        }
    }
}
