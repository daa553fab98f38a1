//! The shape table for people and editors: every word with its explanation, and what may stand at a place.

use super::{
    KeyShape, Need, Of, Shape,
    elements::{BOUNDARY, ELEMENTS, EVENT_SUB_PROCESS},
    process::{PROCESS, PURPOSES, ROLES},
};
use crate::text::Text;

/// A word of the dialect: an element, a part, or a key of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    /// The word.
    pub word: &'static str,
    /// What it means.
    pub doc: Text,
    /// What its value is, such as `list of snake_case id`.
    pub of: Text,
    /// Whether it must stand.
    pub required: bool,
}

/// A mapping of the dialect with its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is called: an element's word, or a part's name.
    pub name: &'static str,
    /// What it is.
    pub doc: Text,
    /// Whether it is an element, boundary event or event sub-process, whose first key is its own name.
    pub headed: bool,
    /// Its keys.
    pub keys: Vec<Word>,
}

/// Every mapping of a process file and of the roles file: the process, its parts, then the elements; each once.
pub fn vocabulary() -> Vec<Part> {
    let mut parts = vec![part(&PROCESS, false)];
    gather(&PROCESS, &mut parts);
    let elements = ELEMENTS.iter().map(|element| &element.shape);
    for shape in elements.chain([&BOUNDARY, &EVENT_SUB_PROCESS]) {
        parts.push(part(shape, true));
        gather(shape, &mut parts);
    }
    parts.push(part(&ROLES, false));
    gather(&ROLES, &mut parts);
    parts.push(part(&PURPOSES, false));
    gather(&PURPOSES, &mut parts);
    parts
}

fn part(shape: &'static Shape, headed: bool) -> Part {
    Part { name: shape.name, doc: Text::new(shape.doc.zh, shape.doc.en), headed, keys: shape.all().map(word).collect() }
}

/// The mappings inside a mapping, each told once.
fn gather(shape: &'static Shape, parts: &mut Vec<Part>) {
    for inner in shape.all().filter_map(|key| inside(&key.of)) {
        if parts.iter().all(|known| known.headed || known.name != inner.name || known.keys.len() != inner.all().count()) {
            parts.push(part(inner, false));
            gather(inner, parts);
        }
    }
}

/// The mapping that a value holds, itself or as element of a list or mapping.
fn inside(of: &Of) -> Option<&'static Shape> {
    match of {
        Of::Shape(shape) => Some(shape),
        Of::List(each) | Of::Map(_, each) => inside(each),
        Of::Either(one, other) => inside(one).or_else(|| inside(other)),
        _ => None,
    }
}

fn word(key: &'static KeyShape) -> Word {
    Word { word: key.key, doc: Text::new(key.doc.zh, key.doc.en), of: value(&key.of), required: key.need == Need::Required }
}

/// What a value is, in words.
fn value(of: &Of) -> Text {
    match of {
        Of::Text => Text::new("文字", "text"),
        Of::LocalText => Text::new("文字或 {zh, en}", "text or {zh, en}"),
        Of::Snake => Text::new("snake_case 标识", "snake_case id"),
        Of::Kebab => Text::new("kebab-case 标识", "kebab-case id"),
        Of::Name => Text::new("名称", "name"),
        Of::Boolean => Text::new("true 或 false", "true or false"),
        Of::Integer => Text::new("整数", "whole number"),
        Of::Duration => Text::new("时长，如 5wd、15d", "duration such as 5wd, 15d"),
        Of::DurationOrExpression => Text::new("时长或表达式", "duration or expression"),
        Of::Expression => Text::new("表达式", "expression"),
        Of::Pattern => Text::new("带 {表达式} 的文字", "text with {expression}"),
        Of::Word(words) => Text::new(words.join("、"), words.join(", ")),
        Of::WordOrExpression(words) => {
            Text::new(format!("{}，或表达式", words.join("、")), format!("{}, or an expression", words.join(", ")))
        }
        Of::Any => Text::new("任意", "anything"),
        Of::List(each) => {
            let each = value(each);
            Text::new(format!("列表：{}", each.zh), format!("list of {}", en(&each)))
        }
        Of::Map(keys, values) => {
            let (keys, values) = (value(keys), value(values));
            Text::new(format!("映射：{} → {}", keys.zh, values.zh), format!("map of {} to {}", en(&keys), en(&values)))
        }
        Of::Shape(shape) => Text::new(format!("{{{}}}", shape.name), format!("{{{}}}", shape.name)),
        Of::Either(one, other) => {
            let (one, other) = (value(one), value(other));
            Text::new(format!("{}，或{}", one.zh, other.zh), format!("{}, or {}", en(&one), en(&other)))
        }
        Of::Flow => Text::new("环节的列表", "list of elements"),
        Of::Boundary => Text::new("边界事件的列表", "list of boundaryEvent"),
        Of::EventSubProcesses => Text::new("事件子流程的列表", "list of eventSubProcess"),
    }
}

