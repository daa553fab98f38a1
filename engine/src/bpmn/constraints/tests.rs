//! Each constraint with a bad and a good example, and one model that breaks none.

use serde::Deserialize;

use super::check_constraints;
use crate::source::Source;

/// What the model breaks: the finding's code and the constraints named in its help.
fn broken(inside: &str) -> Vec<(&'static str, String)> {
    let text = format!(
        "<d:definitions xmlns:d=\"http://www.omg.org/spec/BPMN/20100524/MODEL\" xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\">{inside}</d:definitions>"
    );
    let text = text.replace("<.", "<d:").replace("</.", "</d:");
    let findings = check_constraints(&Source { name: "a.bpmn".into(), text: text.into() });
    findings.into_iter().map(|finding| (finding.code, finding.help.map(|help| help.zh).unwrap_or_default())).collect()
}

/// A constraint with what breaks it and what does not.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Example {
    code: String,
    rule: String,
    r#in: String,
    bad: String,
    good: String,
}

impl Example {
    fn around(&self, inside: &str) -> String {
        match self.r#in.as_str() {
            "process" => format!("<.process id=\"p\">{inside}</.process>"),
            "executable" => format!("<.process id=\"p\" isExecutable=\"true\">{inside}</.process>"),
            _ => inside.to_owned(),
        }
    }

    fn names(&self, inside: &str) -> bool {
        broken(&self.around(inside)).iter().any(|(code, help)| *code == self.code && help.contains(&self.rule))
    }
}

#[test]
fn each_constraint_tells_the_bad_from_the_good() {
    let examples: Vec<Example> = serde_yaml::from_str(include_str!("examples.yaml")).expect("examples");
    assert!(examples.len() > 100);
    for example in examples {
        let Example { code, rule, bad, good, .. } = &example;
        assert!(example.names(bad), "{code} {rule} expected: {bad}: {:?}", broken(&example.around(bad)));
        assert!(!example.names(good), "no {code} {rule} expected: {good}");
    }
}

#[test]
fn a_model_that_keeps_to_all_of_them_has_no_finding() {
    let good = "<.process id=\"p\" isExecutable=\"true\"><.startEvent id=\"s\"><.outgoing>f</.outgoing></.startEvent>\
                <.sequenceFlow id=\"f\" sourceRef=\"s\" targetRef=\"g\"/>\
                <.exclusiveGateway id=\"g\" gatewayDirection=\"Diverging\" default=\"h\"><.incoming>f</.incoming><.outgoing>h</.outgoing><.outgoing>i</.outgoing></.exclusiveGateway>\
                <.sequenceFlow id=\"h\" sourceRef=\"g\" targetRef=\"e\"/>\
                <.sequenceFlow id=\"i\" sourceRef=\"g\" targetRef=\"e\"><.conditionExpression xsi:type=\"d:tFormalExpression\">x > 1</.conditionExpression></.sequenceFlow>\
                <.endEvent id=\"e\"><.incoming>h</.incoming><.incoming>i</.incoming></.endEvent></.process>";
    assert_eq!(broken(good), []);
    assert_eq!(broken("<a>&x;</a>")[0].0, "Y900");
}
