//! Small models and what becomes of them; ids as they are, unless a test is about ids.

use serde_json::{Value, json};

use super::{Ids, Outcome, Read, ReadOptions, read};
use crate::{diagnostic::Severity, source::Source};

fn source(inside: &str) -> Source {
    let text = format!(
        "<bpmn:definitions xmlns:bpmn=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" \
         xmlns:camunda=\"http://camunda.org/schema/1.0/bpmn\" xmlns:zeebe=\"http://camunda.org/schema/zeebe/1.0\">\n{inside}\n</bpmn:definitions>"
    );
    let text = text.replace("<.", "<bpmn:").replace("</.", "</bpmn:");
    Source { name: "a.bpmn".into(), text: text.into() }
}

fn as_is(inside: &str) -> Read {
    read(&source(inside), ReadOptions::default())
}

/// The items of the only process, without errors.
fn flow(inside: &str) -> Value {
    let read = as_is(&format!("<.process id=\"p\">{inside}</.process>"));
    assert!(read.findings.iter().all(|finding| finding.severity != Severity::Error), "{:?}", read.findings);
    read.trees[0].to_json()["flow"].clone()
}

/// The item of the only node.
fn item(node: &str) -> Value {
    flow(node)[0].clone()
}

#[test]
fn flows_are_explicit_and_conditions_become_rhai() {
    let read = flow(
        "<.startEvent id=\"s\"/><.sequenceFlow id=\"f1\" sourceRef=\"s\" targetRef=\"g\"/>\
         <.exclusiveGateway id=\"g\" default=\"f3\" name=\"Which?\"/>\
         <.sequenceFlow id=\"f2\" sourceRef=\"g\" targetRef=\"t\" name=\"big\"><.conditionExpression>${a.b gt 3 and not done}</.conditionExpression></.sequenceFlow>\
         <.sequenceFlow id=\"f3\" sourceRef=\"g\" targetRef=\"e\"/>\
         <.task id=\"t\"/><.sequenceFlow sourceRef=\"t\" targetRef=\"e\"/><.userTask id=\"last\"/><.endEvent id=\"e\"/>",
    );
    assert_eq!(
        read,
        json!([
            {"startEvent": "s", "flows": [{"to": "g", "id": "f1"}]},
            {"exclusiveGateway": "g", "name": "Which?", "branches": [
                {"to": "t", "id": "f2", "name": "big", "when": "a.b > 3 && !done"},
                {"to": "e", "id": "f3", "otherwise": true},
            ]},
            {"task": "t", "flows": [{"to": "e"}]},
            {"userTask": "last", "flows": []},
            {"endEvent": "e"},
        ])
    );
}

