//! Activities that run more than once: multi-instance and standard loops.

use indexmap::IndexMap;

use super::Builder;
use crate::{
    definition::{
        Completion, MultiInstance, NodeIx, ScopeIx, StandardLoop,
        context::{entries, string},
        names::Besides,
    },
    form::FieldType,
    source::{Span, Tree},
    text::Text,
};

impl Builder<'_, '_> {
    /// Reads `multiInstance` and `loop`; `inside` is the sub-process's scope, where the names of instances are local.
    pub(super) fn repetition(&mut self, item: &Tree, node: NodeIx, scope: ScopeIx, inside: Option<ScopeIx>) {
        if let Some(tree) = item.get("loop") {
            self.nodes[node].standard_loop = Some(StandardLoop {
                condition: tree.get("while").and_then(|tree| self.condition(tree, scope, Besides::Instances)),
                max: tree.get("max").and_then(Tree::scalar).and_then(|max| max.parse().ok()),
                test_before: tree.get("testBefore").and_then(Tree::boolean).unwrap_or_default(),
            });
            if tree.get("while").is_none() && tree.get("max").is_none() && !self.cx.lenient {
                self.cx.error("Y011", tree.span, Text::new("loop 须写 while 或 max", "a loop needs `while` or `max`"));
            }
        }
        if let Some(tree) = item.get("multiInstance") {
            if item.get("loop").is_some() {
                self.cx.error("Y018", tree.span, Text::new("loop 与 multiInstance 只能写一个", "either `loop` or `multiInstance`"));
            }
            self.multi_instance(tree, node, scope, inside);
        }
    }

    fn multi_instance(&mut self, tree: &Tree, node: NodeIx, scope: ScopeIx, inside: Option<ScopeIx>) {
        let (parallel, sequential) = (tree.get("parallel"), tree.get("sequential"));
        let listed = entries(parallel.or(sequential)).next();
        let count = tree.get("count").and_then(|count| self.expression(count, scope, Besides::Nothing));
        if listed.is_none() && count.is_none() && !self.cx.lenient {
            self.broken = true;
            if tree.map().is_some() {
                self.cx.error(
                    "Y011",
                    tree.span,
                    Text::new(
                        "multiInstance 缺少 parallel: {变量: 列表} 或 count",
                        "`multiInstance` lacks `parallel: {VARIABLE: LIST}` or `count`",
                    ),
                );
            }
            return;
        }
        let element = listed.and_then(|(variable, span, list)| self.element_name(variable, span, list, scope));
        let collect = self.collect(tree, scope);
        let variable = element.iter().map(|(variable, _, of)| (variable.clone(), of.clone()));
        let locals: IndexMap<String, FieldType> = variable.chain(collect.values().cloned()).collect();
        let complete = tree.get("complete").map_or(Some(Completion::All), |complete| self.completion(complete, scope));
        if let Some(inside) = inside {
            self.scopes[inside].locals = locals.keys().cloned().collect();
            self.scopes[inside].local_types.clone_from(&locals);
        } else {
            self.instance.clone_from(&locals);
        }
        let (variable, collection) = element.map(|(variable, list, _)| (variable, list)).unzip();
        let id = self.nodes[node].id.clone();
        let each_throws = tree.get("eachThrows").map(|tree| self.throw(tree, &id, scope));
        let first_throws = tree.get("firstThrows").map(|tree| self.throw(tree, &id, scope));
        self.nodes[node].multi_instance = Some(MultiInstance {
            each_throws,
            first_throws,
            sequential: sequential.is_some(),
            variable,
            collection,
            count,
            complete: complete.unwrap_or(Completion::All),
            types: locals,
            collect: collect.into_iter().map(|(outer, (inner, _))| (outer, inner)).collect(),
        });
    }

    /// The name that each instance sees its element by, the list, and the element's type.
    fn element_name(
        &mut self,
        variable: &str,
        span: Span,
        list: &Tree,
        scope: ScopeIx,
    ) -> Option<(String, crate::rules::Expression, FieldType)> {
        if crate::rules::is_reserved(variable) {
            self.cx.error("D001", span, Text::new(format!("“{variable}”是保留字"), format!("`{variable}` is reserved in rhai")));
        }
        let collection = self.expression(list, scope, Besides::Nothing)?;
        let of = self.element_type(&collection.text, scope, list.span);
        Some((variable.to_owned(), collection, of))
    }

    /// The type of an element of the list, where the list is a plain data name.
    fn element_type(&mut self, collection: &str, scope: ScopeIx, span: Span) -> FieldType {
        match self.names(scope, Besides::Nothing).data_type(collection.trim()) {
            Some(FieldType::List(of)) => *of,
            None => FieldType::Text,
            Some(other) => {
                self.cx.error("D005", span, Text::new(format!("“{collection}”不是列表"), format!("`{collection}` is not a list")));
                other
            }
        }
    }

    /// `collect: {outer: inner}` with the inner names' types.
    fn collect(&mut self, tree: &Tree, scope: ScopeIx) -> IndexMap<String, (String, FieldType)> {
        let mut collected = IndexMap::new();
        for (outer, span, inner) in entries(tree.get("collect")) {
            let Some(inner_name) = string(inner) else { continue };
            self.data_name(outer, span, scope, &[]);
            let of = match self.names(scope, Besides::Nothing).data_type(outer) {
                Some(FieldType::List(of)) => *of,
                Some(_) => {
                    self.cx.error("D005", span, Text::new(format!("“{outer}”不是列表"), format!("`{outer}` is not a list"))).help =
                        Some(Text::new("声明为 list<类型>", "declare it as `list<TYPE>`"));
                    FieldType::Text
                }
                None => FieldType::Text,
            };
            collected.insert(outer.to_owned(), (inner_name, of));
        }
        collected
    }

    fn completion(&mut self, tree: &Tree, scope: ScopeIx) -> Option<Completion> {
        let text = string(tree)?;
        match text.as_str() {
            "all" => Some(Completion::All),
            "any" => Some(Completion::Any),
            _ => match ratio(&text) {
                Some((part, whole)) if part > 0 && part <= whole => Some(Completion::Ratio(part, whole)),
                Some(_) => {
                    self.cx.error(
                        "Y017",
                        tree.span,
                        Text::new(format!("比例“{text}”须大于 0 且不超过 1"), format!("the ratio `{text}` must be above 0 and at most 1")),
                    );
                    None
                }
                None => self.condition(tree, scope, Besides::Instances).map(Completion::Expression),
            },
        }
    }
}

/// `2/3` or `0.5` as numerator and denominator.
fn ratio(text: &str) -> Option<(u32, u32)> {
    if let Some((part, whole)) = text.split_once('/') {
        let (part, whole) = (part.trim().parse().ok()?, whole.trim().parse().ok()?);
        return (whole > 0).then_some((part, whole));
    }
    let (units, decimals) = text.split_once('.')?;
    let whole = 10_u32.checked_pow(u32::try_from(decimals.len()).ok()?)?;
    let (units, decimals): (u32, u32) = (units.parse().ok()?, decimals.parse().ok()?);
    Some((units.checked_mul(whole)?.checked_add(decimals)?, whole))
}

#[cfg(test)]
mod tests {
    use super::ratio;

    #[test]
    fn ratios_are_exact() {
        assert_eq!(ratio("2/3"), Some((2, 3)));
        assert_eq!(ratio("0.5"), Some((5, 10)));
        assert_eq!(ratio("1.0"), Some((10, 10)));
        assert_eq!(ratio("1/0"), None);
        assert_eq!(ratio("completed >= 2"), None);
    }
}
