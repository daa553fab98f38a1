//! Ports: where edges leave an item, so that no two share a line and none is taken for another's.

use super::{
    geometry::PORT,
    graph::{Edge, Graph, Item},
    route::{Route, Routes},
    rows::Grid,
};
use crate::definition::Process;

/// Whether an edge leaves upwards, straight on, or downwards.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Up,
    Straight,
    Down,
}

/// The most edges that leave each item on one side of its middle.
pub(super) fn most(graph: &Graph, grid: &Grid, routes: &Routes) -> Vec<i32> {
    let count = |item, way| ways(graph, grid, routes, item).filter(|&(_, w)| w == way).count();
    let most = |item| i32::try_from(count(item, Way::Up).max(count(item, Way::Down))).unwrap_or(0);
    (0..graph.items.len()).map(most).collect()
}

/// The offset of each edge: from the middle of its item's side, or of its bottom for a boundary event.
pub(super) fn offsets(process: &Process, graph: &Graph, grid: &Grid, routes: &Routes, widths: &[i32]) -> Vec<i32> {
    let mut offsets = vec![0; graph.edges.len()];
    for item in 0..graph.items.len() {
        let leaving: Vec<_> = ways(graph, grid, routes, item).collect();
        if leaving.len() == 1 && !followed(grid, item) {
            continue;
        }
        let (mut up, mut down) = (0, 0);
        for (edge, way) in leaving {
            offsets[edge] = match way {
                Way::Straight => 0,
                Way::Up => {
                    up -= PORT;
                    up
                }
                Way::Down => {
                    down += PORT;
                    down
                }
            };
        }
    }
    for (index, edge) in graph.edges.iter().enumerate() {
        if let Some(event) = edge.boundary {
            let border = &process.nodes[graph.items[edge.from]].boundary;
            let place = border.iter().position(|&ix| ix == event).unwrap_or(0);
            offsets[index] = boundary_offset(place, border.len(), widths[edge.from]);
        }
    }
    offsets
}

/// Where the boundary event number `place` of `count` stands on a bottom of `width`, from the middle.
pub(super) fn boundary_offset(place: usize, count: usize, width: i32) -> i32 {
    let (place, count) = (i32::try_from(place).unwrap_or(0), i32::try_from(count.max(1)).unwrap_or(1));
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
