//! Cases that ask something of each other: calls and their answers, signals, messages; carried out once, on both databases.

use std::sync::Arc;

use serde_json::{Value, json};
use tongban_adapters::{
    between::Between,
    outbox::{Outbox, Schedule},
};
use tongban_engine::{
    definition::Bundle,
    interpreter::{Actor, Ask, Case, CaseStatus, Start},
};
use tongban_tests::office;

use super::{Desk, Tested, on_each, person};

const HEAD: &str = "dialect: 1\ncalendar: cn\nlanes:\n  clerk: {name: {zh: 经办人, en: Clerk}, role: case-handler, unit: meta.unit}\n";

/// A caller, the called, one that hears a signal, one that begins by a message.
fn bundle() -> Bundle {
    let mut bundle = office::bundle();
    let mut put = |id: &str, body: &str| {
        let text = format!("process: {id}\nname: {{zh: 试验, en: Trial}}\n{HEAD}{body}");
        bundle.files.insert(format!("workflows/trials/{id}/process.yaml"), text);
    };
    put(
        "asks",
        "data: {extra: {subject: {type: text, default: \"\"}, answer: {type: text}}}\nflow:\n  - startEvent: begun\n  - callActivity: second_view\n    \
         process: answers\n    with: {subject: subject}\n    set: {answer: result.answer}\n    boundary:\n      - boundaryEvent: broke\n        \
         error: nobody\n        to: gave_up\n  - intermediateThrowEvent: tell\n    signal: all-done\n  - endEvent: done\n  - endEvent: gave_up\n",
    );
    put(
        "answers",
        "data: {extra: {subject: {type: text, default: \"\"}, answer: {type: text}}}\nflow:\n  - startEvent: asked\n  - manualTask: think\n    lane: clerk\n    \
         actions: {answer: {name: {zh: 答复, en: Answer}}, decline: {name: {zh: 无人, en: Nobody}, to: nobody}}\n    \
         set: {answer: 'subject + \"?\"'}\n  - endEvent: answered\n  - endEvent: nobody\n    error: nobody\n",
    );
    put(
        "picky",
        "parameters: {subject: text}\nflow:\n  - startEvent: asked\n  - manualTask: think\n    lane: clerk\n  - endEvent: answered\n",
    );
    put(
        "careless",
        "data: {extra: {subject: {type: text}}}\nflow:\n  - startEvent: begun\n  - callActivity: view\n    process: picky\n    \
         with: {subject: subject}\n  - endEvent: done\n",
    );
    put("listens", "flow:\n  - startEvent: begun\n  - intermediateCatchEvent: heard\n    signal: all-done\n  - endEvent: done\n");
    bundle
}

struct Trial {
    desk: Desk,
    outbox: Outbox,
}

impl Trial {
    async fn open(desk: Desk) -> Result<Self, Box<dyn std::error::Error>> {
        desk.store.deploy(&bundle()).await?;
        let between = Arc::new(Between::new(desk.store.clone()));
        let outbox = Outbox::new(desk.store.clone(), Schedule::default()).with("case", between.clone()).with("message", between);
        Ok(Self { desk, outbox })
    }

    async fn start(&self, process: &str, case: &str, data: Value) -> Tested {
        let start = Start {
            process: process.into(),
            unit: "jia".into(),
            source: "office".into(),
            received_at: self.desk.place.clock_now(),
            data: data.as_object().cloned().unwrap_or_default(),
            ..Start::default()
        };
        self.desk.ask(Actor::System, case, "start", Ask::Start(Box::new(start))).await?;
        self.outbox.tick().await?;
        Ok(())
    }

    async fn case(&self, id: &str) -> Result<Case, Box<dyn std::error::Error>> {
        Ok(self.desk.store.case(id).await?.ok_or("the case is there")?.case)
    }

    /// The case that `caller` called: the only other one of the called process.
    async fn called(&self, caller: &str) -> Result<Case, Box<dyn std::error::Error>> {
        let call = *self.case(caller).await?.calls.keys().next().ok_or("a call waits")?;
        self.case(&tongban_adapters::store::case_id_for(&format!("call:{caller}"), &call.to_string())).await
    }

