//! The twin as text and as HTML: `3 材料审查（人工，审查岗，2 个工作日）→ 若 area > 300 到 4 现场核查；否则到 5 审批`.

use super::twin::{Taken, Twin, TwinFlow, TwinLine};
use crate::{
    text::{Language, Text},
    xml::Element,
};

impl Twin {
    /// One line a node, indented by its depth.
    pub fn text(&self, language: Language) -> String {
        let mut text = String::new();
        for line in self.all() {
            let depth = line.number.matches('.').count();
            text.push_str(&"  ".repeat(depth));
            text.push_str(&line.text(language));
            text.push('\n');
        }
        text
    }

    /// An `ol` with one `li` a node (`id="twin-<node id>"`, `data-node`), inner ones in an `ol` of their own; each way on is
    /// a link (`data-flow`). Classes: `twin`, `twin-line`, `is-active`, `is-done`, `twin-number`, `twin-name`, `twin-facts`,
    /// `twin-state`, `twin-flow`.
    pub fn html(&self, language: Language) -> String {
        list(&self.lines, language).to_string()
    }
}

impl TwinLine {
    /// The line without what stands inside.
    pub fn text(&self, language: Language) -> String {
        let head = format!("{} {}{}{}", self.number, self.name.get(language), self.facts(language), self.state(language));
        let flows: Vec<String> = self.flows.iter().map(|flow| flow.text(language)).collect();
        if flows.is_empty() { head } else { format!("{head} → {}", flows.join(separator(language))) }
    }

    /// `（人工，审查岗，2 个工作日）`.
    fn facts(&self, language: Language) -> String {
        let kind = (self.kind != self.name).then_some(&self.kind);
        let facts = [kind, self.who.as_ref(), self.due.as_ref(), self.trigger.as_ref()];
        let facts: Vec<&str> = facts.into_iter().flatten().map(|fact| fact.get(language)).collect();
        match language {
            _ if facts.is_empty() => String::new(),
            Language::Zh => format!("（{}）", facts.join("，")),
            Language::En => format!(" ({})", facts.join(", ")),
        }
    }

    fn state(&self, language: Language) -> String {
        let state = match (self.active, self.done) {
            (true, _) => Text::new("【当前】", " [current]"),
            (false, true) => Text::new("【已过】", " [passed]"),
            (false, false) => return String::new(),
        };
        state.get(language).to_owned()
    }
}

impl TwinFlow {
    /// `「受理」到 4 出具受理通知书`.
    pub fn text(&self, language: Language) -> String {
        format!("{}{} {}", self.way(language), self.to_number, self.to_name.get(language))
    }

    /// Under which action or condition, and "to".
    fn way(&self, language: Language) -> String {
        let label = self.label.as_ref().map(|label| label.get(language)).unwrap_or_default();
        let when = self.when.as_deref();
        match (language, self.taken) {
            (Language::Zh, Taken::Action) => format!("「{label}」{}到 ", when.map(|when| format!("（若 {when}）")).unwrap_or_default()),
            (Language::En, Taken::Action) => format!("“{label}”{} to ", when.map(|when| format!(" (if {when})")).unwrap_or_default()),
            (Language::Zh, Taken::If) => format!("若 {label} 到 "),
            (Language::En, Taken::If) => format!("if {label} to "),
            (Language::Zh, Taken::Otherwise) => "否则到 ".to_owned(),
            (Language::En, Taken::Otherwise) => "otherwise to ".to_owned(),
            (Language::Zh, Taken::Always) => "到 ".to_owned(),
            (Language::En, Taken::Always) => "to ".to_owned(),
        }
    }
}

fn separator(language: Language) -> &'static str {
    match language {
        Language::Zh => "；",
        Language::En => "; ",
    }
}

fn list(lines: &[TwinLine], language: Language) -> Element {
    Element::new("ol").class("twin").with("role", "list").children(lines.iter().map(|line| item(line, language)))
}

fn item(line: &TwinLine, language: Language) -> Element {
    let class = match (line.active, line.done) {
        (true, _) => "twin-line is-active",
        (false, true) => "twin-line is-done",
        (false, false) => "twin-line",
    };
    let span = |class: &str, text: &str| Element::new("span").class(class).text(text);
    let mut item = Element::new("li").with("id", format!("twin-{}", line.node)).class(class).with("data-node", &line.node);
    if line.active {
        item = item.with("aria-current", "step");
    }
    item = item.child(span("twin-number", &line.number)).text(" ").child(span("twin-name", line.name.get(language)));
    item = item.child(span("twin-facts", &line.facts(language)));
    let state = line.state(language);
    if !state.is_empty() {
        item = item.child(span("twin-state", &state));
    }
    for (index, flow) in line.flows.iter().enumerate() {
        let before = if index == 0 { " → " } else { separator(language) };
        let target =
            Element::new("a").with("href", format!("#twin-{}", flow.to)).text(format!("{} {}", flow.to_number, flow.to_name.get(language)));
        let way = Element::new("span").class("twin-flow").with("data-flow", &flow.flow).text(flow.way(language)).child(target);
        item = item.text(before).child(way);
    }
    if line.inside.is_empty() { item } else { item.child(list(&line.inside, language)) }
}
