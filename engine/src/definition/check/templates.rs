//! Templates: what a notice or document reads must be there.

use std::collections::BTreeSet;

use crate::{
    definition::{Process, context::Context, names::META, shape::suggestion},
    diagnostic::Finding,
    text::Text,
};

/// Names that every template sees besides the case's data.
const BESIDES: [&str; 4] = [META, "application_no", "document", "extension"];

/// Reports names that a template reads although the process has no such data.
pub(super) fn check(cx: &mut Context<'_>, process: &Process) {
    if cx.names_unsure {
        return;
    }
    let locals =
        process.nodes.iter().filter_map(|node| node.multi_instance.as_ref()).flat_map(|multi| multi.types.keys().map(String::as_str));
    let known: BTreeSet<&str> = process.data.fields.keys().map(String::as_str).chain(locals).chain(BESIDES).collect();
    let names: Vec<&str> = known.iter().copied().collect();
    for template in cx.around.templates.names() {
        for read in cx.around.templates.reads(template) {
            let root = read.path.split(['.', '/', '[']).next().unwrap_or_default();
            if known.contains(root) {
                continue;
            }
            let message = Text::new(format!("模板读取的“{root}”没有声明"), format!("the template reads `{root}`, which is not declared"));
            cx.findings.push(Finding::error("R015", read.place, message).help(suggestion(root, &names)));
        }
    }
}
