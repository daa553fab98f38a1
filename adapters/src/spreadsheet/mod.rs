//! Spreadsheets (.xlsx): bytes to cells and back. What the cells mean is said by [`tongban_engine::organisation::sheet`].
//!
//! Nothing in a spreadsheet is trusted: it is measured before it is unpacked, read cell by cell, and no formula is computed.

mod read;
mod write;

pub use read::read;
pub use write::{MEDIA_TYPE, template, written};

/// Bytes of a spreadsheet, at most.
pub const BYTES_MAX: usize = 2 * 1024 * 1024;
/// Rows of all its sheets, at most.
pub const ROWS_MAX: usize = 20_000;
/// Columns of a sheet, at most.
const COLUMNS_MAX: usize = 64;
/// Bytes of its members unpacked, at most.
const UNPACKED_MAX: u64 = 64 * 1024 * 1024;
/// Members, at most.
const MEMBERS_MAX: usize = 500;
/// Sheets, at most.
const SHEETS_MAX: usize = 20;

/// Why a spreadsheet is not read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpreadsheetError {
    /// More than [`BYTES_MAX`].
    #[error("larger than 2 MiB")]
    TooLarge,
    /// It is something else, or damaged.
    #[error("not a readable .xlsx file: {0}")]
    Unreadable(String),
    /// It holds macros.
    #[error("holds macros")]
    Macros,
    /// More rows, columns or sheets than are read, or it unpacks to too much.
    #[error("too much in it: {0}")]
    TooMuch(&'static str),
    /// It could not be written.
    #[error("cannot be written: {0}")]
    Unwritten(String),
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests;
