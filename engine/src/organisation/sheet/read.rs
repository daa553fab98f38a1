//! From sheets to rows of named cells, with the faults that a sheet has by itself.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Cell, Column, Sheet, SheetFault, SheetKind,
    columns::ASIDE,
    dates::{self, Bound},
};
use crate::{calendar::Calendar, form::near, text::Text, time::Moment};

/// A sheet whose columns are known.
pub(super) struct Table<'a> {
    pub(super) kind: SheetKind,
    sheet: &'a Sheet,
    /// The spreadsheet's column of each of ours.
    places: BTreeMap<&'static str, usize>,
}

/// One row of it.
pub(super) struct Row<'a> {
    pub(super) table: &'a Table<'a>,
    /// The spreadsheet's row, from 1.
    pub(super) no: usize,
    cells: &'a [Cell],
}

/// The sheets that are read, in order; with faults of what has no place among them.
pub(super) fn tables<'a>(sheets: &'a [Sheet], faults: &mut Vec<SheetFault>) -> Vec<Table<'a>> {
    let mut tables: Vec<Table<'a>> = Vec::new();
    for sheet in sheets {
        let whole = |code, message| SheetFault { sheet: sheet.name.clone(), row: 0, column: 0, heading: String::new(), code, message };
        match SheetKind::named(&sheet.name) {
            Some(kind) if tables.iter().any(|table| table.kind == kind) => {
                faults.push(whole(
                    "sheet-twice",
                    Text::new("这种工作表出现了两次，请合并成一张", "there are two sheets of this kind; make them one"),
                ));
            }
            Some(kind) => tables.extend(table(kind, sheet, faults)),
            None if ASIDE.contains(&sheet.name.trim().to_lowercase().as_str())
                || sheet.rows.iter().flatten().all(|cell| *cell == Cell::Empty) => {}
            None => faults.push(whole(
                "unknown-sheet",
                Text::new(
                    "不认识的工作表；请改名为“机构”“人员”或“岗位”，或者删去",
                    "an unknown sheet; call it units, people or posts, or delete it",
                ),
            )),
        }
    }
    if tables.is_empty() && faults.is_empty() {
        let message =
            Text::new("文件里没有“机构”“人员”或“岗位”工作表，请使用模板", "there is no sheet units, people or posts; use the template");
        faults.push(SheetFault { sheet: String::new(), row: 0, column: 0, heading: String::new(), code: "no-sheet", message });
    }
    tables.sort_by_key(|table| table.kind);
    tables
}

fn table<'a>(kind: SheetKind, sheet: &'a Sheet, faults: &mut Vec<SheetFault>) -> Option<Table<'a>> {
    let (columns, mut places) = (kind.columns(), BTreeMap::new());
    let before = faults.len();
    let headings = sheet.rows.first().map(Vec::as_slice).unwrap_or_default();
    for (at, cell) in headings.iter().enumerate() {
        let heading = match cell {
            Cell::Empty => continue,
            Cell::Text(text) => text.trim().to_owned(),
            other => format!("{other:?}"),
        };
        let fault = |code, message| SheetFault { sheet: sheet.name.clone(), row: 1, column: at, heading: heading.clone(), code, message };
        let plain = heading.to_lowercase();
        match columns.iter().find(|column| column.zh == plain || column.en == plain || column.name == plain) {
            Some(column) if places.contains_key(column.name) => {
                faults.push(fault(
                    "column-twice",
                    Text::new("这一列出现了两次，请删去一列", "there are two columns of this name; delete one"),
                ));
            }
            Some(column) => drop(places.insert(column.name, at)),
            None => {
                let hint = near(&heading, columns.iter().flat_map(|column| [column.zh, column.en])).unwrap_or_else(|| {
                    let (zh, en): (Vec<_>, Vec<_>) = columns.iter().map(|column| (column.zh, column.en)).unzip();
                    Text::new(format!("可用的列：{}", zh.join("、")), format!("columns: {}", en.join(", ")))
                });
                let message = Text::new(
                    format!("没有“{heading}”这一列；{}", hint.zh),
                    format!("there is no column `{heading}`; {}", hint.en.unwrap_or_default()),
                );
                faults.push(fault("unknown-column", message));
            }
        }
    }
    for column in columns.iter().filter(|column| column.required && !places.contains_key(column.name)) {
        let message = Text::new(
            format!("缺少“{}”列，请使用模板的表头", column.zh),
            format!("the column `{}` is missing; use the template's headings", column.en),
        );
        faults.push(SheetFault {
            sheet: sheet.name.clone(),
            row: 1,
            column: headings.len(),
            heading: column.zh.to_owned(),
            code: "column-missing",
            message,
        });
    }
    (faults.len() == before).then_some(Table { kind, sheet, places })
}

