//! What tasks and callable elements take in and give back, against operations and messages (`D903`).

use super::{
    Checker, Node,
    items::{differ, item_of},
    refer, refer_in,
};

const CODE: &str = "D903";

impl<'d> Checker<'d> {
    pub(super) fn operation(&mut self, node: Node<'d>) {
        match node.word() {
            "serviceTask" => self.service_task(node),
            "sendTask" => self.message_task(node, "inputSet", "dataInput", ["EXT.046", "EXT.047", "EXT.048"]),
            "receiveTask" => self.message_task(node, "outputSet", "dataOutput", ["EXT.050", "EXT.051", "EXT.052"]),
            "callActivity" => self.call(node),
            _ if node.child("supportedInterfaceRef").is_some() => {
                if node.child("ioBinding").is_none() {
                    self.broken(CODE, node, "EXT.064", "作为服务提供时须有 ioBinding", "exposed as a service, but without an ioBinding");
                }
                for binding in node.all("ioBinding") {
                    self.binding(node, binding);
                }
            }
            _ => {}
        }
    }

    fn service_task(&mut self, node: Node<'d>) {
        let Some(operation) = refer(node, "operationRef").filter(|operation| operation.is("operation")) else { return };
        let io = node.child("ioSpecification");
        let count = |word: &str| io.map_or(0, |io| io.all(word).count());
        if count("inputSet") != 1 {
            self.broken(
                CODE,
                node,
                "EXT.042",
                "调用操作的服务任务须正好有一个 inputSet",
                "a service task with an operation has not exactly one inputSet",
            );
        }
        if count("outputSet") > 1 {
            self.broken(
                CODE,
                node,
                "EXT.043",
                "调用操作的服务任务最多有一个 outputSet",
                "a service task with an operation has several outputSets",
            );
        }
        let Some(io) = io else { return };
        for (data, message, rule) in [("dataInput", "inMessageRef", "EXT.044"), ("dataOutput", "outMessageRef", "EXT.045")] {
            let item = refer_in(operation, message).and_then(item_of);
            if io.all(data).any(|data| differ(item_of(data), item)) {
                let (zh, en) =
                    (format!("{data} 与操作的 {message} 不同"), format!("the {data} holds another item than {message} of the operation"));
                self.broken(CODE, node, rule, zh, en);
            }
        }
    }

    fn message_task(&mut self, node: Node<'d>, set: &str, data: &str, rules: [&str; 3]) {
        let (Some(message), Some(io)) = (refer(node, "messageRef"), node.child("ioSpecification")) else { return };
        for (word, rule) in [(set, rules[0]), (data, rules[1])] {
            if io.all(word).count() > 1 {
                self.broken(CODE, node, rule, format!("最多有一个 {word}"), format!("there are several of {word}"));
            }
        }
        if io.all(data).any(|data| differ(item_of(data), item_of(message))) {
            self.broken(
                CODE,
                node,
                rules[2],
                format!("{data} 与消息的内容不同"),
                format!("the {data} holds another item than the message"),
            );
        }
    }

    /// A call takes and gives exactly what the called element does.
    fn call(&mut self, node: Node<'d>) {
        let Some(called) = refer(node, "calledElement") else { return };
        let (own, other) = (node.child("ioSpecification"), called.child("ioSpecification"));
        let all = |io: Option<Node<'d>>, word: &str| io.map(|io| io.all(word).collect::<Vec<_>>()).unwrap_or_default();
        let same = ["dataInput", "dataOutput", "inputSet", "outputSet"].iter().all(|word| {
            let (own, other) = (all(own, word), all(other, word));
            own.len() == other.len() && own.iter().zip(&other).all(|(own, other)| !differ(item_of(*own), item_of(*other)))
        });
        if !same {
            let (zh, en) = ("带入带出的数据与被调用的元素不同", "the ioSpecification does not match that of the called element");
            self.broken(CODE, node, "EXT.063", zh, en);
        }
    }

    fn binding(&mut self, node: Node<'d>, binding: Node<'d>) {
        let Some(operation) = refer(binding, "operationRef").filter(|operation| operation.is("operation")) else { return };
        let supported =
            node.all("supportedInterfaceRef").any(|child| child.text().and_then(|id| self.document.by_id(id)) == operation.parent());
        let data = |key: &str, set: &str, refs: &str| {
            let found = refer(binding, key)?;
            if found.is(set) { refer_in(found, refs) } else { Some(found) }
        };
        let pairs = [
            (data("inputDataRef", "inputSet", "dataInputRefs"), refer_in(operation, "inMessageRef")),
            (data("outputDataRef", "outputSet", "dataOutputRefs"), refer_in(operation, "outMessageRef")),
        ];
        let outside = |data: Node<'d>| data.parent().and_then(Node::parent) != Some(node);
        let wrong =
            pairs.iter().any(|(data, message)| data.is_some_and(outside) || differ(data.and_then(item_of), message.and_then(item_of)));
        if !supported || wrong {
            let (zh, en) =
                ("ioBinding 没有把输入输出正确地绑到操作上", "the ioBinding does not bind an input and an output to the operation");
            self.broken(CODE, binding, "EXT.065", zh, en);
        }
    }
}
