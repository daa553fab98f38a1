//! 移交: whatever somebody who leaves has to do with a task goes to somebody who may do it, or is refused with why.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeMap, path::Path, sync::Arc};

use tongban_engine::{
    definition::Definition,
    interpreter::{Actor, Applicant, Ask, Case, Command, Context, LocalNo, Rejection, SignerWay, Start, apply, decide, offered_actions},
    organisation::{Organisation, Person, Post},
    time::Moment,
};
use tongban_tests::conformance::{Around, load, read};

const PROCESS: &str = "
flow:
  - {startEvent: go, message: apply}
  - {userTask: a, lane: desk, operations: {preset: cn-approval}}
  - {userTask: b, lane: desk, operations: {preset: cn-approval}, separateFrom: [a]}
  - endEvent: done
";
const NOON: Moment = Moment(1_790_000_000_000);

struct Play {
    definition: Arc<Definition>,
    organisation: Organisation,
    case: Option<Case>,
}

impl Play {
    /// A case whose step `a` was done by ann; `b` waits.
    fn begin() -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("conformance");
        let around: Around = read(&folder.join("office.yaml")).unwrap();
        let definition = load(PROCESS, &BTreeMap::new(), &around).unwrap();
        let mut organisation = Organisation::default();
        let hall = serde_json::from_str(r#"{"name": {"zh": "大厅"}, "kind": "district"}"#).unwrap();
        organisation.units.insert("hall".to_owned(), hall);
        for (id, role) in [("ann", "clerk"), ("bob", "clerk"), ("cid", "clerk"), ("eve", "head")] {
            let posts = vec![Post { role: role.to_owned(), unit: "hall".to_owned() }];
            organisation.people.insert(id.to_owned(), Person { name: id.to_owned(), posts, ..Person::default() });
        }
        let mut play = Self { definition, organisation, case: None };
        let data = serde_json::from_str(r#"{"wish": "x"}"#).unwrap();
        let start = Start {
            process: "trial".to_owned(),
            message: Some("apply".to_owned()),
            unit: "hall".to_owned(),
            applicant: Applicant { name: "x".to_owned(), ..Applicant::default() },
            source: "one-net".to_owned(),
            received_at: NOON,
            data,
            ..Start::default()
        };
        play.ask(&Actor::System, Ask::Start(Box::new(start))).unwrap();
        let task = play.at("a");
        let action = play.action(task);
        play.ask(&person("ann"), Ask::Complete { task, action, data: serde_json::Map::new() }).unwrap();
        play
    }

    fn ask(&mut self, actor: &Actor, ask: Ask) -> Result<(), Rejection> {
        let command = Command { case: "c".to_owned(), key: "k".to_owned(), actor: actor.clone(), at: NOON, ask };
        let series = BTreeMap::new();
        let context = Context { organisation: &self.organisation, series: &series, choices: None };
        let events = decide(&self.definition, self.case.as_ref(), &command, &context)?;
        let mut case = self.case.take().unwrap_or_else(|| Case { id: "c".to_owned(), ..Case::default() });
        events.iter().for_each(|event| apply(&mut case, event, NOON));
        self.case = Some(case);
        Ok(())
    }

    fn at(&self, node: &str) -> LocalNo {
        let case = self.case.as_ref().unwrap();
        *case.tasks.iter().find(|(_, task)| task.node == node && task.extra.signs.is_none()).unwrap().0
    }

    fn action(&self, task: LocalNo) -> String {
        offered_actions(&self.definition, self.case.as_ref().unwrap(), task, &self.organisation, NOON)[0].0.to_owned()
    }

    fn hand_over(&mut self, from: &str, to: &str) -> Result<(), Rejection> {
        let [from, to, by, reason] = [from, to, "guan", "leaves"].map(str::to_owned);
        self.ask(&Actor::System, Ask::HandOver { task: self.at("b"), from, to, by, reason })
    }

    /// Who has the task, for whom she has it, and who is to sign it.
    fn stands(&self) -> String {
        let case = self.case.as_ref().unwrap();
        let task = &case.tasks[&self.at("b")];
        let principal = task.extra.delegated.as_ref().map(|delegation| format!(" for {}", delegation.from)).unwrap_or_default();
        let signers: Vec<&str> = task.extra.signers.iter().map(|signer| signer.person.as_str()).collect();
        let asked: Vec<&str> =
            case.tasks.values().filter(|task| task.extra.signs.is_some()).filter_map(|task| task.assignee.as_deref()).collect();
        format!("{}{principal} [{}] [{}]", task.assignee.as_deref().unwrap_or("-"), signers.join(" "), asked.join(" "))
    }
}

fn person(id: &str) -> Actor {
    Actor::Person(id.to_owned())
}

#[test]
fn what_she_has_to_do_with_a_task_goes_to_who_may_do_it() {
    type Step = fn(&mut Play, LocalNo) -> Result<(), Rejection>;
    let claim: Step = |play, task| play.ask(&person("bob"), Ask::Claim { task });
    let delegate: Step = |play, task| play.ask(&person("bob"), Ask::Delegate { task, to: "eve".to_owned(), reason: "r".to_owned() });
    let sign: Step = |play, task| {
        let to = vec!["eve".to_owned()];
        play.ask(&person("bob"), Ask::AddSigner { task, to, way: SignerWay::Before, reason: "r".to_owned() })
    };
    let later: Step = |play, task| {
        let to = vec!["eve".to_owned()];
        play.ask(&person("bob"), Ask::AddSigner { task, to, way: SignerWay::After, reason: "r".to_owned() })
    };
    // what was done before; from whom to whom; how the task stands then, or why not
    let table: [(&[Step], (&str, &str), &str); 11] = [
        (&[], ("bob", "cid"), "cid [] []"),
        (&[claim], ("bob", "cid"), "cid [] []"),
        (&[claim], ("bob", "ann"), "four-eyes"),
        (&[claim], ("bob", "eve"), "not-permitted"),
        (&[claim], ("bob", "bob"), "person-not-suitable"),
        (&[claim], ("cid", "cid2"), "person-not-suitable"),
        (&[claim], ("cid", "ann"), "bob [] []"),
        (&[claim, delegate], ("bob", "cid"), "eve for cid [] []"),
        (&[claim, delegate], ("eve", "bob"), "bob [] []"),
        (&[claim, sign], ("eve", "cid"), "bob [cid] [cid]"),
        (&[claim, later], ("eve", "cid"), "bob [cid] []"),
    ];
    for (steps, (from, to), expected) in table {
        let mut play = Play::begin();
        let task = play.at("b");
        steps.iter().for_each(|step| step(&mut play, task).unwrap());
        let stands = play.hand_over(from, to).map_or_else(|rejection| rejection.code, |()| play.stands());
        assert_eq!(stands, expected, "{from} to {to} after {} steps", steps.len());
    }
}

#[test]
fn only_the_system_hands_over_and_it_says_why() {
    let mut play = Play::begin();
    let [from, to, by] = ["bob", "cid", "guan"].map(str::to_owned);
    let ask = |reason: &str| Ask::HandOver { task: 0, from: from.clone(), to: to.clone(), by: by.clone(), reason: reason.to_owned() };
    assert_eq!(play.ask(&person("guan"), ask("r")).unwrap_err().code, "not-permitted");
    assert_eq!(play.ask(&Actor::System, ask(" ")).unwrap_err().code, "reason-required");
}
