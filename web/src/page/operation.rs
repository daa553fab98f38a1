//! Operations on pages: what the engine allows, with what each target would take away, and carrying it out.

use std::collections::BTreeMap;

use axum::{
    Router,
    extract::{Path, State},
    response::{IntoResponse, Redirect},
    routing::post,
};
use serde::Serialize;
use tongban_engine::{
    authority::{Action, Dossier, Resource},
    definition::{Definition, ResumeWay},
    interpreter::{Actor, AllowedOperation, Case, CaseId, LocalNo, SignerWay, allowed},
    organisation::Person,
};

use super::Page;
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    operation::OperationAsked,
    random,
    session::notify,
    state::App,
    view::{fill, listed, messages::both, parts, say, words::Teller},
};

/// Operations that other parts of the pages draw.
const DRAWN_ELSEWHERE: [&str; 5] = ["claim", "release", "transfer", "urge", "extendClock"];

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/cases/{case}/operations", post(carry_out))
}

/// One operation as a page offers it.
#[derive(Serialize)]
pub(super) struct Offer {
    operation: &'static str,
    task: Option<LocalNo>,
    href: String,
    key: String,
    name: String,
    hint: String,
    /// Targets to choose from, each with what it would take away.
    targets: Vec<Choice>,
    /// Ways to choose from.
    ways: Vec<Choice>,
    /// People to choose from.
    people: Vec<Choice>,
    several: bool,
    reason_label: &'static str,
    reason_needed: bool,
    /// Asked once more.
    confirm: bool,
    signs: bool,
}

/// An operation that is refused, and why.
#[derive(Serialize)]
pub(super) struct Withheld {
    name: String,
    why: String,
}

#[derive(Serialize)]
struct Choice {
    value: String,
    label: String,
}

/// What `desk` may do with a case: with one of its tasks, or with the whole.
pub(super) fn offers(case: &Case, definition: &Definition, desk: &Desk, task: Option<LocalNo>) -> (Vec<Offer>, Vec<Withheld>) {
    if desk.may(Action::Operate, Resource::Case(Dossier { case, definition })).is_err() {
        return (Vec::new(), Vec::new());
    }
    let told = allowed(definition, case, &Actor::Person(desk.id.clone()), &desk.organisation, desk.when.now());
    let teller = Teller::new(definition, &desk.organisation, &desk.when);
    let drawing = Drawing { case, desk, teller };
    let mut by_operation: BTreeMap<usize, Vec<AllowedOperation>> = BTreeMap::new();
    let mut order: Vec<&str> = Vec::new();
    for one in told.into_iter().filter(|one| one.task == task && !DRAWN_ELSEWHERE.contains(&one.operation)) {
        let at = order.iter().position(|word| *word == one.operation).unwrap_or_else(|| {
            order.push(one.operation);
            order.len() - 1
        });
        by_operation.entry(at).or_default().push(one);
    }
    let (mut offers, mut withheld) = (Vec::new(), Vec::new());
    for group in by_operation.into_values() {
        let open: Vec<&AllowedOperation> = group.iter().filter(|one| one.refused.is_none()).collect();
        match (open.first(), group.first()) {
            (Some(_), _) => offers.push(drawing.offer(&open)),
            (None, Some(refused)) => withheld.extend(drawing.withheld(refused)),
            (None, None) => {}
        }
    }
    (offers, withheld)
}

struct Drawing<'a> {
    case: &'a Case,
    desk: &'a Desk,
    teller: Teller<'a>,
}

