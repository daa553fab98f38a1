//! Known answers: the statutory vectors, workdays per month and year, the other units, cron, moments.

use jiff::civil::Date;

use super::{at, cn, date};
use crate::calendar::{DayKind, Duration};

/// Accepted on, working days, due on.
const WORKING_DAYS: [(&str, i64, &str); 18] = [
    ("2024-01-02", 5, "2024-01-09"),
    ("2024-02-02", 5, "2024-02-08"),
    ("2024-04-30", 5, "2024-05-10"),
    ("2024-09-12", 5, "2024-09-20"),
    ("2024-09-26", 10, "2024-10-15"),
    ("2024-09-26", 20, "2024-10-29"),
    ("2025-01-24", 5, "2025-02-07"),
    ("2025-01-24", 20, "2025-02-27"),
    ("2025-04-25", 10, "2025-05-13"),
    ("2025-09-26", 5, "2025-10-10"),
    ("2025-09-26", 20, "2025-10-30"),
    ("2025-12-31", 5, "2026-01-08"),
    ("2026-02-13", 5, "2026-02-27"),
    ("2026-02-13", 20, "2026-03-19"),
    ("2026-04-30", 5, "2026-05-11"),
    ("2026-09-18", 10, "2026-10-09"),
    ("2026-09-18", 20, "2026-10-22"),
    ("2026-09-30", 1, "2026-10-08"),
];

#[test]
fn working_days_end_at_closing_time_of_the_day_that_the_papers_give() {
    let calendar = cn();
    for (accepted, days, due) in WORKING_DAYS {
        for time in ["00:00", "10:00", "23:59"] {
            let from = at(&format!("{accepted}T{time}"));
            let found = calendar.due(from, Duration::working_days(days));
            assert_eq!(calendar.format_moment(found.at), format!("{due}T17:30:00+08:00"), "{accepted} {time} + {days}wd");
            assert!(!found.provisional, "{accepted} + {days}wd");
        }
    }
}

#[test]
fn every_month_has_its_working_days() {
    let months = [
        (2024, 251, [22, 18, 21, 22, 21, 19, 23, 22, 21, 19, 21, 22]),
        (2025, 248, [19, 19, 21, 22, 19, 20, 23, 21, 23, 18, 20, 23]),
        (2026, 248, [21, 16, 22, 21, 19, 21, 23, 21, 22, 18, 21, 23]),
    ];
    let calendar = cn();
    for (year, total, expected) in months {
        let first = |month| Date::new(year, month, 1).unwrap();
        let counts = (1..=12).map(|month| {
            let before = first(month).yesterday().unwrap();
            calendar.working_days_between(before, first(month).last_of_month())
        });
        let counts: Vec<_> = counts.collect();
        assert_eq!(counts, expected, "{year}");
        assert_eq!(counts.iter().sum::<i64>(), total, "{year}");
    }
}

#[test]
fn each_unit_ends_by_its_own_rule() {
    let table = [
        // Calendar days roll on past a free day; the example of the dialect: 15 days from receipt on 09-28.
        ("2026-09-28T10:00", "15d", "2026-10-13T17:30"),
        ("2026-11-23T10:00", "5d", "2026-11-30T17:30"),
        ("2026-09-20T10:00", "5d", "2026-09-28T17:30"),
        ("2026-09-24T10:00", "7d", "2026-10-08T17:30"),
        ("2026-09-13T10:00", "7d", "2026-09-20T17:30"), // a Sunday that is worked
        // Working hours: lunch, evening, weekend and holiday do not count.
        ("2026-11-24T09:00", "3wh", "2026-11-24T12:00"),
        ("2026-11-24T09:00", "4wh", "2026-11-24T14:30"),
        ("2026-11-24T12:30", "4wh", "2026-11-24T17:30"),
        ("2026-11-24T17:29", "4wh", "2026-11-25T14:29"),
        ("2026-11-27T16:30", "2wh", "2026-11-30T10:00"),
        ("2026-09-30T17:00", "1wh", "2026-10-08T09:30"),
        // Elapsed time knows no calendar.
        ("2026-09-30T17:00", "2h", "2026-09-30T19:00"),
        ("2026-09-30T17:00", "P3D", "2026-10-03T17:00"),
        ("2026-09-30T17:00", "30min", "2026-09-30T17:30"),
        ("2026-09-30T17:00", "0s", "2026-09-30T17:00"),
        ("2026-09-30T20:00", "0wd", "2026-09-30T20:00"),
    ];
    let calendar = cn();
    for (from, duration, due) in table {
        let found = calendar.due(at(from), Duration::parse(duration).unwrap());
        assert_eq!(calendar.civil(found.at).to_string(), format!("{due}:00"), "{from} + {duration}");
        assert!(!found.provisional, "{from} + {duration}");
    }
}

