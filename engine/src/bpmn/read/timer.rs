//! Timer definitions: durations, dates, cycles.

use super::Reader;
use crate::{
    bpmn::{
        shrub::{Shrub, plain, scalar},
        xml::Node,
    },
    expression,
    source::Tree,
};

impl<'d> Reader<'d> {
    /// `timer: {…}`; None if the definition says no time.
    pub(super) fn timer(&mut self, definition: Node<'d>) -> Option<Tree> {
        let given = ["timeDuration", "timeDate", "timeCycle"];
        let (word, time) = given.into_iter().find_map(|word| {
            let child = definition.child(word)?;
            child.text()?;
            Some((word, child))
        })?;
        let text = time.text()?;
        let mut timer = Shrub::at(time.text_span());
        match word {
            "timeDuration" => timer.text("after", &self.time(time, text)),
            "timeDate" => {
                let at = expression::value(text).unwrap_or_else(|_| self.rhai(time, text));
                timer.text("at", &at);
            }
            _ => self.cycle(time, text, &mut timer),
        }
        Some(timer.tree())
    }

    /// A duration as it is, an expression as rhai.
    fn time(&mut self, node: Node<'_>, text: &str) -> String {
        if expression::is_marked(text) { unquoted(self.rhai(node, text)) } else { text.trim().to_owned() }
    }

    /// `R3/PT10S`, `R/PT1H`, `R2/START/PT1M`, a bare duration, a cron pattern or an expression.
    fn cycle(&mut self, node: Node<'_>, text: &str, timer: &mut Shrub) {
        if expression::is_marked(text) {
            let every = self.time(node, text);
            return timer.text("every", &every);
        }
        if let Some((times, rest)) = text.strip_prefix('R').and_then(|rest| rest.split_once('/')) {
            let every = rest.rsplit_once('/').map_or(rest, |(_, every)| every);
            if every != rest {
                self.changes(node, format!("周期“{text}”的起止时间略去"), format!("the start or end of the cycle `{text}` is left out"));
            }
            timer.text("every", every);
            if let Ok(times) = times.trim().parse::<u32>() {
                timer.put("times", plain(node.text_span(), &times.to_string()));
            }
            return;
        }
        if text.starts_with('P') {
            return timer.text("every", text);
        }
        let cron = self.cron(node, text);
        timer.put("cron", scalar(node.text_span(), &cron));
    }

    /// Quartz and Spring patterns begin with seconds and may end with a year; the dialect's have five fields.
    fn cron(&mut self, node: Node<'_>, text: &str) -> String {
        let text = match text.trim() {
            "@hourly" => "0 * * * *",
            "@daily" | "@midnight" => "0 0 * * *",
            "@weekly" => "0 0 * * 0",
            "@monthly" => "0 0 1 * *",
            "@yearly" | "@annually" => "0 0 1 1 *",
            other => other,
        };
        let fields: Vec<String> = text.split_whitespace().map(every).collect();
        match fields.as_slice() {
            [seconds, minute @ ..] if (6..=7).contains(&fields.len()) => {
                if seconds != "0" || fields.len() == 7 && fields.last().is_some_and(|year| year != "*") {
                    self.changes(
                        node,
                        format!("cron“{text}”的秒与年略去"),
                        format!("seconds and years of the cron pattern `{text}` are left out"),
                    );
                }
                minute.iter().take(5).cloned().collect::<Vec<_>>().join(" ")
            }
            _ => fields.join(" "),
        }
    }
}

/// Quartz's `?` means any, `0/5` from 0 on.
fn every(field: &str) -> String {
    match field.split_once('/') {
        _ if field == "?" => "*".to_owned(),
        Some(("0", step)) => format!("*/{step}"),
        _ => field.to_owned(),
    }
}

/// A duration in quotes is that duration.
fn unquoted(text: String) -> String {
    let inside = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).filter(|inside| !inside.contains(['"', '\\']));
    inside.map(str::to_owned).unwrap_or(text)
}
