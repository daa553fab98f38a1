//! Changing units, people and rights, the same for pages and API: who may change what, and what stands in the way.

use tongban_adapters::store::{Change, Meanwhile, ProposalError, RegisterAsked, RegisterError};
use tongban_engine::{
    definition::Role,
    form::FieldError,
    organisation::{Official, RegisterChange, Term, sheet},
    text::{Language, Text},
};

use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    state::App,
    view::messages::{both, both_filled},
};
use tongban_engine::authority::Action;

/// What became of changes.
pub struct Changed {
    /// The version of the register that was made.
    pub version: u64,
    /// The proposal that waits for a second administrator, if some of them take two.
    pub proposal: Option<String>,
}

/// Carries changes out as `desk`, who saw version `seen`; those that take two administrators are proposed.
///
/// # Errors
/// 403 if one of them is not hers to make; 409 with what changed meanwhile; 422 with each fault, or if the second
/// administrator would not learn why.
pub async fn change(app: &App, desk: &Desk, seen: u64, changes: &[RegisterChange], reason: &str) -> Result<Changed, Problem> {
    changes.iter().try_for_each(|change| may(app, desk, change))?;
    let register = app.store.register();
    let (two, one): (Vec<_>, Vec<_>) = changes.iter().cloned().partition(|change| change.takes_two(&register, &app.roles));
    let asked = |changes| RegisterAsked { seen, changes, by: &desk.id, reason, roles: &app.roles };
    let told = |error: RegisterError| match error {
        RegisterError::Faults(faults) => refused(faults, changes.len() == 1),
        RegisterError::Stale(meanwhile) => stale(app, &meanwhile),
        RegisterError::Store(error) => error.into(),
    };
    if !two.is_empty() && reason.trim().is_empty() {
        let message = both("people.reason_needed");
        return Err(refused(vec![FieldError { path: "changes.0.reason".to_owned(), code: "reason-missing", message }], true));
    }
    // nothing is carried out if what takes two could not even be proposed
    if !two.is_empty() && !one.is_empty() {
        app.store.check_register(&asked(&two)).await.map_err(told)?;
    }
    let version = if one.is_empty() { seen } else { app.store.change_register(asked(&one)).await.map_err(told)? };
    if two.is_empty() {
        return Ok(Changed { version, proposal: None });
    }
    let proposed = app.store.propose(Change::Register { version, changes: two }, reason, &desk.id).await;
    let proposal = proposed.map_err(|error| match error {
        ProposalError::Register(error) => told(error),
        error => error.into(),
    })?;
    Ok(Changed { version, proposal: Some(proposal) })
}

/// Units and people are the system administrator's, rights the security administrator's; everybody names her own substitute.
fn may(app: &App, desk: &Desk, change: &RegisterChange) -> Result<(), Problem> {
    let register = app.store.register();
    let own = change.person(&register) == Some(&desk.id);
    match change {
        RegisterChange::Substitute { .. } | RegisterChange::EndSubstitution { .. } if own => Ok(()),
        // nobody raises herself
        RegisterChange::GivePost { .. } | RegisterChange::EndPost { .. } if own => {
            desk.must_have(Action::Grants)?;
            Err(Problem::refused(both("people.not_oneself")))
        }
        RegisterChange::ChangePerson { id, entry } => {
            desk.must_have(Action::People)?;
            // an identity platform may know her by either
            let known_by = |official: &&Official| (&official.login, &official.mail) != (&entry.login, &entry.mail);
            match register.people.get(id).filter(known_by).filter(|official| administers(app, official)) {
                Some(_) => Err(Problem::refused(both("people.administrator_password"))),
                None => Ok(()),
            }
        }
        change if change.is_grant() => {
            desk.must_have(Action::Grants)?;
            desk.must_be_fresh()
        }
        _ => desk.must_have(Action::People),
    }
}

/// Whether somebody is one of the three administrators, now or later.
pub fn administers(app: &App, official: &Official) -> bool {
    let now = app.now();
    let held = official.posts.iter().filter(|tenure| tenure.term.until.is_none_or(|until| until > now));
    held.filter_map(|tenure| app.roles.get(&tenure.post.role)).any(Role::administers)
}