impl Table<'_> {
    /// Its rows that hold anything.
    pub(super) fn rows(&self) -> impl Iterator<Item = Row<'_>> {
        let rows = self.sheet.rows.iter().enumerate().skip(1);
        rows.map(|(at, cells)| Row { table: self, no: at + 1, cells }).filter(|row| row.cells.iter().any(|cell| !is_blank(cell)))
    }

    fn column(&self, name: &str) -> Option<&'static Column> {
        self.kind.columns().iter().find(|column| column.name == name)
    }

    /// A fault at a cell.
    pub(super) fn fault(&self, row: usize, name: &str, code: &'static str, message: Text) -> SheetFault {
        let column = self.places.get(name).copied().unwrap_or_default();
        let heading = match self.sheet.rows.first().and_then(|headings| headings.get(column)) {
            Some(Cell::Text(text)) => text.trim().to_owned(),
            _ => self.column(name).map(|column| column.zh.to_owned()).unwrap_or_default(),
        };
        SheetFault { sheet: self.sheet.name.clone(), row, column, heading, code, message }
    }
}

fn is_blank(cell: &Cell) -> bool {
    match cell {
        Cell::Empty => true,
        Cell::Text(text) => text.trim().is_empty(),
        _ => false,
    }
}

impl Row<'_> {
    fn cell(&self, name: &str) -> &Cell {
        self.table.places.get(name).and_then(|&at| self.cells.get(at)).filter(|cell| !is_blank(cell)).unwrap_or(&Cell::Empty)
    }

    pub(super) fn fault(&self, name: &str, code: &'static str, message: Text) -> SheetFault {
        self.table.fault(self.no, name, code, message)
    }

    /// A text; None if it is empty. A cell of another kind, or an empty one that is needed, is a fault.
    pub(super) fn text(&self, name: &str, faults: &mut Vec<SheetFault>) -> Option<String> {
        let fault = match self.cell(name) {
            Cell::Text(text) => return Some(text.trim().to_owned()),
            Cell::Empty => {
                let column = self.table.column(name).filter(|column| column.required)?;
                let message = Text::new(format!("缺少{}，请填写", column.zh), format!("the {} is missing; fill it in", column.en));
                self.fault(name, "missing", message)
            }
            Cell::Number(number) => {
                let message = Text::new(
                    format!("这是数字 {number}，开头的零和过长的位数会丢失；请把这一列设为文本格式后重新输入"),
                    format!(
                        "this is the number {number}, which loses leading zeros and long digits; format the column as text and type it again"
                    ),
                );
                self.fault(name, "number-as-text", message)
            }
            Cell::Date(date) => {
                let message = Text::new(
                    format!("这是日期 {}；请把这一列设为文本格式后重新输入", date.date()),
                    format!("this is the date {}; format the column as text and type it again", date.date()),
                );
                self.fault(name, "date-as-text", message)
            }
            other => self.odd(name, other),
        };
        faults.push(fault);
        None
    }

    /// A moment; None if the cell is empty.
    pub(super) fn moment(&self, name: &str, bound: Bound, calendar: &Calendar, faults: &mut Vec<SheetFault>) -> Option<Moment> {
        let shown = match self.cell(name) {
            Cell::Empty => return None,
            cell @ (Cell::Formula | Cell::Other(_)) => {
                faults.push(self.odd(name, cell));
                return None;
            }
            Cell::Text(text) | Cell::Number(text) => text.clone(),
            Cell::Date(date) => date.to_string(),
        };
        let read = dates::moment(self.cell(name), bound, calendar);
        if read.is_none() {
            let message = Text::new(
                format!("“{shown}”不是日期；请写成 2026-01-31 这样的日期"),
                format!("`{shown}` is no date; write a date such as 2026-01-31"),
            );
            faults.push(self.fault(name, "date-malformed", message));
        }
        read
    }

    fn odd(&self, name: &str, cell: &Cell) -> SheetFault {
        match cell {
            Cell::Formula => {
                self.fault(name, "formula", Text::new("单元格里是公式；请粘贴为数值", "the cell holds a formula; paste its value instead"))
            }
            _ => {
                self.fault(name, "cell-kind", Text::new("单元格的内容不是文本；请重新输入", "the cell does not hold a text; type it again"))
            }
        }
    }
}

/// Notes an id that is used for the first time; a fault if it was used before.
pub(super) fn once(seen: &mut BTreeMap<String, usize>, row: &Row<'_>, id: &str, faults: &mut Vec<SheetFault>) {
    if let Some(first) = seen.get(id) {
        let message = Text::new(format!("编号“{id}”与第 {first} 行重复"), format!("the id `{id}` stands in row {first} already"));
        faults.push(row.fault("id", "id-twice", message));
    } else {
        seen.insert(id.to_owned(), row.no);
    }
}

/// Ids in the file, right or wrong: what refers to them is not told as unknown because of a fault elsewhere.
pub(super) type Named = BTreeSet<String>;
