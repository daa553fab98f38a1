//! A light as a page shows it: shape and words first, colour by class.

use serde::Serialize;
use tongban_engine::{
    calendar::{Light, LightState},
    time::Moment,
};

use super::{fill, say, when::When};

/// What `part/light` needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Lamp {
    /// Class suffix: the colour.
    pub tone: &'static str,
    /// ● ▲ ◆ ✕ Ⅱ –
    pub shape: &'static str,
    /// The state's name, for those who do not see the shape; empty where the words say it.
    pub word: &'static str,
    /// In words.
    pub text: String,
    /// When it is due, if it is; empty otherwise.
    pub due: String,
}

/// The class suffix of a state.
pub const fn tone(state: LightState) -> &'static str {
    match state {
        LightState::Overdue => "overdue",
        LightState::DueToday => "today",
        LightState::Warning => "soon",
        LightState::Normal => "normal",
        LightState::Paused => "paused",
        LightState::None => "none",
    }
}

fn word(state: LightState, when: &When) -> &'static str {
    let key = match state {
        LightState::Overdue => "light.tone_overdue",
        LightState::DueToday => "light.tone_today",
        LightState::Warning => "light.tone_soon",
        LightState::Normal => "light.tone_normal",
        LightState::Paused => "light.tone_paused",
        LightState::None => return "",
    };
    say(when.language(), key)
}

impl Lamp {
    /// A light in the visitor's language.
    pub fn new(light: &Light, when: &When) -> Self {
        let due = light.due.as_ref().map(|due| {
            let mark = if due.provisional { format!("（{}）", say(when.language(), "app.provisional")) } else { String::new() };
            format!("{}{mark}", when.moment(due.at))
        });
        Self {
            tone: tone(light.state),
            shape: light.state.shape(),
            word: word(light.state, when),
            text: light.text.get(when.language()).to_owned(),
            due: due.unwrap_or_default(),
        }
    }

    /// A light that knows only when something is due: overdue, today, or the day.
    pub fn until(due: Moment, when: &When) -> Self {
        let state = match when.days_since(due) {
            _ if due < when.now() => LightState::Overdue,
            0 => LightState::DueToday,
            _ => LightState::Normal,
        };
        let key = if state == LightState::Overdue { "light.was_due" } else { "light.is_due" };
        let text = fill(when.language(), key, &[("at", &when.moment(due))]);
        Self { tone: tone(state), shape: state.shape(), word: word(state, when), text, due: String::new() }
    }
}
