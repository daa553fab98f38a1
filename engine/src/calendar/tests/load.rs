//! Mistakes in a calendar file are found all at once, each on its line.

use super::{CN, load};

#[test]
fn every_mistake_is_found_where_it_stands() {
    let table = [
        ("zone: Asia/Shanghai", "zone: Asia/Atlantis", "T102"),
        ("\"13:30-17:30\"", "\"11:30-17:30\"", "T103"),
        ("\"13:30-17:30\"", "\"13:30\"", "T103"),
        ("2026-01-04: 元旦", "2026-01-32: 元旦", "T104"),
        ("      2026-01-04: 元旦", "      2026-01-03: 元旦", "T104"),
        ("2026-06-19..2026-06-21", "2026-06-21..2026-06-19", "T104"),
        ("closingTime", "closing", "T101"),
        ("paper: https://www.gov.cn/zhengce/zhengceku/202310/content_6911528.htm", "doc: none", "T101"),
        ("01-01: 元旦", "13-01: 元旦", "T104"),
    ];
    for (from, to, code) in table {
        assert!(CN.contains(from), "{from}");
        let text = CN.replacen(from, to, 1);
        let (_, findings) = load(&text);
        let line = text.lines().position(|line| line.contains(to)).unwrap() + 1;
        let found: Vec<_> = findings.iter().map(|f| (f.code, f.place.span.line as usize)).collect();
        assert!(found.contains(&(code, line)), "{to}: {found:?}, expected {code} on line {line}");
        assert!(findings.iter().all(|f| f.message.en.is_some()));
    }
}

#[test]
fn without_what_it_needs_there_is_no_calendar() {
    for key in ["calendar: cn", "zone: Asia/Shanghai", "officeHours", "years:"] {
        let text = CN.replacen(key, &format!("x-{key}"), 1);
        let (calendar, findings) = load(&text);
        assert!(calendar.is_none() && findings.iter().any(|f| f.code == "T101"), "{key}");
    }
}