impl Drawing<'_> {
    fn offer(&self, open: &[&AllowedOperation]) -> Offer {
        let language = self.desk.language();
        let first = open[0];
        let targets =
            if open.len() == 1 && first.target.is_none() { Vec::new() } else { open.iter().map(|one| self.choice(one)).collect() };
        let way = |way: SignerWay| Choice { value: way.word().to_owned(), label: say(language, way_key(way)).to_owned() };
        let causes = if targets.is_empty() { self.causes(first) } else { String::new() };
        let hint = say(language, hint_key(first.operation));
        Offer {
            operation: first.operation,
            task: first.task,
            href: format!("{}/operations", parts::case_href(&self.case.id)),
            key: random::hex(16),
            name: say(language, name_key(first.operation)).to_owned(),
            hint: if causes.is_empty() { hint.to_owned() } else { format!("{hint} {causes}") },
            targets,
            ways: if first.operation == "addSigner" { SignerWay::ALL.map(way).into() } else { Vec::new() },
            people: if first.people { self.people() } else { Vec::new() },
            several: matches!(first.operation, "addSigner" | "copyTo"),
            reason_label: say(language, if first.reason { "task.reason" } else { "task.note" }),
            reason_needed: first.reason,
            confirm: open.iter().any(|one| one.confirm),
            signs: first.operation == "sign",
        }
    }

    /// A target and what it would take away.
    fn choice(&self, one: &AllowedOperation) -> Choice {
        let language = self.desk.language();
        let target = one.target.clone().unwrap_or_default();
        let name = match one.operation {
            "removeSigner" => self.teller.person(&target),
            _ => self.teller.step(&target),
        };
        let from = one.token.and_then(|token| self.case.tokens.get(&token)).map(|token| self.teller.step(&token.node));
        let name = match (from, one.resume) {
            (Some(from), _) => fill(language, "operation.from_to", &[("from", &from), ("to", &name)]),
            (None, Some(ResumeWay::Here)) => fill(language, "operation.here", &[("step", &name)]),
            (None, Some(ResumeWay::Through)) => fill(language, "operation.through", &[("step", &name)]),
            (None, None) => name,
        };
        let parts = [one.token.map(|token| token.to_string()), one.resume.map(|way| way.word().to_owned()), Some(target)];
        let value: Vec<String> = parts.into_iter().flatten().collect();
        Choice { value: value.join(":"), label: format!("{name}{}", self.causes(one)) }
    }

    /// What an operation would take away, in words.
    fn causes(&self, one: &AllowedOperation) -> String {
        let language = self.desk.language();
        let mut words = Vec::new();
        let steps: Vec<String> = one.causes.tasks.values().map(|node| self.teller.step(node)).collect();
        if !steps.is_empty() {
            words.push(fill(language, "operation.cancels", &[("steps", &listed(language, &steps))]));
        }
        if !one.causes.calls.is_empty() {
            words.push(fill(language, "operation.ends_calls", &[("count", &one.causes.calls.len().to_string())]));
        }
        let clocks = |ids: &[String]| ids.iter().map(|id| self.teller.clock(id)).collect::<Vec<_>>();
        if !one.causes.pauses.is_empty() {
            words.push(fill(language, "operation.pauses", &[("clocks", &listed(language, &clocks(&one.causes.pauses)))]));
        }
        if words.is_empty() { String::new() } else { fill(language, "operation.causes", &[("causes", &listed(language, &words))]) }
    }

    fn withheld(&self, one: &AllowedOperation) -> Option<Withheld> {
        use tongban_engine::interpreter::codes;
        let refused = one.refused.as_ref()?;
        // What the process gives nobody here, or gives others, is not worth a line.
        let quiet =
            [codes::OPERATION_NOT_ALLOWED, codes::NOT_PERMITTED, codes::NOT_DELEGATED, codes::SIGNER_UNKNOWN, codes::CASE_NOT_SUSPENDED];
        if quiet.contains(&refused.code.as_str()) {
            return None;
        }
        let language = self.desk.language();
        Some(Withheld { name: say(language, name_key(one.operation)).to_owned(), why: refused.message.get(language).to_owned() })
    }

    /// Everybody with a post of ours besides the reader, applicants, and who must keep away.
    fn people(&self) -> Vec<Choice> {
        let organisation = &self.desk.organisation;
        let matter = self.case.matter();
        let free = |id: &String, person: &Person| {
            *id != self.desk.id && organisation.applicant_unit(person).is_none() && organisation.recusal(id, &matter).is_none()
        };
        let others = organisation.people.iter().filter(|(id, person)| free(id, person));
        others.map(|(id, person)| Choice { value: id.clone(), label: person.name.clone() }).collect()
    }
}

fn name_key(operation: &str) -> &'static str {
    match operation {
        "return" => "operation.return",
        "takeBack" => "operation.take_back",
        "delegate" => "operation.delegate",
        "giveBack" => "operation.give_back",
        "addSigner" => "operation.add_signer",
        "removeSigner" => "operation.remove_signer",
        "sign" => "operation.sign",
        "copyTo" => "operation.copy_to",
        "suspend" => "operation.suspend",
        "resume" => "operation.resume",
        "terminate" => "operation.terminate",
        "reopen" => "operation.reopen",
        "jump" => "operation.jump",
        _ => "operation.restart",
    }
}

fn hint_key(operation: &str) -> &'static str {
    match operation {
        "return" => "operation.return_hint",
        "takeBack" => "operation.take_back_hint",
        "delegate" => "operation.delegate_hint",
        "giveBack" => "operation.give_back_hint",
        "addSigner" => "operation.add_signer_hint",
        "removeSigner" => "operation.remove_signer_hint",
        "sign" => "operation.sign_hint",
        "copyTo" => "operation.copy_to_hint",
        "suspend" => "operation.suspend_hint",
        "resume" => "operation.resume_hint",
        "terminate" => "operation.terminate_hint",
        "reopen" => "operation.reopen_hint",
        "jump" => "operation.jump_hint",
        _ => "operation.restart_hint",
    }
}

fn way_key(way: SignerWay) -> &'static str {
    match way {
        SignerWay::Before => "operation.before",
        SignerWay::Beside => "operation.beside",
        SignerWay::After => "operation.after",
    }
}

/// `POST /cases/{case}/operations`: carries out an operation and goes back to where it was chosen, if that is still there.
async fn carry_out(State(app): State<App>, desk: Desk, Path(case): Path<CaseId>, posted: Posted) -> Page {
    desk.case_for(Action::Operate, &case).await?;
    if !posted.get("_confirms").is_empty() && posted.get("_confirm").is_empty() {
        return Err(Problem::invalid("confirm", both("operation.confirm_missing")));
    }
    let asked = asked(&posted);
    let task = asked.task();
    app.store.submit(desk.command(&case, posted.key()?, asked.ask()?)).await.map_err(Problem::from)?;
    let back = desk.back_to(&case, task).await?;
    Ok(notify(Redirect::to(&back).into_response(), "good", "operation.done", &[]))
}

/// What a form asks for: its one choice holds what belongs to a target.
fn asked(posted: &Posted) -> OperationAsked {
    let operation = posted.get("_operation").to_owned();
    let chosen = posted.get("target");
    let (before, target) = chosen.rsplit_once(':').map_or((None, chosen), |(before, target)| (Some(before), target));
    OperationAsked {
        task: posted.get("_task").parse().ok(),
        token: before.and_then(|before| before.parse().ok()),
        resume: before.filter(|_| operation == "return").map(str::to_owned),
        target: Some(target.to_owned()).filter(|target| !target.is_empty()),
        to: posted.fields.iter().filter(|(name, value)| name == "to" && !value.is_empty()).map(|(_, value)| value.clone()).collect(),
        way: Some(posted.get("way").to_owned()).filter(|way| !way.is_empty()),
        agrees: Some(posted.get("agrees") != "no"),
        reason: posted.get("reason").to_owned(),
        operation,
    }
}