fn en(text: &Text) -> &str {
    text.get(crate::text::Language::En)
}

/// One step of the way from the top of a process file to a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Way {
    /// Into the value of a key.
    Key(String),
    /// Into an element of a list, with its first key if it is a mapping that has one.
    Item(Option<String>),
}

/// What may stand at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// Keys of the mapping that stands there; of a list of elements, their words.
    pub keys: Vec<Word>,
    /// The words that a value is one of.
    pub words: Vec<&'static str>,
    /// Whether it is an expression, or holds some.
    pub is_expression: bool,
}

/// What may stand where `way` leads to from the top of a process file; None if the dialect knows no such place.
pub fn here(way: &[Way]) -> Option<Here> {
    let mut at = At::Of(Of::Shape(&PROCESS));
    for step in way {
        at = at.into_step(step)?;
    }
    Some(at.told())
}

/// What `word` means as a key of the mapping that `way` leads to.
pub fn meaning(way: &[Way], word: &str) -> Option<Word> {
    here(way)?.keys.into_iter().find(|known| known.word == word)
}

/// Where one stands on the way.
#[derive(Clone, Copy)]
enum At {
    Of(Of),
    /// In an element of these, whose word is not known yet.
    Heads(Of),
    /// In an element that is known by its word.
    Headed(&'static Shape),
    /// In the value of an element's first key: its id.
    Id,
}

impl At {
    fn into_step(self, step: &Way) -> Option<Self> {
        match (self, step) {
            (Self::Headed(shape), Way::Key(key)) if shape.name == key => Some(Self::Id),
            (Self::Headed(shape), Way::Key(key)) => shape.all().find(|known| known.key == key).map(|known| Self::Of(known.of)),
            (Self::Of(of), Way::Key(key)) => entered(&of, key).map(Self::Of),
            (Self::Of(of), Way::Item(first)) => item(of, first.as_deref()),
            (Self::Heads(_) | Self::Id, _) | (Self::Headed(_), Way::Item(_)) => None,
        }
    }

