//! What vendors add that has no effect here: delegates, listeners, forms, assignment.

use super::Reader;
use crate::bpmn::xml::{Node, Space};

/// Attributes that are read elsewhere.
const READ: &[&str] =
    &["collection", "elementVariable", "decisionRef", "resultVariable", "mapDecisionResult", "inheritVariables", "formFieldValidation"];
/// Extension elements that are read elsewhere.
const READ_ELEMENTS: &[&str] = &[
    "in",
    "out",
    "ioMapping",
    "calledElement",
    "calledDecision",
    "script",
    "loopCharacteristics",
    "subscription",
    "inputOutput",
    "variableListenerEventDefinition",
];

impl<'d> Reader<'d> {
    /// Reports every attribute and extension element of vendors that is not read.
    pub(super) fn vendors(&mut self, node: Node<'d>) {
        let vendor = |space| matches!(space, Space::Camunda | Space::Zeebe);
        for attribute in node.attributes().iter().filter(|attribute| vendor(attribute.space)) {
            if !READ.contains(&attribute.name.as_str()) {
                let (zh, en) = meaning(&attribute.name);
                let (name, value) = (&attribute.name, &attribute.value);
                self.left_out(node, format!("{zh}（{name}={value}）"), format!("{en} ({name}={value})"));
            }
        }
        for child in node.extensions().filter(|child| vendor(child.space()) && !READ_ELEMENTS.contains(&child.name())) {
            let (zh, en) = meaning(child.name());
            self.left_out(child, format!("{zh}（{}）", child.name()), format!("{en} ({})", child.name()));
        }
        if let Some(io) = node.extension(Space::Camunda, "inputOutput") {
            for input in io.children().filter(|child| child.name() == "inputParameter") {
                self.left_out(
                    input,
                    "输入映射：脚本与表单直接读取办件数据",
                    "an input mapping: scripts and forms read the case's data themselves",
                );
            }
        }
    }
}

/// What a vendor's word stands for.
fn meaning(word: &str) -> (&'static str, &'static str) {
    match word {
        "class" | "delegateExpression" | "expression" | "type" | "topic" | "taskDefinition" | "connector" | "field" => {
            ("原引擎的程序调用：写明 operation 代替", "a call of the other engine's code: give an `operation` instead")
        }
        "executionListener" | "taskListener" | "executionListeners" | "taskListeners" => ("监听器", "a listener"),
        "formKey" | "formData" | "formDefinition" | "formRef" | "formProperty" => ("表单：写明 form 代替", "a form: give `form` instead"),
        "assignee" | "candidateUsers" | "candidateGroups" | "assignmentDefinition" | "initiator" => {
            ("指派：写明 lane 或 assign 代替", "an assignment: give `lane` or `assign` instead")
        }
        "dueDate" | "followUpDate" | "taskSchedule" => ("期限：写明 due 代替", "a due date: give `due` instead"),
        "asyncBefore" | "asyncAfter" | "async" | "exclusive" | "jobPriority" | "failedJobRetryTimeCycle" => {
            ("原引擎的作业设置，此处不需要", "a setting for the other engine's jobs, not needed here")
        }
        _ => ("原引擎的设置", "a setting of the other engine"),
    }
}
