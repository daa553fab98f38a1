//! Choosing: radio buttons, selects and checkboxes.

use serde_json::Value;

use super::{
    Drawing, Spot,
    input::{plain, truth},
};
use crate::form::Choice;

impl Drawing<'_> {
    /// A checkbox whose absence means no: the hidden twin before it says so.
    pub(super) fn boolean(&mut self, spot: Spot<'_>) {
        let (id, wrong) = (spot.id(), self.is_wrong(spot.path));
        self.out.open("div", if wrong { "field field-wrong" } else { "field" });
        self.out.tag("input").attribute("type", "hidden").attribute("name", spot.path).attribute("value", "false").empty();
        // label first in reading order of the description, so hints and mistakes stand before the box
        let described = self.described(spot);
        self.out.open("div", "choice");
        let tag = self.out.tag("input").attribute("type", "checkbox").attribute("id", &id).attribute("name", spot.path);
        let tag = tag.attribute("value", "true").flag("checked", spot.value == Some(&Value::Bool(true)));
        tag.given("aria-describedby", &described).given("aria-invalid", truth(wrong)).empty();
        self.out.tag("label").attribute("for", &id).end().say(spot.field.label.get(self.view.language)).close("label");
        self.out.close("div").close("div");
        self.ids.insert(id);
    }

    /// A checkbox on its own, such as "remove this row".
    pub(super) fn checkbox(&mut self, path: &str, label: &str, checked: bool) {
        let id = super::id_of(path);
        self.out.open("div", "choice");
        let tag = self.out.tag("input").attribute("type", "checkbox").attribute("id", &id).attribute("name", path);
        tag.attribute("value", "true").flag("checked", checked).empty();
        self.out.tag("label").attribute("for", &id).end().say(label).close("label").close("div");
    }

    pub(super) fn radios(&mut self, spot: Spot<'_>, choices: &[Choice]) {
        let chosen = spot.text();
        self.open_choices(spot, "radiogroup");
        let mut choices = choices.to_vec();
        if !spot.required {
            choices.push(Choice { id: String::new(), label: self.word("不填", "none").to_owned() });
        }
        for (index, choice) in choices.iter().enumerate() {
            self.option(spot, "radio", index, choice, choice.id == chosen);
        }
        self.out.close("fieldset");
    }

    pub(super) fn checkboxes(&mut self, spot: Spot<'_>, choices: &[Choice]) {
        let chosen: Vec<String> = spot.value.and_then(Value::as_array).map_or_else(Vec::new, |items| items.iter().map(plain).collect());
        self.open_choices(spot, "group");
        // posted even if nothing is ticked, so that a task can tell "none" from "not on this page"
        self.out.tag("input").attribute("type", "hidden").attribute("name", spot.path).attribute("value", "").empty();
        for (index, choice) in choices.iter().enumerate() {
            self.option(spot, "checkbox", index, choice, chosen.contains(&choice.id));
        }
        self.out.close("fieldset");
    }

    /// A fieldset is the label of several buttons; the first button is what a mistake links to.
    fn open_choices(&mut self, spot: Spot<'_>, role: &str) {
        let id = spot.id();
        let wrong = self.is_wrong(spot.path);
        let legend = format!("{id}-legend");
        let radio = role == "radiogroup";
        let mut described: Vec<String> = Vec::new();
        if !self.hints(spot.field, spot.path).is_empty() {
            described.push(format!("{id}-hint"));
        }
        if wrong {
            described.push(format!("{id}-error"));
        }
        let tag = self.out.tag("fieldset").class(if wrong { "field choices field-wrong" } else { "field choices" }).attribute("role", role);
        let tag = tag.attribute("aria-labelledby", &legend).given("aria-describedby", &described.join(" "));
        tag.given("aria-required", truth(spot.required && radio)).given("aria-invalid", truth(wrong && radio)).end();
        self.out.tag("legend").attribute("id", &legend).end().say(spot.field.label.get(self.view.language));
        self.required(spot.required);
        self.out.close("legend");
        self.described(spot);
        self.ids.insert(id);
    }

    fn option(&mut self, spot: Spot<'_>, kind: &str, index: usize, choice: &Choice, checked: bool) {
        let id = if index == 0 { spot.id() } else { format!("{}--{index}", spot.id()) };
        self.out.open("div", "choice");
        let tag = self.out.tag("input").attribute("type", kind).attribute("id", &id).attribute("name", spot.path);
        tag.attribute("value", &choice.id).flag("checked", checked).empty();
        self.out.tag("label").attribute("for", &id).end().say(&choice.label).close("label").close("div");
    }

    pub(super) fn select(&mut self, spot: Spot<'_>, choices: &[Choice]) {
        let (id, chosen, wrong) = (spot.id(), spot.text(), self.is_wrong(spot.path));
        let described = self.labelled(spot);
        let tag = self.out.tag("select").attribute("id", &id).attribute("name", spot.path).given("aria-describedby", &described);
        tag.given("aria-required", truth(spot.required)).given("aria-invalid", truth(wrong)).end();
        let first = self.word("请选择", "choose");
        self.out.tag("option").attribute("value", "").end().say(first).close("option");
        for choice in choices {
            self.out.tag("option").attribute("value", &choice.id).flag("selected", choice.id == chosen).end();
            self.out.say(&choice.label).close("option");
        }
        // what is not among the choices stays visible, so that it can be seen why it is refused
        if !chosen.is_empty() && !choices.iter().any(|choice| choice.id == chosen) {
            self.out.tag("option").attribute("value", &chosen).flag("selected", true).end().say(&chosen).close("option");
        }
        self.out.close("select").close("div");
    }
}