    fn told(self) -> Here {
        match self {
            Self::Of(of) => told(&of),
            Self::Headed(shape) => Here { keys: shape.all().map(word).collect(), ..Here::default() },
            Self::Heads(of) => Here { keys: heads(&of), ..Here::default() },
            Self::Id => Here::default(),
        }
    }
}

fn entered(of: &Of, key: &str) -> Option<Of> {
    match of {
        Of::Shape(shape) => shape.all().find(|known| known.key == key).map(|known| known.of),
        Of::Map(_, values) => Some(**values),
        Of::Either(one, other) => entered(one, key).or_else(|| entered(other, key)),
        _ => None,
    }
}

fn item(of: Of, first: Option<&str>) -> Option<At> {
    let headed = |shape: &'static Shape| if first == Some(shape.name) { At::Headed(shape) } else { At::Heads(of) };
    match of {
        Of::List(each) => Some(At::Of(*each)),
        Of::Either(one, other) => item(*one, first).or_else(|| item(*other, first)),
        Of::Flow => {
            let known = first.and_then(|first| ELEMENTS.iter().find(|element| element.shape.name == first));
            Some(known.map_or(At::Heads(of), |element| At::Headed(&element.shape)))
        }
        Of::Boundary => Some(headed(&BOUNDARY)),
        Of::EventSubProcesses => Some(headed(&EVENT_SUB_PROCESS)),
        _ => None,
    }
}

/// The words that an element of a list may begin with.
fn heads(of: &Of) -> Vec<Word> {
    let id = value(&Of::Snake);
    let head =
        |shape: &'static Shape| Word { word: shape.name, doc: Text::new(shape.doc.zh, shape.doc.en), of: id.clone(), required: true };
    match of {
        Of::Flow => ELEMENTS.iter().map(|element| head(&element.shape)).collect(),
        Of::Boundary => vec![head(&BOUNDARY)],
        Of::EventSubProcesses => vec![head(&EVENT_SUB_PROCESS)],
        _ => Vec::new(),
    }
}

fn told(of: &Of) -> Here {
    match of {
        Of::Shape(shape) => Here { keys: shape.all().map(word).collect(), ..Here::default() },
        Of::Word(words) => Here { words: words.to_vec(), ..Here::default() },
        Of::WordOrExpression(words) => Here { words: words.to_vec(), is_expression: true, ..Here::default() },
        Of::Boolean => Here { words: vec!["true", "false"], ..Here::default() },
        Of::Expression | Of::Pattern | Of::DurationOrExpression => Here { is_expression: true, ..Here::default() },
        Of::Either(one, other) => {
            let (mut here, other) = (told(one), told(other));
            here.keys.extend(other.keys);
            here.words.extend(other.words);
            here.is_expression |= other.is_expression;
            here
        }
        _ => Here::default(),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn way(text: &str) -> Vec<Way> {
        let step = |part: &str| match part.strip_prefix('-') {
            Some("") => Way::Item(None),
            Some(first) => Way::Item(Some(first.to_owned())),
            None => Way::Key(part.to_owned()),
        };
        text.split_whitespace().map(step).collect()
    }

    #[test]
    fn places_know_their_keys() {
        let has = |text: &str, word: &str| here(&way(text)).unwrap().keys.iter().any(|known| known.word == word);
        assert!(has("", "lanes") && has("lanes handler", "role") && !has("lanes handler", "lane"));
        assert!(has("flow -", "userTask") && has("flow -userTask", "actions") && !has("flow -endEvent", "actions"));
        assert!(has("flow -userTask boundary -boundaryEvent timer", "cron"));
        assert!(has("flow -exclusiveGateway branches - do -", "endEvent"));
        assert!(here(&way("nowhere")).is_none());
    }

    #[test]
    fn places_know_their_values() {
        assert_eq!(here(&way("kind")).unwrap().words, ["licence", "filing", "report", "office"]);
        assert!(here(&way("flow -userTask operations allow -")).unwrap().words.contains(&"transfer"));
        assert!(here(&way("flow -exclusiveGateway branches - when")).unwrap().is_expression);
        assert_eq!(meaning(&way("flow -userTask"), "due").unwrap().doc.get(crate::text::Language::En), "limit of the step");
    }

    #[test]
    fn every_part_is_told_once_and_says_what_it_is() {
        let parts = vocabulary();
        assert!(parts.iter().any(|part| part.name == "userTask") && parts.iter().any(|part| part.name == "multiInstance"));
        for part in &parts {
            assert!(!part.doc.zh.is_empty(), "{}", part.name);
            assert_eq!(parts.iter().filter(|other| *other == part).count(), 1, "{}", part.name);
        }
    }
}
