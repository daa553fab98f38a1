//! Two versions of a process compared: in words, each change with its place, and as marks on the new diagram.

mod elements;
mod forms;
mod parts;
mod words;

use crate::{
    bpmn,
    definition::{Definition, is_xml},
    diagram::{Drawing, Mark, Overlay, draw},
    source::{Place, Source, Tree, parse},
    text::Text,
};

/// One difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Whether it came, went or became another.
    pub mark: Mark,
    /// What kind of thing, such as `element`, `lane`, `clock`, `field`.
    pub what: &'static str,
    /// Its id.
    pub id: String,
    /// The element of the diagram that it is about, if it is about one.
    pub element: Option<String>,
    /// Where it stands: in the new version, or in the old one if it went.
    pub place: Place,
    /// A sentence for people.
    pub text: Text,
}

/// Every difference between two versions, in the order of parts: the process itself, lanes, messages, data, clocks, elements
/// in the new version's order, flows, forms, decisions and other files.
pub fn compare(old: &Definition, new: &Definition) -> Vec<Change> {
    let mut changes = Vec::new();
    if let (Some(before), Some(after)) = (tree(old), tree(new)) {
        let sides = Sides { old: (&before.0, &before.1), new: (&after.0, &after.1) };
        changes.extend(parts::compare(&sides));
        changes.extend(elements::compare(&sides));
    }
    changes.extend(elements::flows(&old.process, &new.process, &changes));
    changes.extend(forms::compare(old, new));
    changes.extend(forms::files(old, new));
    changes
}

/// The new version's diagram with its changes marked; what went stands below it by name.
pub fn drawn(new: &Definition, changes: &[Change], overlay: Overlay) -> Drawing {
    let mut overlay = overlay;
    for change in changes {
        let Some(element) = &change.element else { continue };
        match change.mark {
            Mark::Removed if change.what == "element" => overlay.gone.push(element.clone()),
            // What came is not marked as changed besides.
            mark => drop(overlay.marks.entry(element.clone()).and_modify(|known| *known = (*known).min(mark)).or_insert(mark)),
        }
    }
    overlay.marks.retain(|id, _| new.process.by_id.contains_key(id));
    draw(&new.process, &overlay)
}

/// The trees of both versions with the files that they were read from.
struct Sides<'a> {
    old: (&'a Source, &'a Tree),
    new: (&'a Source, &'a Tree),
}

impl Sides<'_> {
    fn place_in_new(&self, tree: &Tree) -> Place {
        Place { file: self.new.0.name.clone(), span: tree.span }
    }

    fn place_in_old(&self, tree: &Tree) -> Place {
        Place { file: self.old.0.name.clone(), span: tree.span }
    }
}

/// The tree that a definition was built from.
fn tree(definition: &Definition) -> Option<(Source, Tree)> {
    let process = &definition.process;
    let named = |path: &str| path.split('#').next() == Some(&process.place.file);
    let (_, text) = definition.files.iter().find(|(path, _)| named(path))?;
    let source = Source { name: process.place.file.clone(), text: text.as_str().into() };
    let trees = if is_xml(&source) { bpmn::read(&source, bpmn::ReadOptions::default()).trees } else { vec![parse(&source).0?] };
    let own = trees.into_iter().find(|tree| tree.get("process").and_then(Tree::scalar) == Some(&process.id))?;
    Some((source, own))
}