#[test]
fn events_say_what_triggers_them_and_what_they_throw() {
    let declared = "<.message id=\"m\" name=\"order-${id}\"/><.signal id=\"s\" name=\"Alarm\"/><.error id=\"e\" errorCode=\"E1\"/><.error id=\"e0\"/>\
                    <.escalation id=\"c\" escalationCode=\"C1\"/><.timerEventDefinition id=\"t\"><.timeDate>2030-01-01T00:00:00Z</.timeDate></.timerEventDefinition>";
    let catch = |inside: &str| {
        let text = format!(
            "{declared}<.process id=\"p\"><.intermediateCatchEvent id=\"x\" parallelMultiple=\"true\">{inside}</.intermediateCatchEvent></.process>"
        );
        let mut item = as_is(&text).trees[0].to_json()["flow"][0].clone();
        let item = item.as_object_mut().expect("an item");
        item.retain(|key, _| !matches!(key.as_str(), "intermediateCatchEvent" | "flows"));
        Value::Object(item.clone())
    };
    let end = |inside: &str| {
        let text = format!("{declared}<.process id=\"p\"><.endEvent id=\"x\">{inside}</.endEvent></.process>");
        let mut item = as_is(&text).trees[0].to_json()["flow"][0].clone();
        item.as_object_mut().expect("an item").remove("endEvent");
        item
    };
    let caught = [
        ("<.messageEventDefinition messageRef=\"ns:m\"/>", json!({"message": "order-{id}"})),
        ("<.messageEventDefinition/>", json!({"unfinished": true})),
        ("<.timerEventDefinition><.timeDuration>PT5S</.timeDuration></.timerEventDefinition>", json!({"timer": {"after": "PT5S"}})),
        ("<.timerEventDefinition><.timeDuration>${wait}</.timeDuration></.timerEventDefinition>", json!({"timer": {"after": "wait"}})),
        (
            "<.timerEventDefinition><.timeDuration>=duration(\"PT1H\")</.timeDuration></.timerEventDefinition>",
            json!({"timer": {"after": "PT1H"}}),
        ),
        (
            "<.timerEventDefinition><.timeCycle>R3/PT10S</.timeCycle></.timerEventDefinition>",
            json!({"timer": {"every": "PT10S", "times": 3}}),
        ),
        ("<.timerEventDefinition><.timeCycle>R/PT1M</.timeCycle></.timerEventDefinition>", json!({"timer": {"every": "PT1M"}})),
        (
            "<.timerEventDefinition><.timeCycle>0 0/5 9 ? * MON</.timeCycle></.timerEventDefinition>",
            json!({"timer": {"cron": "*/5 9 * * MON"}}),
        ),
        ("<.timerEventDefinition/>", json!({"unfinished": true})),
        ("<.eventDefinitionRef>t</.eventDefinitionRef>", json!({"timer": {"at": "\"2030-01-01T00:00:00Z\""}})),
        ("<.signalEventDefinition signalRef=\"s\"/>", json!({"signal": "Alarm"})),
        ("<.signalEventDefinition/>", json!({"signal": "unnamed__signal"})),
        ("<.conditionalEventDefinition><.condition>x &gt; 1</.condition></.conditionalEventDefinition>", json!({"condition": "x > 1"})),
        ("<.conditionalEventDefinition/>", json!({"unfinished": true})),
        ("<.linkEventDefinition name=\"A\"/>", json!({"link": "A"})),
        ("", json!({"unfinished": true})),
        (
            "<.signalEventDefinition signalRef=\"s\"/><.timerEventDefinition><.timeDuration>PT1S</.timeDuration></.timerEventDefinition>",
            json!({"all": [{"signal": "Alarm"}, {"timer": {"after": "PT1S"}}]}),
        ),
    ];
    for (inside, expected) in caught {
        assert_eq!(catch(inside), expected, "{inside}");
    }
    let thrown = [
        ("", json!({})),
        ("<.errorEventDefinition errorRef=\"e\"/>", json!({"error": "E1"})),
        ("<.errorEventDefinition errorRef=\"undeclared\"/>", json!({"error": "undeclared"})),
        ("<.errorEventDefinition errorRef=\"e0\"/>", json!({"error": "unnamed__code"})),
        ("<.escalationEventDefinition escalationRef=\"c\"/>", json!({"escalation": "C1"})),
        ("<.compensateEventDefinition activityRef=\"x\"/>", json!({"compensate": "x"})),
        ("<.compensateEventDefinition/>", json!({"compensate": true})),
        ("<.terminateEventDefinition/>", json!({"terminate": true})),
        ("<.timerEventDefinition/>", json!({"unfinished": true})),
        (
            "<.messageEventDefinition messageRef=\"m\"/><.signalEventDefinition signalRef=\"s\"/>",
            json!({"throws": [{"message": "order-{id}"}, {"signal": "Alarm"}]}),
        ),
    ];
    for (inside, expected) in thrown {
        assert_eq!(end(inside), expected, "{inside}");
    }
}

