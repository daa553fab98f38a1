//! Routes: which channels each edge runs through, before anything has a place in pixels.
//!
//! Vertical channel `c` lies left of column `c` (so the last one is right of all columns); horizontal channel `r` lies
//! below row `r`. Edges that end in one item share their last vertical line; so do the horizontal ones that lead there.

use super::{
    graph::{Edge, Graph},
    rows::Grid,
    tracks::Channels,
};

/// How an edge runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// Right out of the item, up or down before the next column, into its neighbour.
    Next,
    /// Right out of the item along its own row, up or down before the last column.
    OwnRow,
    /// Right out of the item, up or down after its column, along the other's row.
    OtherRow,
    /// Right out of the item, to the horizontal channel, along it, up or down before the other's column.
    Around(usize),
    /// Out of the boundary event below, along the horizontal channel, up or down before the other's column.
    Below(usize),
}

/// All routes of a scope, with their tracks.
#[derive(Debug, Default)]
pub(super) struct Routes {
    pub(super) of: Vec<Route>,
    pub(super) vertical: Channels,
    pub(super) horizontal: Channels,
}

/// Key of the line that all edges into an item share; edges' own lines have odd keys.
pub(super) fn shared(item: usize) -> usize {
    item * 2
}

/// Key of an edge's own line.
pub(super) fn own(edge: usize) -> usize {
    edge * 2 + 1
}

/// Finds a route for every edge.
pub(super) fn routes(graph: &Graph, grid: &Grid) -> Routes {
    let mut free = Free::new(graph, grid);
    let mut routes = Routes::default();
    for (index, edge) in graph.edges.iter().enumerate() {
        let route = free.route(grid, edge);
        add_lines(&mut routes, grid, index, edge, route);
        routes.of.push(route);
    }
    routes.vertical.assign();
    routes.horizontal.assign();
    routes
}

/// Cells of the grid that neither an item nor a line has taken.
struct Free {
    taken: Vec<bool>,
    columns: usize,
}

impl Free {
    fn new(graph: &Graph, grid: &Grid) -> Self {
        let mut free = Self { taken: vec![false; grid.columns * grid.rows()], columns: grid.columns };
        for item in 0..graph.items.len() {
            free.taken[grid.row[item] * grid.columns + grid.column[item]] = true;
        }
        free
    }

    fn route(&mut self, grid: &Grid, edge: &Edge) -> Route {
        let (from, to) = (grid.column[edge.from], grid.column[edge.to]);
        let (row, other) = (grid.row[edge.from], grid.row[edge.to]);
        if edge.boundary.is_some() {
            return Route::Below(row);
        }
        if to == from + 1 {
            return Route::Next;
        }
        if to > from && self.take(row, from + 1, to) {
            return Route::OwnRow;
        }
        if to > from && self.take(other, from + 1, to) {
            return Route::OtherRow;
        }
        Route::Around(if other < row { row - 1 } else { row })
    }

    /// Takes the cells of `row` from column `from` to before `to`, if all are free.
    fn take(&mut self, row: usize, from: usize, to: usize) -> bool {
        let cells = row * self.columns + from..row * self.columns + to;
        if self.taken[cells.clone()].iter().any(|&taken| taken) {
            return false;
        }
        self.taken[cells].fill(true);
        true
    }
}

/// Steps along a vertical channel: rows are odd, the channels below them even. Along a horizontal one: columns are odd.
fn add_lines(routes: &mut Routes, grid: &Grid, index: usize, edge: &Edge, route: Route) {
    let (from, to) = (grid.column[edge.from], grid.column[edge.to]);
    let (row, other) = (grid.row[edge.from] * 2 + 1, grid.row[edge.to] * 2 + 1);
    let (own, shared) = (own(index), shared(edge.to));
    match route {
        Route::Next | Route::OwnRow => routes.vertical.add(to, shared, row, other),
        Route::OtherRow => routes.vertical.add(from + 1, own, row, other),
        Route::Around(channel) => {
            let across = channel * 2 + 2;
            routes.vertical.add(from + 1, own, row, across);
            routes.horizontal.add(channel, shared, (from + 1) * 2, to * 2);
            routes.vertical.add(to, shared, across, other);
        }
        Route::Below(channel) => {
            routes.horizontal.add(channel, shared, from * 2 + 1, to * 2);
            routes.vertical.add(to, shared, channel * 2 + 2, other);
        }
    }
}