    async fn think(&self, case: &Case, action: &str) -> Tested {
        let task = *case.tasks.keys().next().ok_or("a task is open")?;
        self.desk.complete("lin", &case.id, task, action, json!({})).await?;
        self.outbox.tick().await?;
        Ok(())
    }
}

#[tokio::test]
async fn a_called_case_answers_and_a_signal_reaches_who_waits() -> Tested {
    on_each(async |desk: Desk| {
        let trial = Trial::open(desk).await?;
        trial.start("listens", "l1", json!({})).await?;
        trial.start("listens", "l2", json!({})).await?;
        trial.start("asks", "a1", json!({"subject": "可否"})).await?;
        let called = trial.called("a1").await?;
        assert_eq!((called.process.as_str(), &called.data["subject"]), ("answers", &json!("可否")));
        assert_eq!(called.facts.unit, "jia", "handled by the same unit");
        trial.think(&called, "answer").await?;
        trial.outbox.tick().await?;
        let asker = trial.case("a1").await?;
        assert_eq!((asker.status, &asker.data["answer"]), (CaseStatus::Ended, &json!("可否?")));
        for listener in ["l1", "l2"] {
            assert_eq!(trial.case(listener).await?.status, CaseStatus::Ended, "{listener} heard it");
        }
        trial.start("listens", "l3", json!({})).await?;
        assert_eq!(trial.case("l3").await?.status, CaseStatus::Running, "a signal is heard only by what waits");
        trial.desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn an_error_of_a_called_case_is_caught_by_its_caller() -> Tested {
    on_each(async |desk: Desk| {
        let trial = Trial::open(desk).await?;
        trial.start("asks", "a2", json!({"subject": "可否"})).await?;
        let called = trial.called("a2").await?;
        trial.think(&called, "decline").await?;
        let (asker, called) = (trial.case("a2").await?, trial.case(&called.id).await?);
        assert_eq!(called.error.as_deref(), Some("nobody"));
        assert_eq!((asker.status, asker.ended_at), (CaseStatus::Ended, vec!["gave_up".to_owned()]));
        trial.desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn a_call_that_is_not_taken_is_an_incident_of_the_caller_and_can_be_repaired() -> Tested {
    on_each(async |desk: Desk| {
        let trial = Trial::open(desk).await?;
        trial.start("careless", "a4", json!({})).await?;
        let asker = trial.case("a4").await?;
        let (no, incident) = asker.incidents.iter().next().ok_or("the call failed")?;
        assert!(incident.node == "view" && incident.message.en.as_deref().unwrap_or_default().contains("subject"), "{incident:?}");
        assert_eq!(trial.desk.store.outbox(Some("dead"), 0).await?.total, 0, "it is no dead letter");
        let data = json!({"subject": "可否"}).as_object().cloned().unwrap_or_default();
        trial.desk.ask(Actor::System, "a4", "set", Ask::Set { data }).await?;
        trial.desk.ask(Actor::System, "a4", "retry", Ask::Retry { incident: *no }).await?;
        trial.outbox.tick().await?;
        let called = trial.called("a4").await?;
        assert_eq!((called.process.as_str(), &called.data["subject"]), ("picky", &json!("可否")));
        assert!(trial.case("a4").await?.incidents.is_empty());
        trial.desk.store.close().await;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn what_is_cancelled_takes_what_it_called_along() -> Tested {
    on_each(async |desk: Desk| {
        let trial = Trial::open(desk).await?;
        trial.start("asks", "a3", json!({"subject": "可否"})).await?;
        let called = trial.called("a3").await?;
        assert!(trial.desk.ask(person("lin"), "a3", "c", Ask::Cancel).await.is_err(), "not for everybody");
        trial.desk.ask(Actor::System, "a3", "cancel", Ask::Cancel).await?;
        trial.outbox.tick().await?;
        assert_eq!(trial.case(&called.id).await?.status, CaseStatus::Ended);
        trial.desk.store.close().await;
        Ok(())
    })
    .await
}
