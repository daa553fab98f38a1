//! The register as a spreadsheet: units, people and posts, one sheet each, read with every fault by its cell.
//!
//! Whatever the file format, a sheet comes here as rows of [`Cell`]s and goes from here as rows of texts.

mod columns;
mod dates;
mod plan;
mod read;
#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
mod write;

use jiff::civil::DateTime;

pub use self::{
    columns::{Column, SheetKind},
    dates::{Bound, day_of, moment_of},
    plan::{Counted, Import, plan},
    write::{kind_name, written},
};
use crate::text::Text;

/// A cell as it was read.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cell {
    /// Nothing.
    #[default]
    Empty,
    /// Text.
    Text(String),
    /// A number, as it would be shown: leading zeros and long digits are lost by now.
    Number(String),
    /// A date, or date and time, without a zone.
    Date(DateTime),
    /// A formula: never computed, never trusted.
    Formula,
    /// Something else: a truth value, an error.
    Other(String),
}

/// A sheet as it was read. Row 0 of `rows` is the spreadsheet's row 1.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// Its name on the tab.
    pub name: String,
    /// Its cells.
    pub rows: Vec<Vec<Cell>>,
}

/// A fault in a spreadsheet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetFault {
    /// The sheet's name.
    pub sheet: String,
    /// The spreadsheet's row, from 1; 0: the sheet as a whole.
    pub row: usize,
    /// The spreadsheet's column, from 0.
    pub column: usize,
    /// The column's heading, as it stands in the sheet.
    pub heading: String,
    /// Stable kebab-case code.
    pub code: &'static str,
    /// What is wrong, and what to do.
    pub message: Text,
}

impl SheetFault {
    /// The cell as spreadsheets call it: `C5`; a column's letters for the heading of what is missing.
    pub fn cell(&self) -> String {
        if self.row == 0 { String::new() } else { format!("{}{}", letters(self.column), self.row) }
    }
}

/// A column's letters: `A`, `Z`, `AA`.
fn letters(column: usize) -> String {
    let (mut column, mut letters) = (column + 1, Vec::new());
    while column > 0 {
        letters.push(char::from(b'A' + u8::try_from((column - 1) % 26).unwrap_or_default()));
        column = (column - 1) / 26;
    }
    letters.into_iter().rev().collect()
}
