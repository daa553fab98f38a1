//! Shapes: a node, a boundary event, a flow, as elements.

use super::{
    Overlay,
    geometry::{Form, LABEL_SIZE, NAME_COLUMNS, NAME_LINES, NAME_SIZE, TITLE_BAR, form, name_beneath},
    icons, marks,
    words::{self, class},
    wrap::{shorten, wrap},
};
use crate::{
    definition::{FlowIx, Node, NodeKind, Process},
    text::Text,
    xml::Element,
};

/// A node with its outline, symbol, name and state, as a link to its line in the twin.
pub(super) fn node(node: &Node, centre: (i32, i32), (width, height): (i32, i32), overlay: &Overlay) -> Element {
    let mut link = link(node, overlay);
    let (left, top) = (centre.0 - width / 2, centre.1 - height / 2);
    let corner = (left + 12, top + 12);
    match form(&node.kind) {
        Form::Circle => {
            link = link.children(circles(&node.kind, centre, width / 2)).children(at(icons::icon(&node.kind), centre));
            link = link.child(words_at(&beneath(&name_beneath(node, overlay)), (centre.0, top + height + 13)));
        }
        Form::Diamond => {
            let d = format!("M{left},{}L{},{top}L{},{}L{},{}Z", centre.1, centre.0, left + width, centre.1, centre.0, top + height);
            link = link.child(outline(Element::new("path")).with("d", d)).children(at(icons::icon(&node.kind), centre));
            link = link.child(words_at(&beneath(&name_beneath(node, overlay)), (centre.0, top + height + 13)));
        }
        Form::Task => {
            let lines = wrap(node.title().get(overlay.language), NAME_COLUMNS, NAME_LINES);
            let first = centre.1 + 9 - i32::try_from(lines.len()).unwrap_or(0) * 8 + 6;
            let border = if matches!(node.kind, NodeKind::CallActivity(_)) { 3 } else { 1 };
            link = link.child(rect(left, top, width, height, 8).with("stroke-width", border)).children(at(icons::icon(&node.kind), corner));
            link = link.child(words_at(&name(&lines), (centre.0, first)));
        }
        Form::Frame => {
            let columns = usize::try_from((width - 50) * 2 / NAME_SIZE).unwrap_or(NAME_COLUMNS);
            let title = shorten(node.title().get(overlay.language), columns);
            let dash = matches!(node.kind, NodeKind::EventSubProcess(_));
            let frame = rect(left, top, width, height, 10);
            link = link.child(if dash { frame.with("stroke-dasharray", "3 3") } else { frame });
            if matches!(node.kind, NodeKind::Transaction(_)) {
                link = link.child(rect(left + 3, top + 3, width - 6, height - 6, 8).with("fill", "none"));
            }
            link = link.children(at(icons::icon(&node.kind), corner)).child(words_at(&name(&[title]), (centre.0, top + TITLE_BAR - 9)));
        }
    }
    if let Some(marker) = icons::repetition(node) {
        link = link.children(at(Some(marker), (centre.0, top + height - 8)));
    }
    mark(compared(link, node, (left, top), overlay), node, (left + width, top), overlay)
}

/// A boundary event on the bottom of its host, with its name at the right of the line that leaves it.
pub(super) fn boundary(node: &Node, centre: (i32, i32), radius: i32, name: &[String], overlay: &Overlay) -> Element {
    let place = (centre.0 + 5, centre.1 + radius + 13);
    let link = link(node, overlay).children(circles(&node.kind, centre, radius)).children(at(icons::icon(&node.kind), centre));
    let name = Words { class: "node-name", anchor: "start", size: LABEL_SIZE, line_height: 13, lines: name };
    let link = compared(link.child(words_at(&name, place)), node, (centre.0 - radius, centre.1 - radius), overlay);
    mark(link, node, (centre.0 + radius, centre.1 - radius), overlay)
}

/// A flow along `line`, with its label at a place.
pub(super) fn flow(
    process: &Process,
    ix: FlowIx,
    line: &[(i32, i32)],
    (label, place): (&str, (i32, i32)),
    overlay: &Overlay,
    head: &str,
) -> Element {
    let flow = &process.flows[ix];
    let (from, to) = (&process.nodes[flow.from], &process.nodes[flow.to]);
    // A node that was passed does not tell whether its flow back to itself was.
    let passed =
        flow.from != flow.to && overlay.done.contains(&from.id) && (overlay.done.contains(&to.id) || overlay.active.contains(&to.id));
    let corners = line.iter().enumerate().map(|(index, (x, y))| format!("{}{x},{y}", if index == 0 { 'M' } else { 'L' }));
    let path = Element::new("path")
        .class("flow-line")
        .with("d", corners.collect::<String>())
        .with("fill", "none")
        .with("stroke", "currentColor")
        .with("marker-end", format!("url(#{head})"));
    let mut title = format!("{} → {}", words::name(from).get(overlay.language), words::name(to).get(overlay.language));
    if let Some(label) = words::label(process, flow) {
        title = format!("{title}: {}", label.get(overlay.language));
    }
    let mut group = Element::new("g").class(if passed { "flow is-done" } else { "flow" }).with("data-flow", &flow.id);
    group = group.child(Element::new("title").text(title)).child(path);
    if !label.is_empty() {
        let words = Words { class: "flow-label", anchor: "start", size: LABEL_SIZE, line_height: 14, lines: &[label.to_owned()] };
        group = group.child(words_at(&words, place));
    }
    group
}

