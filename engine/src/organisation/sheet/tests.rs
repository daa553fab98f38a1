//! Spreadsheets with faults and what is said of each; and that an export is what an import takes.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::{super::change::tests::roles, *};
use crate::{
    calendar::Calendar,
    organisation::{Concern, Entry, Ground, Post, Recusal, Register, RegisterChange, Substitution, Tenure, Term, Unit},
    source::{Source, parse},
    text::Language,
    time::Moment,
};

fn calendar() -> Calendar {
    let source = Source { name: "cn.yaml".into(), text: include_str!("../../../../forms/calendars/cn.yaml").into() };
    let (tree, _) = parse(&source);
    Calendar::load(&source, &tree.unwrap()).0.unwrap()
}

/// `a | b | c` becomes a row. `#n` is a number, `=` a formula, `@` a date cell.
fn sheet(name: &str, rows: &[&str]) -> Sheet {
    let cell = |text: &str| match text.trim() {
        "" => Cell::Empty,
        "=" => Cell::Formula,
        "@" => Cell::Date(date(2026, 3, 1).at(0, 0, 0, 0)),
        text if text.starts_with('#') => Cell::Number(text[1..].to_owned()),
        text => Cell::Text(text.to_owned()),
    };
    Sheet { name: name.to_owned(), rows: rows.iter().map(|row| row.split('|').map(cell).collect()).collect() }
}

fn planned(register: &Register, sheets: &[Sheet]) -> Import {
    let (roles, processes, busy) = (roles(), BTreeSet::new(), BTreeSet::new());
    let ground = Ground { roles: &roles, processes: &processes, busy: &busy, now: Moment(1_790_000_000_000) };
    plan(register, sheets, &|_| true, &calendar(), &ground)
}

const UNITS: &str = "编号 | 名称 | 英文名称 | 类别 | 上级机构 | 代码 | 事项";
const PEOPLE: &str = "编号 | 姓名 | 账号 | 邮箱 | 离任时间";
const POSTS: &str = "人员编号 | 角色 | 机构编号 | 自 | 至";

/// Sheets, and the cells with what is said of them.
#[test]
fn every_fault_is_told_by_its_cell_with_what_to_do() {
    let units = |rows: &[&str]| sheet("机构", &[&[UNITS], rows].concat());
    let people = |rows: &[&str]| sheet("人员", &[&[PEOPLE], rows].concat());
    let posts = |rows: &[&str]| sheet("岗位", &[&[POSTS], rows].concat());
    let city = "city | 市局 || 机关 || 001 |";
    let an = "an | 安 | an | an@example.test |";
    let table: Vec<(Vec<Sheet>, &[&str])> = vec![
        (vec![], &[" no-sheet: there is no sheet units, people or posts; use the template"]),
        (vec![sheet("机构表", &["编号"])], &[" unknown-sheet: an unknown sheet; call it units, people or posts, or delete it"]),
        (vec![units(&[city]), units(&[])], &[" sheet-twice: there are two sheets of this kind; make them one"]),
        (
            vec![sheet("人员", &["编号 | 性名 | 姓名 | 姓名"])],
            &[
                "B1 unknown-column: there is no column `性名`; did you mean `姓名`?",
                "D1 column-twice: there are two columns of this name; delete one",
            ],
        ),
        (vec![sheet("人员", &["编号 | 邮箱"])], &["C1 column-missing: the column `name` is missing; use the template's headings"]),
        (vec![units(&[city, "jia | 甲区 || 区级机构 | ctiy ||"])], &["E3 unknown-unit: there is no unit `ctiy`; did you mean `city`?"]),
        (vec![units(&[city, "city | 又一 || 机关 |||"])], &["A3 id-twice: the id `city` stands in row 2 already"]),
        (
            vec![units(&["a | 甲 || 机关 | b ||", "b | 乙 || 机关 | a ||"])],
            &[
                "E2 cycle: the units above run in a ring: a → b → a; correct one of them",
                "E3 cycle: the units above run in a ring: b → a → b; correct one of them",
            ],
        ),
        (
            vec![units(&["city | 市局 || 城堡 || #11310000 |", "|| = ||||"])],
            &[
                "F2 number-as-text: this is the number 11310000, which loses leading zeros and long digits; format the column as text and type it again",
                "A3 missing: the id is missing; fill it in",
                "B3 missing: the name is missing; fill it in",
                "C3 formula: the cell holds a formula; paste its value instead",
                "D3 missing: the kind is missing; fill it in",
            ],
        ),
        (
            vec![units(&["city | 市局 || 城堡 |||"])],
            &["D2 unknown-kind: there is no kind of unit `城堡`; use one of bureau, division, district, body, venue, partner"],
        ),
        (
            vec![people(&[an, "bo | 卜 | an ||", "ce || CE | nobody | @"])],
            &["C3 login-taken: the login `an` belongs to 安; choose another one", "B4 missing: the name is missing; fill it in"],
        ),
        (vec![people(&["du | 杜 | Du | nobody | 明天"])], &["E2 date-malformed: `明天` is no date; write a date such as 2026-01-31"]),
        (
            vec![people(&["du | 杜 | D | nobody |"])],
            &[
                "C2 login-malformed: the login `D` should have 2 to 64 lower-case letters, digits, dots, underscores or hyphens",
                "D2 mail-malformed: `nobody` is no mail address such as name@example.test",
            ],
        ),
        (
            vec![
                units(&[city]),
                people(&[an]),
                posts(&["an | clrk | city ||", "an | clerk岗 | city | 2026-02-30 | 2026-13-01", "an | clerk | city | 2026-03-02 | @"]),
            ],
            &[
                "B2 unknown-role: there is no role `clrk`; did you mean `clerk`?",
                "D3 date-malformed: `2026-02-30` is no date; write a date such as 2026-01-31",
                "E3 date-malformed: `2026-13-01` is no date; write a date such as 2026-01-31",
                "E4 term-reversed: the term ends before it begins; correct one of the dates",
            ],
        ),
        (
            vec![
                units(&[city]),
                people(&[an]),
                posts(&["an | clerk | city | @ |", "an | clerk | city | 2026年4月1日 |", "ann | head | city ||"]),
            ],
            &[
                "B3 double-post: that person has this post in that time already",
                "A4 unknown-person: there is no person `ann`; did you mean `an`?",
            ],
        ),
        // what hangs on a faulty row is not told a second time
        (
            vec![units(&["city | 市局 || 城堡 |||", "jia | 甲区 || 区级机构 | city ||"]), people(&[an]), posts(&["an | clerk | city ||"])],
            &["D2 unknown-kind: there is no kind of unit `城堡`; use one of bureau, division, district, body, venue, partner"],
        ),
    ];
    for (sheets, expected) in table {
        let import = planned(&Register::default(), &sheets);
        let told: Vec<String> =
            import.faults.iter().map(|fault| format!("{} {}: {}", fault.cell(), fault.code, fault.message.get(Language::En))).collect();
        assert_eq!(told, expected);
    }
}