/// Refuses to let one administrator decide how another one logs in: whoever could give her a password or an identity could
/// be her, and whoever could close her account would be rid of her. One who cannot log in yet is given her first way in.
///
/// # Errors
/// 409.
pub async fn must_be_hers(app: &App, person: &str, official: &Official) -> Result<(), Problem> {
    if !administers(app, official) {
        return Ok(());
    }
    let enters = app.store.account_of(person).await?.is_some() || !app.store.identities_of(person).await?.is_empty();
    if enters { Err(Problem::refused(both("people.administrator_password"))) } else { Ok(()) }
}

fn refused(faults: Vec<FieldError>, single: bool) -> Problem {
    // the paths of a single change are those of its form
    let plain = |path: &str| path.splitn(3, '.').nth(2).unwrap_or(path).to_owned();
    let fields = faults.into_iter().map(|fault| if single { FieldError { path: plain(&fault.path), ..fault } } else { fault });
    let fields: Vec<FieldError> = fields.collect();
    Problem { fields, ..Problem::invalid("register-refused", both("people.refused")) }
}

fn stale(app: &App, meanwhile: &[Meanwhile]) -> Problem {
    let register = app.store.register();
    let name = |person: &str| register.people.get(person).map_or(person, |official| official.name.as_str()).to_owned();
    let line = |language: Language| {
        let when = app.when(language);
        let change = |change: &Meanwhile| format!("{} {}: {}", when.short(change.at), name(&change.actor), change.about.join(", "));
        meanwhile.iter().map(change).collect::<Vec<_>>().join("; ")
    };
    let told = |language: Language, key| crate::view::fill(language, key, &[("changes", &line(language))]);
    let detail = Text::new(told(Language::Zh, "people.stale"), told(Language::En, "people.stale"));
    Problem { code: "changed-meanwhile".to_owned(), ..Problem::refused(detail) }
}

/// The term that a form gave: `from` and `until`, the last day counting in full.
///
/// # Errors
/// 422 at the field that holds no date.
pub fn term(app: &App, posted: &Posted) -> Result<Term, Problem> {
    let read = |name: &str, bound| match posted.get(name) {
        "" => Ok(None),
        text => match sheet::moment_of(text, bound, &app.calendar) {
            Some(moment) => Ok(Some(moment)),
            None => {
                let message = both_filled("people.no_date", &[("text", text)]);
                Err(refused(vec![FieldError { path: format!("changes.0.{name}"), code: "date-malformed", message }], true))
            }
        },
    };
    Ok(Term { from: read("from", sheet::Bound::First)?, until: read("until", sheet::Bound::Last)? })
}

/// A term in words.
pub fn term_words(app: &App, language: Language, term: Term) -> String {
    let from = term.from.map(|at| sheet::day_of(at, sheet::Bound::First, &app.calendar));
    let until = term.until.map(|at| sheet::day_of(at, sheet::Bound::Last, &app.calendar));
    match (from, until) {
        (None, None) => crate::view::say(language, "people.always").to_owned(),
        (Some(from), None) => crate::view::fill(language, "people.since", &[("from", &from)]),
        (None, Some(until)) => crate::view::fill(language, "people.up_to", &[("until", &until)]),
        (Some(from), Some(until)) => crate::view::fill(language, "people.from_until", &[("from", &from), ("until", &until)]),
    }
}

/// The person that somebody typed: by id, or by a name that only one has.
pub fn named<'a>(app: &App, typed: &'a str) -> std::borrow::Cow<'a, str> {
    let register = app.store.register();
    let mut named = register.people.iter().filter(|(id, official)| official.left.is_none() && *id != typed && official.name == typed);
    match (register.people.contains_key(typed), named.next(), named.next()) {
        (false, Some((id, _)), None) => id.clone().into(),
        _ => typed.into(),
    }
}

/// The version of the register that a form was made from.
///
/// # Errors
/// 403 if the form does not carry it.
pub fn seen(posted: &Posted) -> Result<u64, Problem> {
    posted.get("version").parse().map_err(|_| Problem::csrf())
}
