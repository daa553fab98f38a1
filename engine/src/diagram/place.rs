//! Places in pixels: columns, rows, channels and bands, and the line of every edge.

use super::{
    geometry::{BOUNDARY_RADIUS, Form, PORT, Size},
    graph::{Edge, Graph},
    route::{Route, Routes, own, shared},
    rows::Grid,
};

/// Distance between tracks.
const TRACK: i32 = 10;
/// Room that a channel has besides its tracks.
const CHANNEL: i32 = 18;
/// Width of the strip with a band's name.
pub(super) const BAND_HEAD: i32 = 28;
const MARGIN: i32 = 12;

/// Where everything stands.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// Centre of each item.
    pub(super) centre: Vec<(i32, i32)>,
    /// Top and height of each band.
    pub(super) bands: Vec<(i32, i32)>,
    pub(super) width: i32,
    pub(super) height: i32,
    /// Where the edges of each item fan out.
    exit: Vec<i32>,
    tracks_x: Vec<i32>,
    tracks_y: Vec<i32>,
}

/// What a layout is made from.
pub(super) struct Given<'a> {
    pub(super) graph: &'a Graph,
    pub(super) grid: &'a Grid,
    pub(super) routes: &'a Routes,
    pub(super) sizes: &'a [Size],
    pub(super) forms: &'a [Form],
    /// Width of each edge's label.
    pub(super) labels: &'a [i32],
    /// Height of each band at least, for its name; all 0 if bands are not shown.
    pub(super) band_heights: &'a [i32],
    /// Where each edge leaves its item: up or down from the centre, or left or right of it for a boundary event.
    pub(super) ports: &'a [i32],
}

