//! What a spreadsheet would change: checked as a whole, by the same rules as changes made by hand, and applied by nobody yet.
//!
//! A row says all there is to say of its unit, person or post; what has no row stays as it is.

use std::collections::BTreeMap;

use super::{
    Sheet, SheetFault, SheetKind,
    columns::KIND_NAMES,
    dates::Bound,
    read::{self, Named, Row, Table},
};
use crate::{
    calendar::Calendar,
    form::FieldError,
    organisation::{Entry, Ground, Post, Register, RegisterChange, Tenure, Term, Unit},
    text::Text,
};

/// Faults that are told, at most: whoever has more looks again after mending these.
const FAULTS_MAX: usize = 500;
/// What separates several items in a cell.
const SEPARATORS: [char; 6] = ['、', ',', '，', ';', '；', ' '];

/// How many rows of a sheet would do what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// New.
    pub added: usize,
    /// Something else than before.
    pub changed: usize,
    /// As it is.
    pub same: usize,
}

/// What a spreadsheet would do.
#[derive(Clone, Debug, Default)]
pub struct Import {
    /// By sheet.
    pub counts: BTreeMap<SheetKind, Counted>,
    /// In the order in which they apply.
    pub changes: Vec<RegisterChange>,
    /// What is wrong, by sheet, row and column; nothing may be applied if there is anything.
    pub faults: Vec<SheetFault>,
    /// Faults beyond those told.
    pub more: usize,
}

/// What `sheets` would change in `register`, only the sheets that `wanted` takes counting.
pub fn plan(register: &Register, sheets: &[Sheet], wanted: &dyn Fn(SheetKind) -> bool, calendar: &Calendar, ground: &Ground<'_>) -> Import {
    let mut import = Import::default();
    let tables = read::tables(sheets, &mut import.faults);
    let mut named: BTreeMap<SheetKind, Named> = BTreeMap::new();
    for table in &tables {
        let ids = table.rows().filter_map(|row| row.text("id", &mut Vec::new())).collect();
        named.insert(table.kind, ids);
    }
    let mut work = Planning { register: register.clone(), import, named, calendar, ground };
    for table in tables.iter().filter(|table| wanted(table.kind)) {
        match table.kind {
            SheetKind::Units => work.units(table),
            SheetKind::People => work.people(table),
            SheetKind::Posts => work.posts(table),
        }
    }
    let mut import = work.import;
    let place = |name: &str| sheets.iter().position(|sheet| sheet.name == name);
    import.faults.sort_by_key(|fault| (place(&fault.sheet), fault.row, fault.column));
    import.more = import.faults.len().saturating_sub(FAULTS_MAX);
    import.faults.truncate(FAULTS_MAX);
    import
}

struct Planning<'a> {
    /// As it is after the changes so far.
    register: Register,
    import: Import,
    named: BTreeMap<SheetKind, Named>,
    calendar: &'a Calendar,
    ground: &'a Ground<'a>,
}

/// A row of units as it was read.
struct UnitRow<'a> {
    row: Row<'a>,
    id: String,
    unit: Unit,
}