#[test]
fn activities_loop_call_and_hold_what_is_attached() {
    assert_eq!(
        item(
            "<.task id=\"t\"><.standardLoopCharacteristics testBefore=\"true\" loopMaximum=\"3\"><.loopCondition>=n &lt; 2</.loopCondition></.standardLoopCharacteristics></.task>"
        ),
        json!({"task": "t", "loop": {"while": "n < 2", "max": 3, "testBefore": true}, "flows": []})
    );
    assert_eq!(
        item(
            "<.task id=\"t\"><.multiInstanceLoopCharacteristics isSequential=\"true\"><.loopCardinality>${n}</.loopCardinality><.completionCondition>${nrOfCompletedInstances == 2}</.completionCondition></.multiInstanceLoopCharacteristics></.task>"
        ),
        json!({"task": "t", "multiInstance": {"sequential": true, "count": "n", "complete": "nrOfCompletedInstances == 2"}, "flows": []})
    );
    assert_eq!(
        item(
            "<.task id=\"t\"><.multiInstanceLoopCharacteristics camunda:collection=\"${people}\" camunda:elementVariable=\"person\"/></.task>"
        ),
        json!({"task": "t", "multiInstance": {"parallel": {"person": "people"}}, "flows": []})
    );
    assert_eq!(
        item(
            "<.callActivity id=\"t\" calledElement=\"ns:other\"><.extensionElements><camunda:in source=\"a\" target=\"b\"/><camunda:in businessKey=\"x\"/><camunda:out variables=\"all\"/></.extensionElements></.callActivity>"
        ),
        json!({"callActivity": "t", "process": "other", "with": {"b": "a"}, "setAll": true, "flows": []})
    );
    assert_eq!(
        item(
            "<.userTask id=\"u\"/><.boundaryEvent id=\"b\" attachedToRef=\"u\" cancelActivity=\"false\"><.errorEventDefinition/></.boundaryEvent>\
             <.boundaryEvent id=\"c\" attachedToRef=\"u\"><.compensateEventDefinition/></.boundaryEvent>\
             <.scriptTask id=\"undo\" isForCompensation=\"true\" scriptFormat=\"rhai\"><.script>x = 1;\ny = 2;</.script></.scriptTask>\
             <.association sourceRef=\"c\" targetRef=\"undo\"/><.sequenceFlow id=\"f\" sourceRef=\"b\" targetRef=\"undo\"/>"
        ),
        json!({"userTask": "u", "boundary": [
            {"boundaryEvent": "b", "error": "any", "interrupting": false, "flows": [{"to": "undo", "id": "f"}]},
            {"boundaryEvent": "c", "compensation": true, "to": "undo"},
        ], "flows": []})
    );
    assert_eq!(
        item(
            "<.adHocSubProcess id=\"a\" ordering=\"Sequential\" cancelRemainingInstances=\"false\"><.task id=\"t\"/><.completionCondition>done</.completionCondition></.adHocSubProcess>"
        ),
        json!({"adHocSubProcess": "a", "do": [{"task": "t", "flows": []}], "completionCondition": "done", "ordering": "sequential", "cancelRemaining": false, "flows": []})
    );
}

#[test]
fn an_event_sub_process_has_its_start_event_in_start() {
    let read = as_is(
        "<.process id=\"p\"><.subProcess id=\"x\" triggeredByEvent=\"true\"><.endEvent id=\"e\"/><.startEvent id=\"s\" isInterrupting=\"false\"><.signalEventDefinition/></.startEvent>\
         <.task id=\"t\"/><.sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"t\"/><.sequenceFlow sourceRef=\"t\" targetRef=\"e\"/></.subProcess></.process>",
    );
    assert_eq!(
        read.trees[0].to_json()["eventSubProcesses"],
        json!([{"eventSubProcess": "x", "start": {"id": "s", "signal": "unnamed__signal", "interrupting": false, "flows": [{"to": "t", "id": "f"}]},
                "do": [{"task": "t", "flows": [{"to": "e"}]}, {"endEvent": "e"}]}])
    );
}

#[test]
fn message_flows_send_and_await() {
    let read = as_is(
        "<.message id=\"m\" name=\"Named\"/><.collaboration id=\"c\"><.participant id=\"A\" processRef=\"p\"/><.participant id=\"B\" processRef=\"q\"/>\
         <.messageFlow id=\"1\" sourceRef=\"a\" targetRef=\"start\"/><.messageFlow id=\"2\" sourceRef=\"t\" targetRef=\"u\"/>\
         <.messageFlow id=\"3\" sourceRef=\"t\" targetRef=\"r\"/><.messageFlow id=\"4\" sourceRef=\"e\" targetRef=\"B\"/></.collaboration>\
         <.process id=\"p\"><.sendTask id=\"a\"/><.task id=\"t\"/><.endEvent id=\"e\"/></.process>\
         <.process id=\"q\"><.startEvent id=\"start\"><.messageEventDefinition/></.startEvent><.userTask id=\"u\"/><.receiveTask id=\"r\" messageRef=\"m\"/></.process>",
    );
    let [p, q] = [read.trees[0].to_json(), read.trees[1].to_json()];
    assert_eq!(
        p["flow"],
        json!([{"sendTask": "a", "sends": ["flow:start"], "flows": []}, {"task": "t", "sends": ["flow:u", "Named"], "flows": []}, {"endEvent": "e"}])
    );
    assert_eq!(
        q["flow"],
        json!([{"startEvent": "start", "message": "flow:start", "flows": []}, {"userTask": "u", "awaits": "flow:u", "flows": []}, {"receiveTask": "r", "message": "Named", "flows": []}])
    );
    assert_eq!(q["messages"], json!({"flow:start": {}, "flow:u": {}, "Named": {}}));
}