impl Given<'_> {
    pub(super) fn layout(&self) -> Layout {
        let mut layout = Layout { centre: vec![(0, 0); self.sizes.len()], ..Layout::default() };
        let shown = self.band_heights.iter().any(|&height| height > 0);
        self.place_columns(&mut layout, if shown { BAND_HEAD } else { 0 });
        self.place_rows(&mut layout);
        layout
    }

    /// How far the fan of `item` stands from its centre: at the border of a task, beside the name of a small shape.
    fn reach(&self, item: usize) -> i32 {
        let size = self.sizes[item];
        match self.forms[item] {
            Form::Task | Form::Frame => size.width / 2,
            Form::Circle | Form::Diamond => size.cell_width / 2 + 6,
        }
    }

    fn place_columns(&self, layout: &mut Layout, head: i32) {
        let mut x = head + MARGIN;
        let mut label_zone = 0;
        for column in 0..=self.grid.columns {
            layout.tracks_x.push(x + label_zone + TRACK);
            x += label_zone + CHANNEL + self.routes.vertical.count(column) * TRACK;
            let items: Vec<_> = (0..self.sizes.len()).filter(|&item| self.grid.column[item] == column).collect();
            let width = items.iter().map(|&item| self.sizes[item].cell_width).max().unwrap_or(0);
            for &item in &items {
                layout.centre[item].0 = x + width / 2;
            }
            let overhang = |(index, edge): (usize, &Edge)| {
                let label = if edge.boundary.is_some() { 0 } else { self.labels[index] };
                self.reach(edge.from) + label - width / 2
            };
            let leaving = self.graph.edges.iter().enumerate().filter(|(_, edge)| self.grid.column[edge.from] == column);
            label_zone = leaving.map(overhang).max().unwrap_or(0).max(0);
            x += width;
        }
        layout.width = x + MARGIN;
        layout.exit = (0..self.sizes.len()).map(|item| layout.centre[item].0 + self.reach(item)).collect();
    }

    fn place_rows(&self, layout: &mut Layout) {
        let mut y = 0;
        for (band, &least) in self.band_heights.iter().enumerate() {
            let top = y;
            y += MARGIN;
            for row in self.grid.band_rows[band]..self.grid.band_rows[band + 1] {
                let items: Vec<_> = (0..self.sizes.len()).filter(|&item| self.grid.row[item] == row).collect();
                let up = |item: usize| (self.sizes[item].height / 2).max(self.port_reach(item));
                let down = |item: usize| self.sizes[item].height / 2 + self.sizes[item].below;
                let middle = y + items.iter().map(|&item| up(item)).max().unwrap_or(0);
                y = middle + items.iter().map(|&item| down(item)).max().unwrap_or(0);
                for &item in &items {
                    layout.centre[item].1 = middle;
                }
                layout.tracks_y.push(y + TRACK);
                y += CHANNEL + self.routes.horizontal.count(row) * TRACK;
            }
            y = y.max(top + least);
            layout.bands.push((top, y - top));
        }
        layout.height = y;
    }

    fn port_reach(&self, item: usize) -> i32 {
        let leaving = self.graph.edges.iter().zip(self.ports).filter(|(edge, _)| edge.from == item && edge.boundary.is_none());
        leaving.map(|(_, port)| port.abs() + PORT / 2).max().unwrap_or(0)
    }

    /// Where the label of edge `index` stands: on its first stretch, after the fan of a small shape.
    pub(super) fn label_place(&self, layout: &Layout, index: usize) -> (i32, i32) {
        let item = self.graph.edges[index].from;
        (layout.exit[item] + 6, layout.centre[item].1 + self.ports[index] - 3)
    }

    /// The corners of edge `index`.
    pub(super) fn line(&self, layout: &Layout, index: usize) -> Vec<(i32, i32)> {
        let edge = &self.graph.edges[index];
        let (from, to) = (self.grid.column[edge.from], self.grid.column[edge.to]);
        let centre = layout.centre[edge.from];
        let y = centre.1 + self.ports[index];
        let mut line =
            vec![(centre.0 + self.sizes[edge.from].width / 2, centre.1), (layout.exit[edge.from], centre.1), (layout.exit[edge.from], y)];
        if matches!(self.forms[edge.from], Form::Task | Form::Frame) {
            line = vec![(layout.exit[edge.from], y)];
        }
        let entry = (layout.centre[edge.to].0 - self.sizes[edge.to].width / 2, layout.centre[edge.to].1);
        let vertical = |channel: usize, key: usize| layout.tracks_x[channel] + self.routes.vertical.track(channel, key) * TRACK;
        let horizontal = |channel: usize| layout.tracks_y[channel] + self.routes.horizontal.track(channel, shared(edge.to)) * TRACK;
        match self.routes.of[index] {
            Route::Next | Route::OwnRow => {
                let x = vertical(to, shared(edge.to));
                line.extend([(x, y), (x, entry.1)]);
            }
            Route::OtherRow => {
                let x = vertical(from + 1, own(index));
                line.extend([(x, y), (x, entry.1)]);
            }
            Route::Around(channel) => {
                let (x, across, last) = (vertical(from + 1, own(index)), horizontal(channel), vertical(to, shared(edge.to)));
                line.extend([(x, y), (x, across), (last, across), (last, entry.1)]);
            }
            Route::Below(channel) => {
                let (across, last) = (horizontal(channel), vertical(to, shared(edge.to)));
                let bottom = centre.1 + self.sizes[edge.from].height / 2 + BOUNDARY_RADIUS;
                let start = (centre.0 + self.ports[index], bottom);
                line = vec![start, (start.0, across), (last, across), (last, entry.1)];
            }
        }
        line.push(entry);
        simplify(line)
    }
}

/// Without corners that are none.
fn simplify(line: Vec<(i32, i32)>) -> Vec<(i32, i32)> {
    let mut simple: Vec<(i32, i32)> = Vec::new();
    for point in line {
        if simple.last() == Some(&point) {
            continue;
        }
        if let [.., before, last] = simple.as_slice() {
            let on_one_line = (before.0 == last.0 && last.0 == point.0) || (before.1 == last.1 && last.1 == point.1);
            if on_one_line {
                simple.pop();
            }
        }
        simple.push(point);
    }
    simple
}