#[test]
fn rows_come_in_any_order_and_are_counted_as_new_changed_or_as_they_are() {
    let units = ["jia | 甲区 || 区级机构 | city ||", "city | 市局 || 机关 |||"];
    let people = ["an | 安 | an ||", "bo | 卜 |||"];
    let first = [sheet("units", &[&[UNITS], &units[..]].concat()), sheet("People", &[&[PEOPLE], &people[..]].concat())];
    let import = planned(&Register::default(), &first);
    assert_eq!(import.faults, []);
    let register = applied(&Register::default(), &import);
    let again = ["jia | 甲区 || 区级机构 |||", "city | 市局 || 机关 | jia ||"];
    let again = [sheet("机构", &[&[UNITS], &again[..]].concat()), sheet("人员", &[PEOPLE, people[0], "bo | 卜二 |||", "ce | 策 |||"])];
    let import = planned(&register, &again);
    assert_eq!(import.faults, [], "the tree may be turned round");
    assert_eq!(import.counts[&SheetKind::Units], Counted { added: 0, changed: 2, same: 0 });
    assert_eq!(import.counts[&SheetKind::People], Counted { added: 1, changed: 1, same: 1 });
}

#[test]
fn a_last_day_counts_in_full() {
    let sheets = [
        sheet("机构", &[UNITS, "city | 市局 || 机关 |||"]),
        sheet("人员", &[PEOPLE, "an | 安 |||"]),
        sheet("岗位", &[POSTS, "an | clerk | city | @ | 2026-03-31"]),
    ];
    let register = applied(&Register::default(), &planned(&Register::default(), &sheets));
    let calendar = calendar();
    let holds = |text: &str| register.at(calendar.parse_moment(text).unwrap()).holds("an", "clerk", "city");
    let held = ["2026-02-28T23:59", "2026-03-01T00:00", "2026-03-31T23:59", "2026-04-01T00:00"].map(holds);
    assert_eq!(held, [false, true, true, false]);
}

fn applied(register: &Register, import: &Import) -> Register {
    let (roles, processes, busy) = (roles(), BTreeSet::new(), BTreeSet::new());
    register
        .apply_all(&import.changes, &Ground { roles: &roles, processes: &processes, busy: &busy, now: Moment(1_790_000_000_000) })
        .unwrap()
}

