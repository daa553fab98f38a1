//! Collaborations, conversations and participants (`F908`).

use super::{Checker, Node, refer_in};

const CODE: &str = "F908";
/// What a global conversation cannot hold.
const NOT_GLOBAL: &[&str] = &[
    "conversation",
    "subConversation",
    "callConversation",
    "participantAssociation",
    "messageFlowAssociation",
    "conversationAssociation",
    "association",
    "group",
    "textAnnotation",
];

impl<'d> Checker<'d> {
    pub(super) fn collaboration(&mut self, node: Node<'d>) {
        match node.word() {
            "participantMultiplicity" => self.multiplicity(node),
            "choreography" | "globalConversation" | "globalChoreographyTask" if node.child("choreographyRef").is_some() => {
                self.broken(CODE, node, "EXT.027", "这里不能引用编排", "it must not refer to a choreography");
            }
            "collaboration" => {
                if let Some(choreography) = refer_in(node, "choreographyRef")
                    && choreography.flag("isClosed", false) != node.flag("isClosed", false)
                {
                    self.broken(CODE, node, "EXT.033", "isClosed 与所引用的编排不同", "isClosed differs from the choreography's");
                }
            }
            "process" if node.given("processType") == Some("Public") && node.flag("isExecutable", false) => {
                self.broken(CODE, node, "EXT.035", "公开流程不能标为可执行", "a public process is marked as executable");
            }
            _ => {}
        }
        if node.is("globalConversation")
            && let Some(odd) = node.children().find(|child| NOT_GLOBAL.contains(&child.word()) || child.is("messageFlow"))
        {
            let word = odd.name();
            self.broken(CODE, odd, "EXT.032", format!("全局会话里不能有 {word}"), format!("a {word} stands in a global conversation"));
        }
    }

    fn multiplicity(&mut self, node: Node<'d>) {
        let number = |key, absent| node.given(key).map_or(Some(absent), |text| text.parse::<i64>().ok());
        let (Some(least), Some(most)) = (number("minimum", 0), number("maximum", 1)) else { return };
        if least < 0 {
            self.broken(CODE, node, "EXT.029", "minimum 不能为负", "minimum is negative");
        }
        if most < 1 || most < least {
            self.broken(CODE, node, "EXT.030", "maximum 须不小于一，且不小于 minimum", "maximum is less than one or less than minimum");
        }
    }
}
