//! Ports: where edges leave an item, so that no two share a line and none is taken for another's.

use super::{
    geometry::PORT,
    graph::{Edge, Graph, Item},
    route::{Route, Routes},
    rows::Grid,
};
use crate::definition::Process;

/// Whether an edge leaves upwards, straight on, or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Way {
    Up,
    Straight,
    Down,
}

/// How far up or down from the middle of its item each edge leaves; 0 for those that leave through a boundary event.
pub(super) fn offsets(graph: &Graph, grid: &Grid, routes: &Routes) -> Vec<i32> {
    let mut offsets = vec![0; graph.edges.len()];
    for item in 0..graph.items.len() {
        let mut leaving: Vec<_> = ways(graph, grid, routes, item).collect();
        leaving.sort_by_key(|&(_, way)| way);
        let straight = leaving.iter().position(|&(_, way)| way == Way::Straight);
        let ups = leaving.iter().filter(|&&(_, way)| way == Way::Up).count();
        for (place, &(edge, way)) in leaving.iter().enumerate() {
            let (place, ups, count) = (whole(place), whole(ups), whole(leaving.len()));
            offsets[edge] = match (straight, way) {
                // In steps from the one that goes straight on.
                (Some(middle), _) => (place - whole(middle)) * PORT,
                (None, Way::Up) if followed(grid, item) => (place - ups) * PORT,
                (None, _) if followed(grid, item) => (place - ups + 1) * PORT,
                (None, _) => (2 * place - count + 1) * PORT / 2,
            };
        }
    }
    offsets
}

/// How far from the middle of each item its edges reach.
pub(super) fn reach(graph: &Graph, offsets: &[i32]) -> Vec<i32> {
    let own = |item| graph.edges.iter().zip(offsets).filter(move |(edge, _)| edge.from == item).map(|(_, offset)| offset.abs());
    (0..graph.items.len()).map(|item| own(item).max().unwrap_or(0)).collect()
}

/// Gives the edges that leave through boundary events their offset from the middle of the bottom.
pub(super) fn add_boundaries(process: &Process, graph: &Graph, widths: &[i32], offsets: &mut [i32]) {
    for (index, edge) in graph.edges.iter().enumerate() {
        if let Some(event) = edge.boundary {
            let border = &process.nodes[graph.items[edge.from]].boundary;
            let place = border.iter().position(|&ix| ix == event).unwrap_or(0);
            offsets[index] = boundary_offset(place, border.len(), widths[edge.from]);
        }
    }
}

/// Where the boundary event number `place` of `count` stands on a bottom of `width`, from the middle.
pub(super) fn boundary_offset(place: usize, count: usize, width: i32) -> i32 {
    let (place, count) = (whole(place), whole(count.max(1)));
    // Left of its share, so that its name has room at its right.
    width * place / count + 20 - width / 2
}

/// Whether an item stands right of `item` in its row: then an edge that turns away must not look as if it led there.
fn followed(grid: &Grid, item: Item) -> bool {
    (0..grid.row.len()).any(|other| grid.row[other] == grid.row[item] && grid.column[other] == grid.column[item] + 1)
}

fn ways<'a>(graph: &'a Graph, grid: &'a Grid, routes: &'a Routes, item: Item) -> impl Iterator<Item = (usize, Way)> + 'a {
    let own = move |(_, edge): &(usize, &Edge)| edge.from == item && edge.boundary.is_none();
    graph.edges.iter().enumerate().filter(own).map(move |(index, edge)| (index, way(grid, edge, routes.of[index])))
}

fn way(grid: &Grid, edge: &Edge, route: Route) -> Way {
    let (row, other) = (grid.row[edge.from], grid.row[edge.to]);
    match route {
        Route::Around(channel) if channel < row => Way::Up,
        Route::Around(_) | Route::Below(_) => Way::Down,
        Route::Next | Route::OwnRow | Route::OtherRow if other == row => Way::Straight,
        Route::Next | Route::OwnRow | Route::OtherRow if other < row => Way::Up,
        Route::Next | Route::OwnRow | Route::OtherRow => Way::Down,
    }
}

fn whole(value: usize) -> i32 {
    i32::try_from(value).unwrap_or(0)
}
