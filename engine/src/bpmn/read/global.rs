//! Global tasks: callable processes of one task.

use super::Reader;
use crate::{
    bpmn::{
        shrub::{Shrub, list, scalar},
        xml::Node,
    },
    source::Tree,
};

/// The element of the dialect that a global task holds.
pub(super) fn word(node: Node<'_>) -> Option<&'static str> {
    Some(match node.word() {
        "globalTask" => "task",
        "globalUserTask" => "userTask",
        "globalManualTask" => "manualTask",
        "globalScriptTask" => "scriptTask",
        "globalBusinessRuleTask" => "businessRuleTask",
        _ => return None,
    })
}

impl<'d> Reader<'d> {
    pub(super) fn global_task(&mut self, node: Node<'d>, word: &'static str) -> Tree {
        let id = self.id(node);
        let mut task = Shrub::at(node.span());
        let inner = if self.ids == super::Ids::Snake { id.replace('-', "_") } else { id.clone() };
        task.put(word, scalar(node.span(), &inner));
        task.put_some("name", self.name(node));
        match word {
            "scriptTask" => self.script(node, node.given("scriptLanguage"), &mut task),
            "businessRuleTask" => self.decision(node, &mut task),
            _ => {}
        }
        task.put("flows", list(node.span(), Vec::new()));
        let mut tree = Shrub::at(node.span());
        self.process_head(node, &id, &mut tree);
        tree.put("flow", list(node.span(), vec![task.tree()]));
        self.maps(node, crate::text::Text::new("全局任务成为只有一个环节的流程", "the global task becomes a process of one element"));
        tree.tree()
    }
}