/// The sheets of an export, as an import reads them.
fn exported(register: &Register) -> Vec<Sheet> {
    let calendar = calendar();
    let cells = |row: Vec<String>| row.into_iter().map(|text| if text.is_empty() { Cell::Empty } else { Cell::Text(text) }).collect();
    let sheet = |kind: SheetKind| {
        let headings = kind.columns().iter().map(|column| column.zh.to_owned()).collect();
        let rows = std::iter::once(headings).chain(written(register, kind, &calendar)).map(cells).collect();
        Sheet { name: kind.names().0.to_owned(), rows }
    };
    SheetKind::ALL.map(sheet).to_vec()
}

/// Moments from 2001 on, some at the edge of a day in the office's zone, some within it.
fn moment() -> impl Strategy<Value = Moment> {
    let day = 86_400_000_i64;
    (12_000_i64..30_000, prop_oneof![Just(16 * 3_600_000), 0..day]).prop_map(move |(days, ms)| Moment(days * day + ms))
}

fn term() -> impl Strategy<Value = Term> {
    (proptest::option::of(moment()), proptest::option::of(moment())).prop_map(|(from, until)| Term { from, until })
}

fn change() -> impl Strategy<Value = RegisterChange> {
    let unit = || (0..6_u8).prop_map(|no| format!("u{no}"));
    let person = || (0..6_u8).prop_map(|no| format!("p{no}"));
    let role = || proptest::sample::select(vec!["clerk".to_owned(), "head".to_owned()]);
    let text = || "[\u{4e00}-\u{4e20}A-z=+#@-]{1,6}";
    let name = || (text(), proptest::option::of("[a-z]{1,5}")).prop_map(|(zh, en)| Text { zh, en });
    let kind = || proptest::sample::select(crate::organisation::UNIT_KINDS.to_vec());
    let items = || proptest::collection::vec("[a-z]{2,4}", 0..3);
    let code = || proptest::option::of("[0-9]{4}");
    let entry = || {
        (text(), proptest::option::of("[a-z]{2,4}"), proptest::option::of("[a-z]{1,4}@example.test"))
            .prop_map(|(name, login, mail)| Entry { name, login, mail })
    };
    prop_oneof![
        (unit(), name(), kind(), proptest::option::of(unit()), code(), items()).prop_map(|(id, name, kind, parent, code, items)| {
            RegisterChange::AddUnit { id, unit: Unit { name, kind: kind.to_owned(), parent, code, items } }
        }),
        (unit(), proptest::option::of(unit())).prop_map(|(id, parent)| RegisterChange::MoveUnit { id, parent }),
        (person(), entry()).prop_map(|(id, entry)| RegisterChange::AddPerson { id, entry }),
        (person(), entry()).prop_map(|(id, entry)| RegisterChange::ChangePerson { id, entry }),
        (person(), role(), unit(), term())
            .prop_map(|(person, role, unit, term)| RegisterChange::GivePost { person, tenure: Tenure { post: Post { role, unit }, term } }),
        (person(), moment()).prop_map(|(person, at)| RegisterChange::Leave { person, at }),
        (person(), person(), term()).prop_map(|(absent, by, term)| RegisterChange::Substitute {
            substitution: Substitution { id: format!("{absent}{by}"), absent, by, term, processes: Vec::new() },
        }),
        (person(), unit(), term()).prop_map(|(person, unit, term)| RegisterChange::Recuse {
            recusal: Recusal { id: person.clone(), person, about: Concern::Unit(unit), reason: "r".to_owned(), term },
        }),
    ]
}

proptest! {
    #[test]
    fn an_import_takes_what_an_export_gives(changes in proptest::collection::vec(change(), 1..60)) {
        let (roles, none) = (roles(), BTreeSet::new());
        let ground = Ground { roles: &roles, processes: &none, busy: &none, now: Moment(0) };
        let mut register = Register::default();
        for change in &changes {
            if let Ok(changed) = register.apply(change, &ground) {
                register = changed;
            }
        }
        let sheets = exported(&register);
        let import = planned(&Register::default(), &sheets);
        prop_assert_eq!(&import.faults, &Vec::new());
        let read = applied(&Register::default(), &import);
        prop_assert_eq!(&read.units, &register.units);
        prop_assert_eq!(&read.people, &register.people);
        let again = planned(&register, &sheets);
        prop_assert!(again.changes.is_empty() && again.faults.is_empty(), "{:?}", again);
    }
}
