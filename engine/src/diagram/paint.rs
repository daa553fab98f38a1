//! The picture: scopes laid out from the inside out, then drawn as elements.

use super::{
    Overlay,
    bands::{Band, SYSTEM, bands},
    geometry::{BOUNDARY_RADIUS, Form, LABEL_SIZE, NAME_SIZE, Size, TITLE_BAR, boundary_name, form, size},
    graph::Graph,
    layers::layers,
    marks,
    place::{BAND_HEAD, Given, Layout},
    places::Places,
    ports, route,
    rows::grid,
    shapes, words,
    wrap::{pixels, shorten},
};
use crate::{
    definition::{NodeIx, Process, ScopeIx},
    xml::Element,
};

/// Columns of an edge's label.
const LABEL_COLUMNS: usize = 20;
/// Distance between event sub-processes, and from them to the border.
const GAP: i32 = 16;

/// Draws one process.
pub(super) struct Painter<'a> {
    pub(super) process: &'a Process,
    pub(super) overlay: &'a Overlay,
}

/// A scope drawn: its size and its elements, from (0, 0).
pub(super) struct Picture {
    pub(super) size: (i32, i32),
    pub(super) elements: Vec<Element>,
    pub(super) places: Places,
}

impl Painter<'_> {
    /// The whole `svg` element.
    pub(super) fn svg(&self) -> Element {
        let mut picture = self.scope(0);
        if !self.overlay.gone.is_empty() {
            let (row, width) = marks::gone(&self.overlay.gone, picture.size.1, self.overlay.language);
            picture.elements.extend(row);
            picture.size = (picture.size.0.max(width), picture.size.1 + marks::ROW);
        }
        let (width, height) = (picture.size.0 + 2, picture.size.1 + 2);
        let name = self.process.name.get(self.overlay.language);
        let head = Element::new("path").class("flow-head").with("d", "M0,0L8,4L0,8Z").with("fill", "currentColor");
        let marker = Element::new("marker")
            .with("id", self.head_id())
            .with("viewBox", "0 0 8 8")
            .with("refX", 8)
            .with("refY", 4)
            .with("markerWidth", 8)
            .with("markerHeight", 8)
            .with("orient", "auto")
            .with("markerUnits", "userSpaceOnUse")
            .child(head);
        Element::new("svg")
            .with("xmlns", "http://www.w3.org/2000/svg")
            .class("diagram")
            .with("viewBox", format!("-1 -1 {width} {height}"))
            .with("width", width)
            .with("height", height)
            .with("role", "group")
            .with("aria-label", name)
            .with("font-family", "sans-serif")
            .child(Element::new("defs").child(marker))
            .children(picture.elements)
    }

    fn head_id(&self) -> String {
        format!("flow-head-{}", self.process.id)
    }

    pub(super) fn scope(&self, scope: ScopeIx) -> Picture {
        let process = self.process;
        let graph = Graph::of(process, scope);
        let (bands, band_of) = bands(process, self.overlay, &graph.items);
        let grid = grid(layers(graph.items.len(), &graph.edges), &band_of, bands.len(), &graph.edges);
        let routes = route::routes(&graph, &grid);
        let mut ports = ports::offsets(&graph, &grid, &routes);
        let reach = ports::reach(&graph, &ports);
        let mut inside: Vec<Option<Picture>> = graph.items.iter().map(|&ix| self.inside(ix)).collect();
        let size_of = |item: usize| {
            let inner = inside[item].as_ref().map(|picture| picture.size);
            size(&process.nodes[graph.items[item]], self.overlay, inner, reach[item])
        };
        let sizes: Vec<Size> = (0..graph.items.len()).map(size_of).collect();
        let forms: Vec<Form> = graph.items.iter().map(|&ix| form(&process.nodes[ix].kind)).collect();
        let widths: Vec<i32> = sizes.iter().map(|size| size.width).collect();
        ports::add_boundaries(process, &graph, &widths, &mut ports);
        let labels: Vec<String> = graph.edges.iter().map(|edge| self.label(edge.flow)).collect();
        let label_widths: Vec<i32> = labels.iter().map(|label| if label.is_empty() { 0 } else { pixels(label, LABEL_SIZE) + 14 }).collect();
        let shown = bands.len() > 1 || bands.iter().any(|band| band.id != SYSTEM);
        let band_heights: Vec<i32> = bands.iter().map(|band| if shown { self.band_height(band) } else { 0 }).collect();
        let given = Given {
            graph: &graph,
            grid: &grid,
            routes: &routes,
            sizes: &sizes,
            forms: &forms,
            labels: &label_widths,
            band_heights: &band_heights,
            ports: &ports,
        };
        let mut layout = given.layout();
        let (mut below, mut places) = (Vec::new(), Places::default());
        self.add_event_sub_processes(&graph, &mut layout, &mut below, &mut places);
        let mut elements = Vec::new();
        if shown {
            for (index, (band, &place)) in bands.iter().zip(&layout.bands).enumerate() {
                let inside = (0..graph.items.len()).filter(|&item| band_of[item] == index).map(|item| graph.items[item]);
                places.lane(band, place, layout.width, inside.collect());
            }
            elements.extend(bands.iter().zip(&layout.bands).map(|(band, &place)| self.band(band, place, layout.width)));
        }
        let mut nodes = Vec::new();
        for item in 0..graph.items.len() {
            nodes.extend(self.item(graph.items[item], layout.centre[item], sizes[item], inside[item].take(), &mut places));
        }
        let lines = graph.edges.iter().enumerate().map(|(index, edge)| {
            let line = given.line(&layout, index);
            places.flows.push((edge.flow, line.clone()));
            let label = (labels[index].as_str(), given.label_place(&layout, index));
            shapes::flow(process, edge.flow, &line, label, self.overlay, &self.head_id())
        });
        elements.extend(lines);
        elements.extend(nodes);
        elements.extend(below);
        Picture { size: (layout.width, layout.height), elements, places }
    }

    fn inside(&self, ix: NodeIx) -> Option<Picture> {
        self.process.nodes[ix].kind.inside().map(|scope| self.scope(scope))
    }

    fn label(&self, flow: usize) -> String {
        let label = words::label(self.process, &self.process.flows[flow]);
        label.map(|label| shorten(label.get(self.overlay.language), LABEL_COLUMNS)).unwrap_or_default()
    }

    fn band_height(&self, band: &Band) -> i32 {
        pixels(band.title(self.overlay.language), NAME_SIZE) + 20
    }

    fn band(&self, band: &Band, (top, height): (i32, i32), width: i32) -> Element {
        let class = if band.id == SYSTEM { "band band-system" } else { "band" };
        let rect = |class: &str, width: i32| {
            let place = Element::new("rect").class(class).with("x", 0).with("y", top).with("width", width).with("height", height);
            place.with("fill", "none").with("stroke", "currentColor").with("stroke-opacity", "0.3")
        };
        let (x, y) = (BAND_HEAD / 2, top + height / 2);
        let name = Element::new("text")
            .class("band-name")
            .with("font-size", NAME_SIZE)
            .with("text-anchor", "middle")
            .with("dominant-baseline", "central")
            .with("transform", format!("translate({x} {y}) rotate(-90)"))
            .text(band.title(self.overlay.language));
        Element::new("g")
            .class(class)
            .with("data-lane", &band.id)
            .child(rect("band-body", width))
            .child(rect("band-head", BAND_HEAD))
            .child(name)
    }

    /// An item with what stands on its border and inside.
    fn item(&self, ix: NodeIx, centre: (i32, i32), size: Size, inside: Option<Picture>, places: &mut Places) -> Vec<Element> {
        let node = &self.process.nodes[ix];
        places.node(ix, centre, (size.width, size.height));
        let mut elements = vec![shapes::node(node, centre, (size.width, size.height), self.overlay)];
        let corner = (centre.0 - size.width / 2, centre.1 - size.height / 2 + TITLE_BAR);
        if let Some(picture) = inside {
            let place = format!("translate({} {})", corner.0, corner.1);
            elements.push(Element::new("g").class("inside").with("transform", place).children(picture.elements));
            places.add_inside(picture.places, corner);
        }
        for (place, &event) in node.boundary.iter().enumerate() {
            let x = centre.0 + ports::boundary_offset(place, node.boundary.len(), size.width);
            let y = centre.1 + size.height / 2;
            places.boundary(event, (x, y));
            let name = boundary_name(self.process, event, self.overlay);
            elements.push(shapes::boundary(&self.process.nodes[event], (x, y), BOUNDARY_RADIUS, &name, self.overlay));
        }
        elements
    }

    /// Event sub-processes stand below the bands, side by side, since no flow reaches them.
    fn add_event_sub_processes(&self, graph: &Graph, layout: &mut Layout, elements: &mut Vec<Element>, places: &mut Places) {
        let (mut x, top) = (GAP, layout.height + GAP);
        for &ix in &graph.event_sub_processes {
            let inside = self.inside(ix);
            let size = size(&self.process.nodes[ix], self.overlay, inside.as_ref().map(|picture| picture.size), 0);
            let centre = (x + size.width / 2, top + size.height / 2);
            elements.extend(self.item(ix, centre, size, inside, places));
            x += size.width + GAP;
            layout.width = layout.width.max(x);
            layout.height = layout.height.max(top + size.height + size.below + GAP);
        }
    }
}