#[test]
fn ids_become_snake_case_and_the_report_says_so() {
    let inside =
        "<.process id=\"MyProcess\"><.userTask id=\"Check It\"/><.userTask id=\"check_it\"/><.task id=\"审核\"/><.task/></.process>";
    let read = read(&source(inside), ReadOptions { ids: Ids::Snake });
    let tree = read.trees[0].to_json();
    assert_eq!(tree["process"], "my-process");
    let ids: Vec<&str> =
        ["userTask", "userTask", "task", "task"].iter().enumerate().filter_map(|(at, word)| tree["flow"][at][word].as_str()).collect();
    assert_eq!(ids, ["check_it", "check_it_2", "task_4", "task_5"]);
    assert!(read.report.iter().any(|line| line.outcome == Outcome::Changes && line.text.zh.contains("Check It 改为 check_it")));
}

#[test]
fn what_is_wrong_with_the_xml_is_told_where_it_stands() {
    let text = |text: &str| Source { name: "a.bpmn".into(), text: text.into() };
    let deep = format!("{}{}", "<a>".repeat(40), "</a>".repeat(40));
    let many = format!("<a>{}</a>", "<b/>".repeat(50_001));
    let attributes: String = (0..200).map(|number| format!(" a{number}=\"\"")).collect();
    let (wide, long) = (format!("<a{attributes}/>"), " ".repeat((4 << 20) + 1));
    let refused = [
        ("<!DOCTYPE a [<!ENTITY x \"y\">]><a/>", 1),
        ("<a>\n&x;</a>", 2),
        ("<a>\n  <b>\n</a>", 3),
        ("<a b=\"1\" b=\"2\"/>", 1),
        ("<a b=\"&x;\"/>", 1),
        ("<a/><b/>", 1),
        ("<a>", 1),
        ("text", 1),
        ("", 1),
        (&deep, 1),
        (&many, 1),
        (&wide, 1),
        (&long, 1),
    ];
    for (xml, line) in refused {
        let read = read(&text(xml), ReadOptions::default());
        let found: Vec<(&str, u32)> = read.findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect();
        assert_eq!(found, [("Y900", line)], "{xml:.60}");
    }
    assert_eq!(read(&text("<a/>"), ReadOptions::default()).findings[0].code, "Y901");
    assert_eq!(as_is("").findings[0].code, "Y901");
    let codes = |inside: &str| as_is(inside).findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect::<Vec<_>>();
    assert_eq!(codes("<.process>\n<.task id=\"t\"/>\n<.task id=\"t\"/></.process>"), [("Y902", 4)]);
    assert_eq!(codes("<.process><.task id=\"t\"/>\n<.sequenceFlow sourceRef=\"t\" targetRef=\"x\"/></.process>"), [("R900", 3)]);
    assert_eq!(codes("<.process><.task id=\"t\"/>\n<.sequenceFlow sourceRef=\"t\" targetRef=\"t\"/></.process>"), []);
    let untranslated = "<.process><.task id=\"t\"/><.sequenceFlow sourceRef=\"t\" targetRef=\"t\"><.conditionExpression>\n ${bean.ok()}</.conditionExpression></.sequenceFlow></.process>";
    assert_eq!(codes(untranslated), [("Y903", 3)]);
    assert_eq!(codes(&untranslated.replace("bean.ok()", "bean.ok")), []);
}
