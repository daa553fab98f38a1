//! Tables that leave the system: CSV that a spreadsheet opens without carrying anything out, and JSON lines.

use serde::Serialize;

/// Before it, spreadsheets know that the text is UTF-8.
const BOM: &str = "\u{feff}";
/// With these a spreadsheet takes a cell for a formula (CWE-1236); full-width ones too, which some turn into them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// Rows as CSV (RFC 4180). A cell that a spreadsheet would take for a formula is preceded by an apostrophe.
///
/// # Errors
/// A row has another number of cells than the head.
pub fn csv<const N: usize>(head: [&str; N], rows: impl IntoIterator<Item = [String; N]>) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(BOM.as_bytes().to_vec());
    writer.write_record(head)?;
    for row in rows {
        writer.write_record(row.map(harmless))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

/// Rows as a line of JSON each.
///
/// # Errors
/// A row cannot be written as JSON.
pub fn json_lines<T: Serialize>(rows: impl IntoIterator<Item = T>) -> Result<Vec<u8>, serde_json::Error> {
    let mut text = Vec::new();
    for row in rows {
        serde_json::to_writer(&mut text, &row)?;
        text.push(b'\n');
    }
    Ok(text)
}

fn harmless(cell: String) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula_and_commas_stay_within() {
        let rows = [["=HYPERLINK(\"x\")".to_owned(), "甲, 乙".to_owned()], ["＠x".to_owned(), "平".to_owned()]];
        let text = String::from_utf8(csv(["a", "b"], rows).expect("written")).expect("UTF-8");
        assert_eq!(text, "\u{feff}a,b\n\"'=HYPERLINK(\"\"x\"\")\",\"甲, 乙\"\n'＠x,平\n");
    }
}
