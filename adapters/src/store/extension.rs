//! An applicant is told of an extended clock where she applied, and not by mail alone.

use serde_json::{Map, json};
use tongban_engine::{
    interpreter::{Case, Effect, Event, LocalNo, effect},
    text::{Language, Text},
};

/// What a platform is told of a clock that `events` extended, with the index of the event: the status that it was told last,
/// with the reason, the new limit and the notice. `case` is the case after the events. None for a case that came from no
/// platform, which is one that no platform was told of.
pub(super) fn told(case: &Case, events: &[Event]) -> Option<(usize, Effect)> {
    let (n, event) = events.iter().enumerate().find(|(_, event)| matches!(event, Event::ClockExtended { .. }))?;
    let Event::ClockExtended { by, reason, .. } = event else { return None };
    let status = case.portal?;
    let probe = Event::PortalReported { status, node: String::new(), text: None, documents: Vec::new(), details: Map::new() };
    let Effect::Portal { platform, .. } = effect(case, &probe)? else { return None };
    let by = by.words();
    let text = Text::new(
        format!("办理期限延长{}，理由：{reason}", by.get(Language::Zh)),
        format!("The time limit is extended by {}. Reason: {reason}", by.get(Language::En)),
    );
    let special = json!({"kind": "extension", "name": "延长办理期限", "reason": reason});
    let details = Map::from_iter([("special".to_owned(), special)]);
    Some((n, Effect::Portal { platform, status, text: Some(text), documents: notice(&events[n..]).into_iter().collect(), details }))
}

/// The notice of the extension: the first that was sent after it by no step.
fn notice(events: &[Event]) -> Option<LocalNo> {
    events.iter().find_map(|event| match event {
        Event::NoticeSent { notice, node: None, template, .. } if !template.is_empty() => Some(*notice),
        _ => None,
    })
}