impl Planning<'_> {
    /// Takes a row's changes, its faults put at their cells.
    fn take(&mut self, row: &Row<'_>, changes: Vec<RegisterChange>) -> bool {
        for change in changes {
            match self.register.take(&change, self.ground) {
                Ok(()) => self.import.changes.push(change),
                Err(faults) => {
                    for FieldError { path, code, message } in faults {
                        if !self.follows_from_another(row, code, &path) {
                            self.import.faults.push(row.fault(&path, code, message));
                        }
                    }
                    return false;
                }
            }
        }
        true
    }

    /// Whether what a row refers to is missing only because its own row has faults, which are told there.
    fn follows_from_another(&self, row: &Row<'_>, code: &str, path: &str) -> bool {
        let kind = match code {
            "unknown-unit" => SheetKind::Units,
            "unknown-person" => SheetKind::People,
            _ => return false,
        };
        let id = row.text(path, &mut Vec::new());
        id.is_some_and(|id| self.named.get(&kind).is_some_and(|named| named.contains(&id)))
    }

    fn count(&mut self, kind: SheetKind, count: impl FnOnce(&mut Counted)) {
        count(self.import.counts.entry(kind).or_default());
    }

    fn units(&mut self, table: &Table<'_>) {
        let (mut seen, mut rows) = (BTreeMap::new(), Vec::new());
        for row in table.rows() {
            rows.extend(self.unit_row(row, &mut seen));
        }
        // the tree as it would be, so that what is above comes first and a ring is found before it is made
        let mut above: BTreeMap<String, Option<String>> =
            self.register.units.iter().map(|(id, unit)| (id.clone(), unit.parent.clone())).collect();
        above.extend(rows.iter().map(|read| (read.id.clone(), read.unit.parent.clone())));
        let depth = |id: &str| {
            let (mut at, mut depth) = (Some(id), 0);
            while let Some(parent) = at.and_then(|id| above.get(id)) {
                at = parent.as_deref();
                depth += 1;
                if depth > above.len() {
                    return None;
                }
            }
            // what hangs on an unknown unit comes last, when all others can be suggested
            Some(if at.is_some() { usize::MAX } else { depth })
        };
        let mut ordered: Vec<(usize, &UnitRow<'_>)> = Vec::new();
        for read in &rows {
            match depth(&read.id) {
                Some(depth) => ordered.push((depth, read)),
                None => self.import.faults.push(read.row.fault("parent", "cycle", ring(&above, &read.id))),
            }
        }
        ordered.sort_by_key(|(depth, read)| (*depth, read.row.no));
        for (_, read) in ordered {
            self.unit(read);
        }
    }

    fn unit_row<'b>(&mut self, row: Row<'b>, seen: &mut BTreeMap<String, usize>) -> Option<UnitRow<'b>> {
        let faults = &mut self.import.faults;
        let before = faults.len();
        let id = row.text("id", faults);
        if let Some(id) = &id {
            read::once(seen, &row, id, faults);
        }
        let name = row.text("name", faults).unwrap_or_default();
        let en = row.text("name_en", faults);
        let kind =
            row.text("kind", faults).map(|kind| KIND_NAMES.iter().find(|(_, zh)| *zh == kind).map_or(kind, |(word, _)| (*word).to_owned()));
        let (parent, code) = (row.text("parent", faults), row.text("code", faults));
        let items = row.text("items", faults).unwrap_or_default();
        let items = items.split(SEPARATORS).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect();
        let unit = Unit { name: Text { zh: name, en }, kind: kind.unwrap_or_default(), parent, code, items };
        id.filter(|_| faults.len() == before).map(|id| UnitRow { row, id, unit })
    }

    fn unit(&mut self, UnitRow { row, id, unit }: &UnitRow<'_>) {
        let Some(old) = self.register.units.get(id).cloned() else {
            if self.take(row, vec![RegisterChange::AddUnit { id: id.clone(), unit: unit.clone() }]) {
                self.count(SheetKind::Units, |counted| counted.added += 1);
            }
            return;
        };
        let mut changes = Vec::new();
        if old.parent != unit.parent {
            changes.push(RegisterChange::MoveUnit { id: id.clone(), parent: unit.parent.clone() });
        }
        let Unit { name, kind, code, items, .. } = unit.clone();
        if (&old.name, &old.kind, &old.code, &old.items) != (&name, &kind, &code, &items) {
            changes.push(RegisterChange::ChangeUnit { id: id.clone(), name, kind, code, items });
        }
        self.known(SheetKind::Units, row, changes);
    }

    /// The row of something that is there already.
    fn known(&mut self, kind: SheetKind, row: &Row<'_>, changes: Vec<RegisterChange>) {
        let same = changes.is_empty();
        if self.take(row, changes) {
            self.count(kind, |counted| if same { counted.same += 1 } else { counted.changed += 1 });
        }
    }

    fn people(&mut self, table: &Table<'_>) {
        let mut seen = BTreeMap::new();
        for row in table.rows() {
            self.person(&row, &mut seen);
        }
    }

    fn person(&mut self, row: &Row<'_>, seen: &mut BTreeMap<String, usize>) {
        let faults = &mut self.import.faults;
        let before = faults.len();
        let id = row.text("id", faults);
        if let Some(id) = &id {
            read::once(seen, row, id, faults);
        }
        let name = row.text("name", faults).unwrap_or_default();
        let (login, mail) = (row.text("login", faults), row.text("mail", faults));
        let left = row.moment("left", Bound::First, self.calendar, faults);
        let Some(id) = id.filter(|_| faults.len() == before) else { return };
        let entry = Entry { name, login, mail };
        let leave = |at| RegisterChange::Leave { person: id.clone(), at };
        let Some(old) = self.register.people.get(&id).cloned() else {
            let new = RegisterChange::AddPerson { id: id.clone(), entry };
            if self.take(row, std::iter::once(new).chain(left.map(leave)).collect()) {
                self.count(SheetKind::People, |counted| counted.added += 1);
            }
            return;
        };
        let mut changes = Vec::new();
        if (&old.name, &old.login, &old.mail) != (&entry.name, &entry.login, &entry.mail) {
            changes.push(RegisterChange::ChangePerson { id: id.clone(), entry });
        }
        if old.left != left {
            let message = match old.left {
                Some(_) => Text::new(
                    "此人已经离任，离任时间不能用表格更改；请填写原来的日期",
                    "that person has left, which a spreadsheet does not change; write the date as it was",
                ),
                None => Text::new(
                    "在岗人员不能用表格办理离任；请在人员页面移交工作后办理",
                    "who is still here does not leave by a spreadsheet; hand her work over on her page",
                ),
            };
            let fault = row.fault("left", "leaves-by-sheet", message);
            self.import.faults.push(fault);
            return;
        }
        self.known(SheetKind::People, row, changes);
    }

    fn posts(&mut self, table: &Table<'_>) {
        for row in table.rows() {
            let faults = &mut self.import.faults;
            let before = faults.len();
            let (person, role, unit) = (row.text("person", faults), row.text("role", faults), row.text("unit", faults));
            let from = row.moment("from", Bound::First, self.calendar, faults);
            let until = row.moment("until", Bound::Last, self.calendar, faults);
            let (Some(person), Some(role), Some(unit)) = (person, role, unit) else { continue };
            if faults.len() == before {
                let named = |name: &Text| name.zh == role || name.en.as_deref() == Some(&role);
                let role = self.ground.roles.values().find(|known| named(&known.name)).map_or(role.clone(), |known| known.id.clone());
                self.post(&row, person, Tenure { post: Post { role, unit }, term: Term { from, until } });
            }
        }
    }

    fn post(&mut self, row: &Row<'_>, person: String, tenure: Tenure) {
        let held = self.register.people.get(&person).map(|official| official.posts.as_slice()).unwrap_or_default();
        let Some(old) = held.iter().find(|held| held.post == tenure.post && held.term.from == tenure.term.from) else {
            if self.take(row, vec![RegisterChange::GivePost { person, tenure }]) {
                self.count(SheetKind::Posts, |counted| counted.added += 1);
            }
            return;
        };
        let Tenure { post, term: Term { from, until } } = tenure;
        let changes = if old.term.until == until { Vec::new() } else { vec![RegisterChange::EndPost { person, post, from, until }] };
        self.known(SheetKind::Posts, row, changes);
    }
}

/// The ring that a unit is in, or hangs on.
fn ring(above: &BTreeMap<String, Option<String>>, id: &str) -> Text {
    let mut way = vec![id];
    while let Some(next) = way.last().and_then(|last| above.get(*last)).and_then(Option::as_deref) {
        let closed = way.contains(&next);
        way.push(next);
        if closed {
            break;
        }
    }
    let way = way.join(" → ");
    Text::new(format!("上级机构成环：{way}；请改正其中一个上级"), format!("the units above run in a ring: {way}; correct one of them"))
}
