//! From the register to bytes. Every cell is a text, so that no spreadsheet program makes a number or a date of it, and
//! nothing that somebody typed is taken for a formula.

use rust_xlsxwriter::{Format, Workbook, XlsxError};
use tongban_engine::{
    calendar::Calendar,
    organisation::{
        Register,
        sheet::{SheetKind, written as rows_of},
    },
};

use super::SpreadsheetError;

/// Media type of what is written.
pub const MEDIA_TYPE: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/// Width of a column, in letters.
const WIDTH: f64 = 24.0;

/// The register as a spreadsheet.
///
/// # Errors
/// It cannot be written: a text longer than a cell can hold.
pub fn written(register: &Register, calendar: &Calendar) -> Result<Vec<u8>, SpreadsheetError> {
    workbook(|kind| rows_of(register, kind, calendar)).map_err(|error| SpreadsheetError::Unwritten(error.to_string()))
}

/// An empty spreadsheet to be filled in, with what belongs where.
///
/// # Errors
/// It cannot be written.
pub fn template() -> Result<Vec<u8>, SpreadsheetError> {
    workbook(|_| Vec::new()).map_err(|error| SpreadsheetError::Unwritten(error.to_string()))
}

fn workbook(rows: impl Fn(SheetKind) -> Vec<Vec<String>>) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let text = Format::new().set_num_format("@");
    let heading = Format::new().set_num_format("@").set_bold();
    for kind in SheetKind::ALL {
        let sheet = workbook.add_worksheet();
        sheet.set_name(kind.names().0)?.set_freeze_panes(1, 0)?;
        for (at, column) in (0_u16..).zip(kind.columns()) {
            sheet.set_column_format(at, &text)?.set_column_width(at, WIDTH)?;
            sheet.write_string_with_format(0, at, column.zh, &heading)?;
        }
        for (no, row) in (1_u32..).zip(rows(kind)) {
            for (at, cell) in (0_u16..).zip(row).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string_with_format(no, at, cell, &text)?;
            }
        }
    }
    let notes = workbook.add_worksheet();
    notes.set_name("说明")?.set_column_width(2, 60.0)?;
    let lines = SheetKind::ALL.into_iter().flat_map(|kind| kind.columns().iter().map(move |column| (kind, column)));
    for (no, (kind, column)) in (0_u32..).zip(lines) {
        let must = if column.required { "必填" } else { "" };
        for (at, cell) in (0_u16..).zip([kind.names().0, column.zh, column.hint, must]) {
            notes.write_string(no, at, cell)?;
        }
    }
    workbook.save_to_buffer()
}
