//! `remind` of a task: notices before and after its limit, spelled out as the boundary events that they stand for.
//!
//! `due: 5wd` with `remind: [{left: 2wd, template: urge}]` is a timer `ID__remind_1` on the task's border that does not
//! interrupt, fires after 3wd and leads to the send task `ID__reminder_1`.

use std::borrow::Cow;

use super::context::{duration, string};
use crate::{
    calendar::Duration,
    source::{Key, Kind, Span, Tree},
};

/// One reminder: when, counted from the opening of the task.
pub(super) enum Moment {
    /// So long after it was opened.
    After(Duration),
    /// Not before it was opened, or in a unit that cannot be set against the limit's.
    Never,
}

/// When a reminder of a task with this limit comes; None: it says neither `left` nor `over`, or something unreadable, which
/// the shape table tells.
pub(super) fn moment(due: Duration, reminder: &Tree) -> Option<Moment> {
    let (given, sign) = match (reminder.get("left"), reminder.get("over")) {
        (Some(left), None) => (duration(left)?, -1),
        (None, Some(over)) => (duration(over)?, 1),
        _ => return None,
    };
    let amount = due.amount + sign * given.amount;
    Some(if given.unit == due.unit && amount > 0 { Moment::After(Duration { amount, ..due }) } else { Moment::Never })
}

/// The reminders of an item, as written.
pub(super) fn reminders(item: &Tree) -> &[Tree] {
    item.get("remind").and_then(Tree::list).unwrap_or_default()
}

/// The item with the boundary events that its `remind` stands for.
pub(crate) fn spelled_out(item: &Tree) -> Cow<'_, Tree> {
    let (Some(entries), Some(id), Some(due)) = (item.map(), head(item), item.get("due").and_then(duration)) else {
        return Cow::Borrowed(item);
    };
    let events: Vec<Tree> = (1..).zip(reminders(item)).filter_map(|(no, reminder)| event(&id, no, due, reminder)).collect();
    if events.is_empty() {
        return Cow::Borrowed(item);
    }
    let mut entries = entries.to_vec();
    match entries.iter_mut().find(|(key, _)| key.text == "boundary") {
        Some((_, Tree { kind: Kind::List(written), .. })) => written.extend(events),
        Some(_) => return Cow::Borrowed(item),
        None => entries.push((key("boundary", item.span), Tree { span: item.span, kind: Kind::List(events) })),
    }
    Cow::Owned(Tree { span: item.span, kind: Kind::Map(entries) })
}

/// A whole process with boundary events in place of every `remind`.
pub(crate) fn all_spelled_out(tree: &Tree) -> Tree {
    let spelled = spelled_out(tree);
    let replaced = |key: &Key| key.text == "remind" && matches!(spelled, Cow::Owned(_));
    let kind = match &spelled.kind {
        Kind::List(items) => Kind::List(items.iter().map(all_spelled_out).collect()),
        Kind::Map(entries) => {
            let kept = entries.iter().filter(|(key, _)| !replaced(key));
            Kind::Map(kept.map(|(key, value)| (key.clone(), all_spelled_out(value))).collect())
        }
        scalar @ Kind::Scalar { .. } => scalar.clone(),
    };
    Tree { span: tree.span, kind }
}

fn head(item: &Tree) -> Option<String> {
    let (word, id) = item.map()?.first()?;
    matches!(word.text.as_str(), "userTask" | "manualTask" | "task").then(|| string(id))?
}

fn event(id: &str, no: usize, due: Duration, reminder: &Tree) -> Option<Tree> {
    let Some(Moment::After(after)) = moment(due, reminder) else { return None };
    let span = reminder.span;
    let names = match reminder.get("left") {
        Some(_) => ["期限将到", "The limit is near", "到期前提醒", "Reminder before the limit"],
        None => ["期限已过", "The limit has passed", "逾期提醒", "Reminder after the limit"],
    };
    let whoever = scalar(&format!("task.{id}"), span);
    let notify = map(span, vec![("template", reminder.get("template")?.clone()), ("to", reminder.get("to").cloned().unwrap_or(whoever))]);
    let send = map(
        span,
        vec![("sendTask", scalar(&format!("{id}__reminder_{no}"), span)), ("name", words(names[2], names[3], span)), ("notify", notify)],
    );
    Some(map(
        span,
        vec![
            ("boundaryEvent", scalar(&format!("{id}__remind_{no}"), span)),
            ("name", words(names[0], names[1], span)),
            ("timer", map(span, vec![("after", scalar(&after.to_string(), span))])),
            ("interrupting", Tree { span, kind: Kind::Scalar { text: "false".to_owned(), plain: true } }),
            ("do", Tree { span, kind: Kind::List(vec![send]) }),
        ],
    ))
}

fn words(zh: &str, en: &str, span: Span) -> Tree {
    map(span, vec![("zh", scalar(zh, span)), ("en", scalar(en, span))])
}

fn map(span: Span, entries: Vec<(&str, Tree)>) -> Tree {
    Tree { span, kind: Kind::Map(entries.into_iter().map(|(word, value)| (key(word, span), value)).collect()) }
}

fn key(text: &str, span: Span) -> Key {
    Key { text: text.to_owned(), span }
}

fn scalar(text: &str, span: Span) -> Tree {
    Tree { span, kind: Kind::Scalar { text: text.to_owned(), plain: true } }
}
