//! What stands in the way of a change, in words: what was found, and what would work.

use crate::{
    form::{FieldError, near},
    organisation::{Register, Term},
    text::Text,
};

/// Letters of a name, at most.
const NAME_LETTERS_MAX: usize = 100;

/// One fault.
pub(super) fn fault(path: &str, code: &'static str, zh: impl Into<String>, en: impl Into<String>) -> FieldError {
    FieldError { path: path.to_owned(), code, message: Text::new(zh, en) }
}

/// Faults as a result.
pub(super) fn none_of(faults: Vec<FieldError>) -> Result<(), Vec<FieldError>> {
    if faults.is_empty() { Ok(()) } else { Err(faults) }
}

/// Something that is not there, with what is nearest to it.
pub(super) fn unknown<'a>(
    path: &str,
    code: &'static str,
    what: (&str, &str),
    id: &str,
    known: impl Iterator<Item = &'a str>,
) -> FieldError {
    let hint = near(id, known);
    let (zh, en) = hint.map_or_else(Default::default, |hint| (format!("；{}", hint.zh), format!("; {}", hint.en.unwrap_or_default())));
    fault(path, code, format!("没有{}“{id}”{zh}", what.0), format!("there is no {} `{id}`{en}", what.1))
}

/// Without one of them nobody could give the post to anybody any more.
pub(super) fn last_administrator(at: usize) -> FieldError {
    fault(
        &format!("changes.{at}.role"),
        "last-administrator",
        "这是三员中一项职责的最后一人；请先把岗位授予接任的人",
        "nobody else holds this duty of the three administrators: give the post to a successor first",
    )
}

/// Ids stay for good and stand in addresses.
pub(super) fn id_fault(path: &str, id: &str) -> Option<FieldError> {
    let letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let fits = id.len() <= 64 && id.starts_with(letter) && id.chars().all(|c| letter(c) || c == '-');
    (!fits).then(|| {
        fault(
            path,
            "id-malformed",
            format!("编号“{id}”只能由小写字母、数字和连字符组成，以字母或数字开头，至多 64 个字符"),
            format!("the id `{id}` may have lower-case letters, digits and hyphens only, begins with a letter or digit, and has 64 characters at most"),
        )
    })
}

pub(super) fn name_fault(path: &str, name: &str) -> Option<FieldError> {
    let letters = name.trim().chars().count();
    if letters == 0 {
        return Some(fault(path, "name-missing", "缺少名称", "the name is missing"));
    }
    (letters > NAME_LETTERS_MAX || name.chars().any(char::is_control)).then(|| {
        fault(
            path,
            "name-too-long",
            format!("名称至多 {NAME_LETTERS_MAX} 个字，不能换行"),
            format!("a name has {NAME_LETTERS_MAX} characters at most, on one line"),
        )
    })
}

pub(super) fn term_fault(term: &Term) -> Option<FieldError> {
    let reversed = term.from.zip(term.until).is_some_and(|(from, until)| until <= from);
    reversed.then(|| {
        fault(
            "until",
            "term-reversed",
            "期限的结束早于开始，请改正其中一个日期",
            "the term ends before it begins; correct one of the dates",
        )
    })
}

impl Register {
    pub(super) fn unknown_unit(&self, path: &str, id: &str) -> FieldError {
        unknown(path, "unknown-unit", ("机构", "unit"), id, self.open_units())
    }

    pub(super) fn unknown_person(&self, path: &str, id: &str) -> FieldError {
        unknown(path, "unknown-person", ("人员", "person"), id, self.people.keys().map(String::as_str))
    }

    /// Ids of the units that are not closed.
    pub fn open_units(&self) -> impl Iterator<Item = &str> {
        self.units.keys().map(String::as_str).filter(|id| !self.closed.contains_key(*id))
    }

    /// The fault of naming somebody who is not here, or not any more.
    pub(super) fn absent_fault(&self, path: &str, id: &str) -> Option<FieldError> {
        match self.people.get(id) {
            None => Some(self.unknown_person(path, id)),
            Some(official) if official.left.is_some() => {
                let name = &official.name;
                Some(fault(path, "has-left", format!("{name}已经离任"), format!("{name} has left")))
            }
            Some(_) => None,
        }
    }
}
