//! Loops and multi-instance.

use super::Reader;
use crate::{
    bpmn::{
        shrub::{Shrub, plain, scalar},
        xml::{Node, Space},
    },
    expression,
    source::Tree,
};

impl<'d> Reader<'d> {
    /// `loop:` or `multiInstance:` of an activity.
    pub(super) fn repetition(&mut self, activity: Node<'d>, item: &mut Shrub) {
        if let Some(repeated) = activity.child("standardLoopCharacteristics") {
            item.put("loop", self.standard_loop(repeated));
        } else if let Some(several) = activity.child("multiInstanceLoopCharacteristics") {
            item.put("multiInstance", self.multi_instance(activity, several));
        }
    }

    fn standard_loop(&mut self, node: Node<'d>) -> Tree {
        let mut repeated = Shrub::at(node.span());
        let condition = node.child("loopCondition").and_then(|condition| self.expression(condition));
        repeated.put_some("while", condition);
        match node.given("loopMaximum").map(|max| max.trim().parse::<i64>()) {
            Some(Ok(max)) => repeated.put("max", plain(node.span(), &max.to_string())),
            Some(Err(_)) => self.left_out(node, "loopMaximum 不是数字", "loopMaximum is no number"),
            None => {}
        }
        repeated.flag("testBefore", node.flag("testBefore", false));
        repeated.tree()
    }

    fn multi_instance(&mut self, activity: Node<'d>, node: Node<'d>) -> Tree {
        let mut several = Shrub::at(node.span());
        let instances = self.instances(activity, node).unwrap_or_else(|| plain(node.span(), "true"));
        several.put(if node.flag("isSequential", false) { "sequential" } else { "parallel" }, instances);
        let count = node.child("loopCardinality").and_then(|count| self.expression(count));
        several.put_some("count", count);
        let complete = node.child("completionCondition").and_then(|condition| self.expression(condition));
        several.put_some("complete", complete.or_else(|| self.zeebe_completion(node)));
        several.put_some("collect", self.collected(activity, node));
        for (key, reference, behaviour) in [("eachThrows", "noneBehaviorEventRef", "None"), ("firstThrows", "oneBehaviorEventRef", "One")] {
            let definition = node.given(reference).and_then(|id| self.document.by_id(id));
            if let Some(definition) = definition.filter(|_| node.given("behavior") == Some(behaviour)) {
                let thrown = self.thrown_besides(definition);
                several.put(key, thrown);
            }
        }
        let told = ["eachThrows", "firstThrows"].iter().any(|key| several.has(key));
        if let Some(behaviour) = node.given("behavior").filter(|behaviour| *behaviour != "All" && !told) {
            self.left_out(
                node,
                format!("多实例的 behavior={behaviour}（每个实例完成时抛出事件）"),
                format!("behavior={behaviour} of the multi-instance (events thrown as instances complete)"),
            );
        }
        several.tree()
    }

    /// `{VARIABLE: LIST}`.
    fn instances(&mut self, activity: Node<'d>, node: Node<'d>) -> Option<Tree> {
        let (list, variable) = self.collection(activity, node)?;
        let mut instances = Shrub::at(node.span());
        instances.put(variable.as_deref().unwrap_or("item"), scalar(node.span(), &list));
        Some(instances.tree())
    }

    fn collection(&mut self, activity: Node<'d>, node: Node<'d>) -> Option<(String, Option<String>)> {
        if let Some(list) = node.vendor(Space::Camunda, "collection") {
            let list = if expression::is_marked(list) { self.rhai(node, list) } else { list.to_owned() };
            return Some((list, node.vendor(Space::Camunda, "elementVariable").map(str::to_owned)));
        }
        if let Some(zeebe) = node.extension(Space::Zeebe, "loopCharacteristics")
            && let Some(list) = zeebe.given("inputCollection")
        {
            return Some((self.rhai(zeebe, list), zeebe.given("inputElement").map(str::to_owned)));
        }
        let reference = node.child("loopDataInputRef")?.text()?;
        let list = self.data_behind(activity, reference);
        let variable = node.child("inputDataItem").and_then(|item| item.given("name").or_else(|| item.id()));
        Some((list, variable.map(str::to_owned)))
    }

    fn zeebe_completion(&mut self, node: Node<'d>) -> Option<Tree> {
        // Camunda 8 writes it in BPMN's own element; some tools put it beside the collection.
        let zeebe = node.extension(Space::Zeebe, "loopCharacteristics")?;
        let text = zeebe.given("completionCondition")?;
        Some(scalar(zeebe.span(), &self.rhai(zeebe, text)))
    }

    /// `{OUTER_LIST: INNER_NAME}`.
    fn collected(&mut self, activity: Node<'d>, node: Node<'d>) -> Option<Tree> {
        let (outer, inner) = match node.extension(Space::Zeebe, "loopCharacteristics") {
            Some(zeebe) => {
                let outer = zeebe.given("outputCollection")?.to_owned();
                (outer, self.rhai(zeebe, zeebe.given("outputElement")?))
            }
            None => {
                let outer = self.data_behind(activity, node.child("loopDataOutputRef")?.text()?);
                let item = node.child("outputDataItem")?;
                (outer, item.given("name").or_else(|| item.id())?.to_owned())
            }
        };
        if !inner.chars().all(|c| c.is_alphanumeric() || c == '_') {
            self.left_out(node, format!("汇总的“{inner}”不是名称"), format!("what is collected, `{inner}`, is no name"));
            return None;
        }
        let mut collected = Shrub::at(node.span());
        collected.text(&outer, &inner);
        Some(collected.tree())
    }
}
