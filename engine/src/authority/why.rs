//! Why somebody may, or may not: every rule that was looked at, with yes or no.

use super::{Action, Authority, Decision, Relation, Resource};
use crate::{interpreter::LocalNo, text::Text};

/// A decision with all that it rests on.
#[derive(Clone, Debug)]
pub struct Explained<'a> {
    /// The answer.
    pub decision: Decision<'a>,
    /// Each rule, in the order in which it was looked at.
    pub checks: Vec<Check>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Check {
    /// Its stable word.
    pub rule: &'static str,
    /// What was asked.
    pub question: Text,
    /// Whether it is so.
    pub holds: bool,
    /// What it is about, or who, if that is worth saying.
    pub note: Option<Text>,
}

impl<'a> Authority<'a> {
    /// As [`Authority::authorize`], with every rule that could have allowed or refused it.
    pub fn why(&self, person: &str, action: Action, resource: Resource<'_>) -> Explained<'a> {
        let decision = self.authorize(person, action, resource);
        let mut checks =
            vec![check("known", "是在任的人员", "is a person of the office", self.organisation.people.contains_key(person), None)];
        if let Some(duty) = action.duty() {
            checks.push(check("duty", "其岗位有这项职责", "one of her posts has this duty", self.has_duty(person, duty), None));
        }
        if let Resource::Process(_) = resource {
            checks.push(check("holds-post", "其岗位可以发起这个流程", "one of her posts may start this process", decision.is_ok(), None));
        }
        if resource.dossier().is_some() {
            self.about_case(person, resource, &mut checks);
        }
        if let (Action::Act, Some(no)) = (action, resource.task()) {
            self.about_task(person, resource, no, &mut checks);
        }
        Explained { decision, checks }
    }

    fn about_case(&self, person: &str, resource: Resource<'_>, checks: &mut Vec<Check>) {
        let Some(of) = resource.dossier() else { return };
        let recusal = self.organisation.recusal(person, &of.case.matter());
        let note = recusal.map(|recusal| Text::new(recusal.reason.clone(), recusal.reason.clone()));
        checks.push(check("recusal", "须回避此办件", "must keep away from this case", recusal.is_some(), note));
        for relation in Relation::ALL {
            let tie = self.tie(person, of, relation);
            let absent = tie.and_then(|standing| standing.absent()).map(|absent| self.acts_for(absent));
            let Text { zh, en } = relation.name();
            checks.push(Check { rule: relation.word(), question: Text { zh, en }, holds: tie.is_some(), note: absent });
        }
    }

    /// Each rule of the task as far as it was looked at: what refuses hides what comes behind it.
    fn about_task(&self, person: &str, resource: Resource<'_>, no: LocalNo, checks: &mut Vec<Check>) {
        let Some(of) = resource.dossier() else { return };
        let told = self.may_act(person, of, no);
        let (refused, note) = match &told {
            Ok(_) => (None, None),
            Err(refusal) => (Some(refusal.rule), Some(refusal.rejection.message.clone())),
        };
        let rules = [
            ("holds-post", "任务属于其岗位或交给其办理", "the task falls to her post or was given to her"),
            ("state", "此刻可以办理", "it can be done now"),
            ("four-eyes", "没有办理过须分开办理的环节", "did no step that this one must be separate from"),
        ];
        for (rule, zh, en) in rules {
            if refused == Some(rule) || rule == "holds-post" && refused == Some("recusal") {
                checks.push(check(rule, zh, en, false, note));
                return;
            }
            checks.push(check(rule, zh, en, true, None));
        }
    }

    fn acts_for(&self, absent: &str) -> Text {
        let name = self.organisation.people.get(absent).map_or(absent, |person| &person.name);
        Text::new(format!("代 {name}"), format!("for {name}"))
    }
}

fn check(rule: &'static str, zh: &str, en: &str, holds: bool, note: Option<Text>) -> Check {
    Check { rule, question: Text::new(zh, en), holds, note }
}
