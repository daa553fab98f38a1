//! From bytes to cells.

use std::io::{self, Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use jiff::civil::DateTime;
use tongban_engine::organisation::sheet::{Cell, Sheet};
use zip::ZipArchive;

use super::{BYTES_MAX, COLUMNS_MAX, MEMBERS_MAX, ROWS_MAX, SHEETS_MAX, SpreadsheetError, UNPACKED_MAX};

/// The sheets of a spreadsheet, hidden ones included, with their cells as they are written.
///
/// # Errors
/// See [`SpreadsheetError`].
pub fn read(bytes: &[u8]) -> Result<Vec<Sheet>, SpreadsheetError> {
    if bytes.len() > BYTES_MAX {
        return Err(SpreadsheetError::TooLarge);
    }
    measure(bytes)?;
    let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    let names = workbook.sheet_names();
    if names.len() > SHEETS_MAX {
        return Err(SpreadsheetError::TooMuch("sheets"));
    }
    let (mut sheets, mut rows) = (Vec::with_capacity(names.len()), 0);
    for name in names {
        let sheet = sheet(&mut workbook, name)?;
        rows += sheet.rows.len();
        if rows > ROWS_MAX {
            return Err(SpreadsheetError::TooMuch("rows"));
        }
        sheets.push(sheet);
    }
    Ok(sheets)
}

/// Unpacks every member to nowhere: what an archive says of its own size is not believed.
fn measure(bytes: &[u8]) -> Result<(), SpreadsheetError> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| unreadable(&error))?;
    if archive.len() > MEMBERS_MAX {
        return Err(SpreadsheetError::TooMuch("members"));
    }
    let (mut left, mut workbook) = (UNPACKED_MAX, false);
    for index in 0..archive.len() {
        let member = archive.by_index(index).map_err(|error| unreadable(&error))?;
        let name = member.name().map_err(|error| unreadable(&error))?.to_lowercase();
        if name.ends_with("vbaproject.bin") || name.contains("macrosheets/") {
            return Err(SpreadsheetError::Macros);
        }
        workbook |= name == "xl/workbook.xml";
        let unpacked = io::copy(&mut member.take(left + 1), &mut io::sink()).map_err(|error| unreadable(&error))?;
        left = left.checked_sub(unpacked).ok_or(SpreadsheetError::TooMuch("bytes"))?;
    }
    if workbook { Ok(()) } else { Err(SpreadsheetError::Unreadable("no workbook in it".to_owned())) }
}

/// Cell by cell: a single far corner would make a dense grid larger than any memory.
fn sheet(workbook: &mut Xlsx<Cursor<&[u8]>>, name: String) -> Result<Sheet, SpreadsheetError> {
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    let mut cells = workbook.worksheet_cells_reader(&name).map_err(|error| unreadable(&error))?;
    while let Some(found) = cells.next_cell_with_formula_metadata().map_err(|error| unreadable(&error))? {
        let value = if found.formula.is_some() { Cell::Formula } else { cell(&found.value) };
        let (row, column) = (found.pos.0 as usize, found.pos.1 as usize);
        if value == Cell::Empty {
            continue;
        }
        if row >= ROWS_MAX || column >= COLUMNS_MAX {
            return Err(SpreadsheetError::TooMuch(if row >= ROWS_MAX { "rows" } else { "columns" }));
        }
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, Cell::Empty);
        }
        rows[row][column] = value;
    }
    Ok(Sheet { name, rows })
}

fn cell(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) => text_cell(text),
        DataRef::SharedString(text) => text_cell(text),
        DataRef::Int(number) => Cell::Number(number.to_string()),
        DataRef::Float(number) => Cell::Number(number.to_string()),
        DataRef::DateTime(date) if date.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = date.to_ymd_hms_milli();
            let small = |number: u8| i8::try_from(number).unwrap_or(-1);
            let year = i16::try_from(year).unwrap_or(-1);
            let nanos = i32::from(milli) * 1_000_000;
            DateTime::new(year, small(month), small(day), small(hour), small(minute), small(second), nanos)
                .map_or_else(|_| Cell::Other(date.to_string()), Cell::Date)
        }
        DataRef::DateTimeIso(text) => text.trim_end_matches('Z').parse().map_or_else(|_| Cell::Other(text.clone()), Cell::Date),
        other => Cell::Other(format!("{other:?}")),
    }
}

fn text_cell(text: &str) -> Cell {
    if text.trim().is_empty() { Cell::Empty } else { Cell::Text(text.to_owned()) }
}

fn unreadable(error: &dyn std::fmt::Display) -> SpreadsheetError {
    SpreadsheetError::Unreadable(error.to_string())
}