#[test]
fn beyond_the_known_years_a_date_is_provisional() {
    let calendar = cn();
    assert!(calendar.knows(2026) && !calendar.knows(2027) && !calendar.knows(2023));
    let table = [
        ("2026-12-24T10:00", "5wd", "2026-12-31", false),
        ("2026-12-31T10:00", "1wd", "2027-01-04", true), // 01-01 is free by statute, a weekend follows
        ("2026-12-20T10:00", "15d", "2027-01-04", true),
        ("2026-12-31T16:00", "2wh", "2027-01-04", true),
        ("2026-12-31T16:00", "24h", "2027-01-01", false),
        ("2027-04-30T10:00", "1wd", "2027-05-03", true),
        ("2027-09-30T10:00", "1wd", "2027-10-04", true),
    ];
    for (from, duration, due, provisional) in table {
        let found = calendar.due(at(from), Duration::parse(duration).unwrap());
        assert_eq!((calendar.date_of(found.at), found.provisional), (date(due), provisional), "{from} + {duration}");
    }
    assert_eq!(calendar.underivable_holidays().len(), 4);
}

#[test]
fn a_day_is_as_listed_else_by_its_weekday() {
    let table = [
        ("2026-10-01", DayKind::Holiday, Some("国庆节")),
        ("2026-10-10", DayKind::MakeUp, Some("国庆节")),
        ("2026-10-17", DayKind::Weekend, None),
        ("2026-10-12", DayKind::Working, None),
        ("2024-02-09", DayKind::Working, None), // 除夕 was no statutory holiday then
        ("2027-01-01", DayKind::Holiday, Some("元旦")),
        ("2027-10-05", DayKind::Working, None),
    ];
    let calendar = cn();
    for (day, kind, holiday) in table {
        assert_eq!((calendar.is_working_day(date(day)), calendar.holiday_of(date(day))), (kind, holiday), "{day}");
    }
    for (_, year) in calendar.years() {
        assert!(year.paper.starts_with("https://www.gov.cn/"), "{}", year.paper);
    }
}

#[test]
fn before_is_the_moment_when_so_much_is_left() {
    let table = [
        ("2026-10-22T17:30", "5wd", "2026-10-15T09:00"),
        ("2026-10-12T17:30", "2wd", "2026-10-09T09:00"), // 10-10 is a Saturday that is worked
        ("2026-10-22T17:30", "5d", "2026-10-17T09:00"),
        ("2026-10-22T17:30", "0wd", "2026-10-22T09:00"),
        ("2026-10-12T10:00", "2wh", "2026-10-10T16:30"),
        ("2026-10-12T10:00", "90min", "2026-10-12T08:30"),
    ];
    let calendar = cn();
    for (due, left, expected) in table {
        let found = calendar.before(at(due), Duration::parse(left).unwrap());
        assert_eq!(calendar.civil(found).to_string(), format!("{expected}:00"), "{left} before {due}");
    }
}

#[test]
fn cron_runs_on_the_wall_clock_of_the_zone() {
    let calendar = cn();
    let next = |pattern: &str, after: &str| calendar.next_cron(pattern, at(after)).map(|m| calendar.civil(m).to_string());
    assert_eq!(next("0 9 * * 1", "2026-11-24T00:00").as_deref(), Some("2026-11-30T09:00:00"));
    assert_eq!(next("0 9 * * *", "2026-11-24T09:00").as_deref(), Some("2026-11-25T09:00:00"), "strictly after");
    assert_eq!(next("30 8 1 1 *", "2026-11-24T09:00").as_deref(), Some("2027-01-01T08:30:00"));
    assert_eq!(next("0 0 31 2 *", "2026-11-24T09:00"), None, "never");
    assert_eq!(next("every day", "2026-11-24T09:00"), None);
    assert!(super::Calendar::check_cron("0 9 * * 1").is_ok());
    assert!(super::Calendar::check_cron("0 25 * * *").is_err());
}

#[test]
fn moments_are_read_with_or_without_a_zone() {
    let calendar = cn();
    let table = [
        ("2026-09-28T10:00+08:00", Some("2026-09-28T10:00:00+08:00")),
        ("2026-09-28T02:00:00Z", Some("2026-09-28T10:00:00+08:00")),
        ("2026-09-28", Some("2026-09-28T00:00:00+08:00")),
        ("2026-09-28T10:00", Some("2026-09-28T10:00:00+08:00")),
        ("2026-09-28 10:00:30", Some("2026-09-28T10:00:30+08:00")),
        ("2026-02-30", None),
        ("tomorrow", None),
        ("", None),
    ];
    for (text, expected) in table {
        assert_eq!(calendar.parse_moment(text).map(|m| calendar.format_moment(m)).as_deref(), expected, "{text}");
    }
}
