//! Rows: within its band, each item near those it follows, ordered so that few edges cross.

use super::graph::{Edge, Item};

/// More edges than this are not searched for a better order: counting crossings looks at every pair.
const EDGES_MAX: usize = 400;
/// Sweeps through the columns, there and back.
const SWEEPS: usize = 6;

/// Where the items of a scope stand in the grid.
#[derive(Clone, Debug, Default)]
pub(super) struct Grid {
    /// Column of each item.
    pub(super) column: Vec<usize>,
    /// Row of each item, counted through all bands.
    pub(super) row: Vec<usize>,
    /// First row of each band, and at the end the number of rows.
    pub(super) band_rows: Vec<usize>,
    pub(super) columns: usize,
}

impl Grid {
    pub(super) fn rows(&self) -> usize {
        self.band_rows.last().copied().unwrap_or(0)
    }
}

/// Chooses rows for items whose column and band are given.
pub(super) fn grid(column: Vec<usize>, band: &[usize], bands: usize, edges: &[Edge]) -> Grid {
    let columns = column.iter().max().map_or(0, |&last| last + 1);
    let mut sorter = Sorter { column, band, edges, in_band: vec![0; band.len()], cells: Vec::new() };
    sorter.fill_cells(columns, bands);
    sorter.place();
    if edges.len() <= EDGES_MAX {
        sorter.reduce_crossings(bands);
    }
    let starts = sorter.band_rows(bands);
    let row = sorter.in_band.iter().zip(band).map(|(row, &band)| starts[band] + row).collect();
    Grid { column: sorter.column, row, band_rows: starts, columns }
}

struct Sorter<'a> {
    column: Vec<usize>,
    band: &'a [usize],
    edges: &'a [Edge],
    /// Row of each item within its band.
    in_band: Vec<usize>,
    /// Items of each column and band, columns first.
    cells: Vec<Vec<Item>>,
}

impl Sorter<'_> {
    fn fill_cells(&mut self, columns: usize, bands: usize) {
        self.cells = vec![Vec::new(); columns * bands];
        for item in 0..self.band.len() {
            self.cells[self.column[item] * bands + self.band[item]].push(item);
        }
    }

    /// From left to right: each item in the row of what it follows in its own band, if that is free, else near it.
    fn place(&mut self) {
        for cell in 0..self.cells.len() {
            let mut items = self.cells[cell].clone();
            items.sort_by_key(|&item| (self.wish(item), item));
            let mut taken: Vec<usize> = Vec::new();
            for item in items {
                let wish = self.wish(item);
                let row =
                    (0..=wish + taken.len() + 1).filter(|row| !taken.contains(row)).min_by_key(|row| row.abs_diff(wish)).unwrap_or(wish);
                taken.push(row);
                self.in_band[item] = row;
            }
        }
    }

    fn wish(&self, item: Item) -> usize {
        let before =
            |edge: &&Edge| edge.to == item && self.column[edge.from] < self.column[item] && self.band[edge.from] == self.band[item];
        let nearest = self.edges.iter().filter(before).max_by_key(|edge| (self.column[edge.from], usize::MAX - edge.flow));
        nearest.map_or(0, |edge| self.in_band[edge.from] + usize::from(edge.boundary.is_some()))
    }

    /// Sweeps through the columns and orders each cell by the mean of its neighbours' rows; keeps the best order met.
    fn reduce_crossings(&mut self, bands: usize) {
        let mut best = (self.cost(bands), self.in_band.clone());
        for sweep in 0..SWEEPS {
            let forward = sweep % 2 == 0;
            let order: Vec<usize> = if forward { (0..self.cells.len()).collect() } else { (0..self.cells.len()).rev().collect() };
            for cell in order {
                self.order_cell(cell, forward, bands);
            }
            let cost = self.cost(bands);
            if cost < best.0 {
                best = (cost, self.in_band.clone());
            }
        }
        self.in_band = best.1;
    }

    fn order_cell(&mut self, cell: usize, forward: bool, bands: usize) {
        let mut items = self.cells[cell].clone();
        if items.len() < 2 {
            return;
        }
        let positions = self.positions(bands);
        let mean = |item: Item| {
            let neighbours = self.edges.iter().filter_map(|edge| match (edge.to == item, edge.from == item) {
                (true, false) if forward => Some(positions[edge.from]),
                (false, true) if !forward => Some(positions[edge.to]),
                _ => None,
            });
            let (sum, count) = neighbours.fold((0, 0), |(sum, count), position| (sum + position, count + 1));
            // In thousandths, so that it stays whole.
            (sum * 1000_usize).checked_div(count).unwrap_or(positions[item] * 1000)
        };
        let mut rows: Vec<usize> = items.iter().map(|&item| self.in_band[item]).collect();
        rows.sort_unstable();
        items.sort_by_key(|&item| (mean(item), item));
        for (item, row) in items.into_iter().zip(rows) {
            self.in_band[item] = row;
        }
    }

    /// Pairs of edges whose straight lines would cross; then the rows that edges climb, so that straight is better.
    fn cost(&self, bands: usize) -> (usize, usize) {
        let positions = self.positions(bands);
        let lines: Vec<_> = self.edges.iter().map(|edge| line(&self.column, &positions, edge)).collect();
        let pairs = lines.iter().enumerate().flat_map(|(index, one)| lines[index + 1..].iter().map(move |other| (one, other)));
        let crossings = pairs.filter(|(one, other)| cross(**one, **other)).count();
        let climbs = self.edges.iter().map(|edge| positions[edge.from].abs_diff(positions[edge.to])).sum();
        (crossings, climbs)
    }

    fn positions(&self, bands: usize) -> Vec<usize> {
        let starts = self.band_rows(bands);
        (0..self.band.len()).map(|item| starts[self.band[item]] + self.in_band[item]).collect()
    }

    /// First row of each band, and the number of rows.
    fn band_rows(&self, bands: usize) -> Vec<usize> {
        let mut starts = vec![0];
        for band in 0..bands {
            let rows = (0..self.band.len()).filter(|&item| self.band[item] == band).map(|item| self.in_band[item] + 1).max().unwrap_or(1);
            starts.push(starts[band] + rows);
        }
        starts
    }
}

/// A line from the left end to the right end, in whole columns and rows.
type Line = ((i64, i64), (i64, i64));

fn line(column: &[usize], position: &[usize], edge: &Edge) -> Line {
    let end = |item: Item| (whole(column[item]), whole(position[item]));
    let (one, other) = (end(edge.from), end(edge.to));
    if one.0 <= other.0 { (one, other) } else { (other, one) }
}

fn whole(value: usize) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX / 1_000_000)
}

/// Whether two lines cross within the columns that they share.
fn cross(one: Line, other: Line) -> bool {
    let (left, right) = (one.0.0.max(other.0.0), one.1.0.min(other.1.0));
    if left >= right {
        return false;
    }
    let (before, after) = (difference(one, other, left), difference(one, other, right));
    (before < 0 && after > 0) || (before > 0 && after < 0)
}

/// Sign-true difference of two lines' heights at `x`, scaled so that it stays whole.
fn difference(one: Line, other: Line, x: i64) -> i64 {
    let (width_one, width_other) = (one.1.0 - one.0.0, other.1.0 - other.0.0);
    let height = |line: Line, width: i64| line.0.1 * width + (line.1.1 - line.0.1) * (x - line.0.0);
    height(one, width_one) * width_other - height(other, width_other) * width_one
}
