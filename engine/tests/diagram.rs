//! Pictures and twins, judged from outside: read back, they hold exactly the nodes and flows of the process; no line runs
//! through a shape; nothing in them needs a style attribute.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads the repository")]

#[path = "diagram/picture.rs"]
mod picture;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

use tongban_engine::{
    definition::{Bundle, Definition, Process, load_office},
    diagram::{Overlay, Twin, draw},
    text::{Language, Text},
};

use picture::Picture;

/// The repository's `workflows/` and `forms/`, and a process with the shapes that these do not have.
fn definitions() -> Vec<Arc<Definition>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut files = BTreeMap::new();
    for folder in ["workflows", "forms"] {
        read(&root, &root.join(folder), &mut files);
    }
    files.insert("workflows/tests/shapes/process.yaml".to_owned(), include_str!("diagram/shapes.yaml").to_owned());
    let (office, findings) = load_office(&Bundle { files });
    assert!(office.definitions.contains_key("shapes"), "{findings:#?}");
    office.definitions.into_values().collect()
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            read(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
            files.insert(name, fs::read_to_string(&path).unwrap());
        }
    }
}

fn shapes() -> Arc<Definition> {
    definitions().into_iter().find(|definition| definition.process.id == "shapes").unwrap()
}

/// Ids of nodes and flows, sorted; an id that stands twice is in it twice.
fn ids(process: &Process) -> (Vec<String>, Vec<String>) {
    let nodes = process.nodes.iter().map(|node| node.id.clone()).collect();
    let flows = process.flows.iter().map(|flow| flow.id.clone()).collect();
    (sorted(nodes), sorted(flows))
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn twin_ids(twin: &Twin) -> (Vec<String>, Vec<String>) {
    let nodes = twin.all().iter().map(|line| line.node.clone()).collect();
    let flows = twin.all().iter().flat_map(|line| line.flows.iter().map(|flow| flow.flow.clone())).collect();
    (sorted(nodes), sorted(flows))
}

fn with_language(language: Language) -> Overlay {
    Overlay { language, ..Overlay::default() }
}

#[test]
fn picture_and_twin_hold_the_nodes_and_flows_of_the_process() {
    for definition in definitions() {
        for language in [Language::Zh, Language::En] {
            let drawing = draw(&definition.process, &with_language(language));
            let (nodes, flows) = ids(&definition.process);
            let svg = Picture::read(&drawing.svg);
            let html = Picture::read(&drawing.twin.html(language));
            let id = &definition.process.id;
            assert_eq!((sorted(svg.nodes.clone()), sorted(svg.flow_ids())), (nodes.clone(), flows.clone()), "picture of {id}");
            assert_eq!(twin_ids(&drawing.twin), (nodes.clone(), flows.clone()), "twin of {id}");
            assert_eq!((sorted(html.nodes.clone()), sorted(html.flow_ids())), (nodes, flows), "outline of {id}");
        }
    }
}

#[test]
fn every_node_links_to_its_line_and_has_a_title() {
    for definition in definitions() {
        let drawing = draw(&definition.process, &Overlay::default());
        let (svg, html) = (Picture::read(&drawing.svg), Picture::read(&drawing.twin.html(Language::Zh)));
        assert_eq!(svg.titled, svg.nodes.len() + svg.flow_ids().len(), "{}", definition.process.id);
        let targets: BTreeSet<String> = svg.links.iter().map(|link| link.trim_start_matches('#').to_owned()).collect();
        assert_eq!(targets, html.element_ids.iter().cloned().collect(), "{}", definition.process.id);
    }
}

#[test]
fn nothing_breaks_a_strict_content_security_policy() {
    for definition in definitions() {
        let drawing = draw(&definition.process, &Overlay::default());
        for text in [drawing.svg, drawing.twin.html(Language::En)] {
            let read = Picture::read(&text);
            assert!(!read.attributes.contains("style") && read.attributes.iter().all(|name| !name.starts_with("on")));
            assert!(!read.elements.contains("style") && !read.elements.contains("script"));
        }
    }
}

#[test]
fn lines_are_orthogonal_and_run_through_no_shape() {
    for definition in definitions() {
        let svg = Picture::read(&draw(&definition.process, &Overlay::default()).svg);
        assert_eq!(svg.lines.len(), definition.process.flows.len());
        assert!(svg.shapes.len() >= definition.process.nodes.len());
        for (flow, line) in &svg.lines {
            for pair in line.windows(2) {
                assert!(pair[0].0 == pair[1].0 || pair[0].1 == pair[1].1, "{flow} runs askew: {pair:?}");
                let scope = |id: &str| definition.process.node(id).unwrap().scope;
                let flow_scope = scope(&definition.process.nodes[definition.process.flows.iter().find(|f| f.id == *flow).unwrap().from].id);
                for (node, shape) in svg.shapes.iter().filter(|(node, _)| scope(node) == flow_scope) {
                    assert!(!shape.is_crossed(pair[0], pair[1]), "{flow} runs through {node} of {}", definition.process.id);
                }
            }
        }
    }
}

#[test]
fn shapes_of_one_scope_do_not_overlap_and_stay_in_the_picture() {
    for definition in definitions() {
        let svg = Picture::read(&draw(&definition.process, &Overlay::default()).svg);
        let scope = |id: &str| definition.process.node(id).unwrap().scope;
        let tasks: Vec<_> =
            svg.shapes.iter().filter(|(id, _)| !definition.process.node(id).unwrap().kind.word().starts_with("boundary")).collect();
        for (index, (one, shape)) in tasks.iter().enumerate() {
            assert!(shape.left >= 0 && shape.top >= 0 && shape.right <= svg.size.0 && shape.bottom <= svg.size.1, "{one}");
            for (other, beside) in tasks[index + 1..].iter().filter(|(other, _)| scope(one) == scope(other)) {
                assert!(!shape.overlaps(beside), "{one} and {other} of {}", definition.process.id);
            }
        }
    }
}

#[test]
fn lanes_are_bands_in_declared_order_with_the_system_last() {
    let svg = Picture::read(&draw(&shapes().process, &Overlay::default()).svg);
    assert_eq!(svg.lanes, ["window", "leader", "role:reviewer", "system"]);
}

#[test]
fn the_overlay_shows_where_a_case_stands() {
    let definition = shapes();
    let overlay =
        Overlay { active: ["decide".to_owned()].into(), done: ["begin".to_owned(), "check".to_owned()].into(), ..Overlay::default() };
    let drawing = draw(&definition.process, &overlay);
    let svg = Picture::read(&drawing.svg);
    assert_eq!(svg.with_class("is-active"), ["decide"]);
    assert_eq!(svg.with_class("is-done"), ["begin", "check"]);
    assert_eq!(svg.done_flows, ["begin__check"], "the flow between two passed nodes");
    let states: Vec<_> = drawing.twin.all().iter().filter(|line| line.active || line.done).map(|line| line.node.clone()).collect();
    assert_eq!(states, ["begin", "check", "decide"]);
    assert!(drawing.twin.html(Language::Zh).contains("aria-current=\"step\""));
}

#[test]
fn the_twin_tells_who_does_what_by_when_and_where_it_goes() {
    let roles = BTreeMap::from([("reviewer".to_owned(), Text::new("会签人", "Reviewer"))]);
    let drawing = draw(&shapes().process, &Overlay { roles, ..Overlay::default() });
    let zh = drawing.twin.text(Language::Zh);
    let en = drawing.twin.text(Language::En);
    for line in [
        "2 核对（人工，综合窗口，5 个工作日） → 「送审」到 3 large；「退回重填」（若 rounds < 3）到 2 核对",
        "  2.1 urge_check（边界事件，3 个工作日后，不中断） → 到 12 催办",
        "3 large（判断） → 若 rounds > 1 到 4 审批；否则到 5 会签",
        "5 会签（人工，会签人） → 「提交」到 4 审批",
    ] {
        assert!(zh.lines().any(|found| found == line), "{line}\n{zh}");
    }
    for line in [
        "2 Check (user task, Window, 5 working days) → “Submit” to 3 large; “Refill” (if rounds < 3) to 2 Check",
        "3 large (decision) → if rounds > 1 to 4 Decide; otherwise to 5 Countersign",
    ] {
        assert!(en.lines().any(|found| found == line), "{line}\n{en}");
    }
}

#[test]
fn drawing_is_the_same_every_time() {
    let definition = shapes();
    let overlay = Overlay::default();
    assert_eq!(draw(&definition.process, &overlay).svg, draw(&definition.process, &overlay).svg);
}
