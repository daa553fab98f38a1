//! The three administrators (三员: system, security, audit) keep each other in check only while no role and no person is two
//! of them, and none of them handles cases. GB/T 22239-2019 8.1.5; 三员 as in the rules for classified systems.
//!
//! | code | about |
//! |---|---|
//! | `P010` | a role that carries two of the three duties |
//! | `P011` | a role of an administrator that a process gives work to, or that sees the cases of other units |
//! | `P012` | a person whose roles carry two of the three duties |

use indexmap::IndexMap;

use crate::{
    definition::{NodeKind, Process, Role, Sees, THREE, context::Context},
    diagnostic::Finding,
    organisation::{Official, Register, Tenure},
    text::Text,
};

/// Which of the three a role carries.
fn administrates(role: &Role) -> impl Iterator<Item = &'static str> {
    THREE.into_iter().filter(|duty| role.may.iter().any(|may| may == duty))
}

/// Roles that carry two of the three, and roles of the three that see cases.
pub(in crate::definition) fn roles(roles: &IndexMap<String, Role>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for role in roles.values() {
        let duties: Vec<&str> = administrates(role).collect();
        if duties.len() > 1 {
            let (id, duties) = (&role.id, duties.join(", "));
            let message = Text::new(
                format!("角色“{id}”兼有三员中的多项职责：{duties}"),
                format!("the role `{id}` carries more than one duty of the three administrators: {duties}"),
            );
            let help = Text::new("分成不同的角色，由不同的人担任", "make a role of each, held by different people");
            findings.push(Finding::error("P010", role.place.clone(), message).about(id.clone()).help(help));
        }
        if !duties.is_empty() && role.sees != Sees::Own {
            let message = Text::new(
                format!("角色“{}”是三员之一，却能查看下级单位的办件", role.id),
                format!("the role `{}` administers the system, and sees the cases of units below", role.id),
            );
            let help = Text::new("删去 sees：三员不看业务数据", "leave `sees` out: administrators see no cases");
            findings.push(Finding::error("P011", role.place.clone(), message).about(role.id.clone()).help(help));
        }
    }
    findings
}

/// Tells of work that falls to an administrator.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    let known = cx.around.roles;
    let is_administrator = |role: &str| known.get(role).is_some_and(|role| administrates(role).next().is_some());
    let mut found = Vec::new();
    for (id, lane) in &process.lanes {
        let roles = std::iter::once(&lane.role).chain(&lane.fallback);
        found.extend(roles.filter(|role| is_administrator(role)).map(|role| (role.clone(), lane.place.clone(), id.clone())));
    }
    for node in &process.nodes {
        if let NodeKind::UserTask(task) = &node.kind
            && let Some(assign) = task.assign.as_ref().filter(|assign| is_administrator(&assign.role))
        {
            found.push((assign.role.clone(), node.place.clone(), node.id.clone()));
        }
    }
    for (role, place, element) in found {
        let message = Text::new(
            format!("“{element}”由角色“{role}”办理，而三员不办理业务"),
            format!("`{element}` falls to the role `{role}`, which administers the system: administrators handle no cases"),
        );
        let help = Text::new("改由业务角色办理", "give the work to another role");
        cx.findings.push(Finding::error("P011", place, message).about(element).help(help));
    }
}

/// Somebody whose roles make her two of the three administrators at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TwoInOne {
    /// Person id.
    pub person: String,
    /// Her two roles.
    pub roles: [String; 2],
    /// Their duties.
    pub duties: [&'static str; 2],
}

impl TwoInOne {
    /// What is wrong.
    pub fn message(&self) -> Text {
        let Self { person, roles: [one, other], .. } = self;
        Text::new(
            format!("“{person}”同时担任“{one}”和“{other}”：三员须由不同的人担任"),
            format!("`{person}` holds `{one}` and `{other}` at once: the three administrators must be different people"),
        )
    }
}

/// Who is two of the three administrators at one moment, now or later; each person once, in order.
pub fn two_in_one(register: &Register, roles: &IndexMap<String, Role>) -> Vec<TwoInOne> {
    let of_person = |(id, official): (&String, &Official)| {
        let held: Vec<(&Tenure, &'static str)> = official
            .posts
            .iter()
            .flat_map(|tenure| roles.get(&tenure.post.role).into_iter().flat_map(administrates).map(move |duty| (tenure, duty)))
            .collect();
        let pairs = held.iter().enumerate().flat_map(|(at, one)| held[at + 1..].iter().map(move |other| (one, other)));
        let mut clashes = pairs.filter(|((one, duty), (other, second))| duty != second && one.term.meets(&other.term));
        let ((one, duty), (other, second)) = clashes.next()?;
        Some(TwoInOne { person: id.clone(), roles: [one.post.role.clone(), other.post.role.clone()], duties: [*duty, *second] })
    };
    register.people.iter().filter_map(of_person).collect()
}

/// The same as findings, at the second role.
pub(super) fn people(register: &Register, roles: &IndexMap<String, Role>) -> Vec<Finding> {
    let finding = |found: TwoInOne| {
        let place = roles.get(&found.roles[1]).map(|role| role.place.clone()).unwrap_or_default();
        let help = Text::new("由不同的人担任", "let different people hold them");
        Finding::error("P012", place, found.message()).about(found.person).help(help)
    };
    two_in_one(register, roles).into_iter().map(finding).collect()
}
