//! Numbers from gap-free series: one row a number taken, so that a lost race repeats the decision.

use serde_json::{Map, Value};

use super::{
    Event, LocalNo, ROOT,
    run::{Run, Stop},
};
use crate::{definition::Pattern, text::Text};

impl Run<'_> {
    /// Takes the next number of a series and writes it after `pattern`, or after the process's own number pattern.
    ///
    /// A series counts by year of the calendar's zone; its key is `SERIES/YEAR`.
    pub(super) fn take_number(&mut self, series: &str, pattern: Option<&Pattern>, scope: LocalNo) -> Result<String, Stop> {
        let Some(pattern) = pattern.or(self.definition.process.number.as_ref()) else {
            return Err(Stop::Failed(Text::new(
                format!("编号序列“{series}”没有格式：在流程上写 number，或写 number: {{series, pattern}}"),
                format!("number series `{series}` has no pattern: give the process a number, or write number: {{series, pattern}}"),
            )));
        };
        let year = self.definition.calendar.date_of(self.at).year();
        let key = format!("{series}/{year}");
        let value = 1 + self.series.get(&key).or_else(|| self.context.series.get(&key)).copied().unwrap_or(0);
        let mut over = Map::new();
        over.insert("year".to_owned(), Value::from(year));
        over.insert("seq".to_owned(), Value::from(value));
        let text = self.definition.rules.fill(pattern, &self.names_over(scope, &over))?;
        self.series.insert(key.clone(), value);
        self.emit(Event::NumberTaken { series: key, value, text: text.clone() });
        Ok(text)
    }

    /// Gives the case its number (once) and its title.
    pub(super) fn name_case(&mut self) -> Result<(), Stop> {
        let process = &self.definition.process;
        let number = match (&self.case.facts.number, &process.number) {
            (Some(number), _) => Some(number.clone()),
            (None, Some(_)) => Some(self.take_number(&format!("case:{}", process.id), None, ROOT)?),
            (None, None) => None,
        };
        let title = match &process.title {
            Some(pattern) => self.definition.rules.fill(pattern, &self.names(ROOT))?,
            None => process.name.zh.clone(),
        };
        if number != self.case.facts.number || title != self.case.facts.title {
            self.emit(Event::CaseNamed { number, title });
        }
        Ok(())
    }
}