fn link(node: &Node, overlay: &Overlay) -> Element {
    let mut classes = format!("node {}", class(&node.kind));
    let mut title = format!("{} · {}", words::name(node).get(overlay.language), words::kind(&node.kind).get(overlay.language));
    for (ids, class, word) in
        [(&overlay.active, "is-active", Text::new("当前", "current")), (&overlay.done, "is-done", Text::new("已过", "passed"))]
    {
        if ids.contains(&node.id) {
            classes = format!("{classes} {class}");
            title = format!("{title} · {}", word.get(overlay.language));
        }
    }
    if let Some(mark) = overlay.marks.get(&node.id) {
        classes = format!("{classes} {}", mark.class());
        title = format!("{title} · {}", mark.name().get(overlay.language));
    }
    if node.id.contains("__") {
        classes.push_str(" implied");
    }
    let target = format!("#twin-{}", node.id);
    Element::new("a").class(classes).with("href", target).with("data-node", &node.id).child(Element::new("title").text(title))
}

/// What a comparison with another version says of a node.
fn compared(link: Element, node: &Node, corner: (i32, i32), overlay: &Overlay) -> Element {
    match overlay.marks.get(&node.id) {
        Some(&mark) => link.children(marks::badge(mark, corner)),
        None => link,
    }
}

/// A dot for a token, a tick for a node that was passed, at the upper right corner: not told by colour alone.
fn mark(link: Element, node: &Node, (x, y): (i32, i32), overlay: &Overlay) -> Element {
    if overlay.active.contains(&node.id) {
        let dot = Element::new("circle").class("token").with("cx", x - 4).with("cy", y + 4).with("r", 7).with("fill", "currentColor");
        return link.child(dot);
    }
    if overlay.done.contains(&node.id) {
        return link.children(at(Some(icons::tick()), (x - 8, y + 9)));
    }
    link
}

/// Event circles: one thin for a start, one thick for an end, two for what waits; dashed if it does not interrupt.
fn circles(kind: &NodeKind, (x, y): (i32, i32), radius: i32) -> Vec<Element> {
    let circle = |radius: i32| outline(Element::new("circle")).with("cx", x).with("cy", y).with("r", radius);
    match kind {
        NodeKind::EndEvent(_) => vec![circle(radius).with("stroke-width", 3)],
        NodeKind::CatchEvent(_) | NodeKind::ThrowEvent(_) => vec![circle(radius), circle(radius - 3)],
        NodeKind::BoundaryEvent(event) if !event.interrupting => {
            vec![circle(radius).with("stroke-dasharray", "3 2"), circle(radius - 3).with("stroke-dasharray", "3 2")]
        }
        NodeKind::BoundaryEvent(_) => vec![circle(radius), circle(radius - 3)],
        _ => vec![circle(radius)],
    }
}

/// White, so that lines and borders beneath do not show through; the style sheet says better.
fn outline(shape: Element) -> Element {
    shape.class("node-shape").with("fill", "#fff").with("stroke", "currentColor")
}

fn rect(left: i32, top: i32, width: i32, height: i32, round: i32) -> Element {
    outline(Element::new("rect")).with("x", left).with("y", top).with("width", width).with("height", height).with("rx", round)
}

fn at(icon: Option<Element>, (x, y): (i32, i32)) -> Option<Element> {
    icon.map(|icon| icon.with("transform", format!("translate({x} {y})")))
}

/// Lines of text whose first stands at a place.
struct Words<'a> {
    class: &'static str,
    anchor: &'static str,
    size: i32,
    line_height: i32,
    lines: &'a [String],
}

fn name(lines: &[String]) -> Words<'_> {
    Words { class: "node-name", anchor: "middle", size: NAME_SIZE, line_height: 16, lines }
}

fn beneath(lines: &[String]) -> Words<'_> {
    Words { size: LABEL_SIZE, line_height: 14, ..name(lines) }
}

fn words_at(words: &Words<'_>, (x, y): (i32, i32)) -> Element {
    let spans = words.lines.iter().enumerate().map(|(index, line)| {
        let y = y + i32::try_from(index).unwrap_or(0) * words.line_height;
        Element::new("tspan").with("x", x).with("y", y).text(line)
    });
    Element::new("text")
        .class(words.class)
        .with("font-size", words.size)
        .with("text-anchor", words.anchor)
        .with("fill", "currentColor")
        .children(spans)
}
