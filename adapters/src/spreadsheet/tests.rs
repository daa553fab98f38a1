//! What is written is read again; what is no honest spreadsheet is not read.

use std::io::{Cursor, Write};

use rust_xlsxwriter::{ExcelDateTime, Format, Formula, Workbook};
use tongban_engine::organisation::sheet::{Cell, SheetKind};
use zip::{ZipWriter, write::SimpleFileOptions};

use super::*;

#[test]
fn the_template_is_read_with_its_headings() {
    let sheets = read(&template().unwrap()).unwrap();
    let names: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    assert_eq!(names, ["机构", "人员", "岗位", "说明"]);
    let headings = |kind: SheetKind| kind.columns().iter().map(|column| Cell::Text(column.zh.to_owned())).collect::<Vec<_>>();
    assert_eq!(sheets[1].rows, [headings(SheetKind::People)]);
}

#[test]
fn each_kind_of_cell_is_told_from_the_others() {
    let mut workbook = Workbook::new();
    let sheet = workbook.add_worksheet();
    sheet.write_string(0, 0, "=1+1").unwrap().write_number(0, 1, 11_310_000.0).unwrap().write_formula(0, 2, Formula::new("=1+1")).unwrap();
    let date = ExcelDateTime::from_ymd(2026, 3, 31).unwrap();
    sheet.write_datetime_with_format(0, 3, &date, &Format::new().set_num_format("yyyy-mm-dd")).unwrap();
    sheet.write_boolean(0, 4, true).unwrap();
    let rows = read(&workbook.save_to_buffer().unwrap()).unwrap().remove(0).rows;
    assert_eq!(rows[0][..3], [Cell::Text("=1+1".to_owned()), Cell::Number("11310000".to_owned()), Cell::Formula]);
    assert_eq!(rows[0][3], Cell::Date("2026-03-31T00:00".parse().unwrap()));
    assert!(matches!(rows[0][4], Cell::Other(_)));
}

fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        writer.start_file(*name, SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated)).unwrap();
        writer.write_all(content).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

#[test]
fn what_is_too_much_or_something_else_is_not_read() {
    assert_eq!(read(&vec![0; BYTES_MAX + 1]), Err(SpreadsheetError::TooLarge));
    assert!(matches!(read(b"PK and nothing"), Err(SpreadsheetError::Unreadable(_))));
    assert!(matches!(read(&archive(&[("word/document.xml", b"<x/>")])), Err(SpreadsheetError::Unreadable(_))));
    assert_eq!(read(&archive(&[("xl/workbook.xml", b"<x/>"), ("xl/vbaProject.bin", b"x")])), Err(SpreadsheetError::Macros));
    let bomb = vec![b' '; usize::try_from(UNPACKED_MAX).unwrap() + 1];
    assert_eq!(read(&archive(&[("xl/workbook.xml", &bomb)])), Err(SpreadsheetError::TooMuch("bytes")));
    let corner = |row: u32, column: u16| {
        let mut workbook = Workbook::new();
        workbook.add_worksheet().write_string(row, column, "x").unwrap();
        read(&workbook.save_to_buffer().unwrap())
    };
    assert_eq!(corner(1_048_575, 0), Err(SpreadsheetError::TooMuch("rows")));
    assert_eq!(corner(0, 16_383), Err(SpreadsheetError::TooMuch("columns")));
}
