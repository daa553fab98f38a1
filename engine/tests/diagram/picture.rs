//! Reads an SVG or an outline back into what it shows.

use std::collections::{BTreeMap, BTreeSet};

use quick_xml::{
    Reader,
    events::{BytesStart, Event},
};

/// What a picture or an outline shows.
#[derive(Debug, Default)]
pub(crate) struct Picture {
    pub(crate) nodes: Vec<String>,
    pub(crate) lines: Vec<(String, Vec<(i32, i32)>)>,
    pub(crate) shapes: Vec<(String, Shape)>,
    pub(crate) lanes: Vec<String>,
    pub(crate) links: Vec<String>,
    pub(crate) element_ids: Vec<String>,
    pub(crate) titled: usize,
    pub(crate) attributes: BTreeSet<String>,
    pub(crate) elements: BTreeSet<String>,
    pub(crate) done_flows: Vec<String>,
    pub(crate) size: (i32, i32),
    classes: Vec<(String, String)>,
    flows: Vec<String>,
    /// Translations of the open groups, outermost first.
    moved: Vec<(i32, i32)>,
    open: Vec<BTreeMap<String, String>>,
}

/// The box around a shape.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    pub(crate) left: i32,
    pub(crate) top: i32,
    pub(crate) right: i32,
    pub(crate) bottom: i32,
}

impl Shape {
    /// Whether a level or upright line runs through the inside.
    pub(crate) fn is_crossed(&self, one: (i32, i32), other: (i32, i32)) -> bool {
        let (left, right) = (one.0.min(other.0), one.0.max(other.0));
        let (top, bottom) = (one.1.min(other.1), one.1.max(other.1));
        left < self.right - 1 && right > self.left + 1 && top < self.bottom - 1 && bottom > self.top + 1
    }

    pub(crate) fn overlaps(&self, other: &Self) -> bool {
        self.left < other.right && other.left < self.right && self.top < other.bottom && other.top < self.bottom
    }
}

impl Picture {
    pub(crate) fn read(text: &str) -> Self {
        let mut picture = Self::default();
        let mut reader = Reader::from_str(text);
        loop {
            match reader.read_event().unwrap() {
                Event::Start(start) => picture.enter(&start),
                Event::Empty(start) => {
                    picture.enter(&start);
                    picture.leave();
                }
                Event::End(_) => picture.leave(),
                Event::Eof => return picture,
                _ => {}
            }
        }
    }

    pub(crate) fn flow_ids(&self) -> Vec<String> {
        self.flows.clone()
    }

    /// Ids of nodes with a class, sorted.
    pub(crate) fn with_class(&self, class: &str) -> Vec<&str> {
        let mut ids: Vec<_> =
            self.classes.iter().filter(|(_, classes)| classes.split(' ').any(|c| c == class)).map(|(id, _)| id.as_str()).collect();
        ids.sort_unstable();
        ids
    }

    fn enter(&mut self, start: &BytesStart<'_>) {
        let name = start.name().as_ref().to_owned();
        let attributes: BTreeMap<String, String> = start
            .attributes()
            .map(|attribute| {
                let attribute = attribute.unwrap();
                let value = quick_xml::escape::unescape(&attribute.value).unwrap().into_owned();
                (attribute.key.as_ref().to_owned(), value)
            })
            .collect();
        self.note(&name, &attributes);
        let inside = name == "g" && attributes.get("class").is_some_and(|class| class == "inside");
        let shift = if inside { numbers(&attributes["transform"]) } else { vec![0, 0] };
        self.moved.push((shift[0], shift[1]));
        self.open.push(attributes);
        self.elements.insert(name);
    }

    fn leave(&mut self) {
        self.moved.pop();
        self.open.pop();
    }

    fn note(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        let get = |key: &str| attributes.get(key).cloned();
        self.attributes.extend(attributes.keys().cloned());
        self.element_ids.extend(get("id").filter(|_| name == "li"));
        self.lanes.extend(get("data-lane").filter(|_| !self.moved.iter().any(|&shift| shift != (0, 0))));
        self.titled += usize::from(name == "title");
        if let Some(id) = get("data-node") {
            self.links.extend(get("href"));
            self.classes.push((id.clone(), get("class").unwrap_or_default()));
            self.nodes.push(id);
        }
        if let Some(id) = get("data-flow") {
            if get("class").is_some_and(|class| class.contains("is-done")) {
                self.done_flows.push(id.clone());
            }
            self.flows.push(id);
        }
        match (name, get("class").as_deref()) {
            ("svg", _) => self.size = (attributes["width"].parse().unwrap(), attributes["height"].parse().unwrap()),
            (_, Some("node-shape")) => self.shape(name, attributes),
            (_, Some("flow-line")) => self.line(&attributes["d"]),
            _ => {}
        }
    }

    fn shift(&self) -> (i32, i32) {
        self.moved.iter().fold((0, 0), |sum, shift| (sum.0 + shift.0, sum.1 + shift.1))
    }

    fn shape(&mut self, name: &str, attributes: &BTreeMap<String, String>) {
        let number = |key: &str| attributes[key].parse::<i32>().unwrap();
        let (left, top, right, bottom) = match name {
            "rect" => (number("x"), number("y"), number("x") + number("width"), number("y") + number("height")),
            "circle" => (number("cx") - number("r"), number("cy") - number("r"), number("cx") + number("r"), number("cy") + number("r")),
            _ => {
                let corners = numbers(&attributes["d"]);
                (corners[0], corners[3], corners[4], corners[7])
            }
        };
        let (x, y) = self.shift();
        let id = self.nodes.last().unwrap().clone();
        self.shapes.push((id, Shape { left: left + x, top: top + y, right: right + x, bottom: bottom + y }));
    }

    fn line(&mut self, d: &str) {
        let (x, y) = self.shift();
        let points = numbers(d).chunks(2).map(|pair| (pair[0] + x, pair[1] + y)).collect();
        let id = self.open.iter().rev().find_map(|attributes| attributes.get("data-flow")).unwrap().clone();
        self.lines.push((id, points));
    }
}

/// The whole numbers in a text, in order.
fn numbers(text: &str) -> Vec<i32> {
    text.split(|c: char| !c.is_ascii_digit() && c != '-').filter(|part| !part.is_empty()).map(|part| part.parse().unwrap()).collect()
}
