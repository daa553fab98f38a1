//! Legal clocks: pauses, extensions and the ledger, told as cases.

use super::{at, cn};
use crate::calendar::{ClockRecord, Duration, DurationUnit, Pause};

fn clock(started: &str, limit: &str) -> ClockRecord {
    ClockRecord::new(at(started), Duration::parse(limit).unwrap())
}

fn pause(from: &str, to: Option<&str>) -> Pause {
    Pause { from: at(from), to: to.map(at), reason: "听证".into() }
}

fn due(record: &ClockRecord, now: &str) -> String {
    let calendar = cn();
    calendar.civil(calendar.clock_due(record, at(now)).at).to_string()
}

#[test]
fn paused_days_are_not_counted_and_the_rest_goes_on() {
    let mut record = clock("2026-11-20T10:00", "5wd"); // Friday; alone due on 11-27
    assert_eq!(due(&record, "2026-11-20T10:00"), "2026-11-27T17:30:00");
    record.pauses = vec![pause("2026-11-24T15:00", Some("2026-11-26T10:00"))];
    assert_eq!(due(&record, "2026-11-27T10:00"), "2026-12-02T17:30:00", "24, 25 and 26 do not count");
    record.pauses.push(pause("2026-11-25T10:00", Some("2026-11-27T09:30")));
    assert_eq!(due(&record, "2026-11-27T10:00"), "2026-12-03T17:30:00", "overlapping pauses count once");
}

#[test]
fn a_pause_outside_office_hours_takes_nothing_away() {
    let mut record = clock("2026-11-20T10:00", "5wd");
    record.pauses = vec![pause("2026-11-24T17:30", Some("2026-11-25T09:00"))];
    assert_eq!(due(&record, "2026-11-26T10:00"), "2026-11-27T17:30:00");
}

#[test]
fn an_open_pause_moves_the_due_date_with_the_day() {
    let calendar = cn();
    let mut record = clock("2026-11-20T10:00", "5wd");
    record.pauses = vec![pause("2026-11-24T15:00", None)];
    for (now, expected) in [("2026-11-24T16:00", "2026-11-30"), ("2026-11-25T08:00", "2026-12-01"), ("2026-12-11T23:00", "2026-12-17")] {
        assert!(due(&record, now).starts_with(expected), "{now}");
        assert_eq!(calendar.clock_left(&record, at(now)).amount, 4, "{now}: one day was used up");
    }
}

#[test]
fn hours_and_elapsed_time_stop_to_the_millisecond() {
    let mut record = clock("2026-11-24T09:00", "4wh");
    record.pauses = vec![pause("2026-11-24T10:15", Some("2026-11-24T14:00"))];
    assert_eq!(due(&record, "2026-11-24T15:00"), "2026-11-24T16:45:00");
    let mut record = clock("2026-11-24T09:00", "2h");
    record.pauses = vec![pause("2026-11-24T10:15", Some("2026-11-25T14:00"))];
    assert_eq!(due(&record, "2026-11-25T15:00"), "2026-11-25T14:45:00");
    record.pauses[0].to = None;
    assert_eq!(due(&record, "2026-11-26T08:00"), "2026-11-26T08:45:00", "what was left, from now");
}

#[test]
fn extensions_count_on_from_where_the_limit_ended() {
    let mut record = clock("2026-10-09T10:00", "15d"); // ends on Saturday 10-24, rolls on to 10-26
    assert_eq!(due(&record, "2026-10-12T10:00"), "2026-10-26T17:30:00");
    record.extensions = vec![(at("2026-10-20T10:00"), Duration::working_days(10), "案情复杂".into())];
    assert_eq!(due(&record, "2026-10-20T10:00"), "2026-11-06T17:30:00", "without rolling in between");
    record.extensions.push((at("2026-10-21T10:00"), Duration::parse("2h").unwrap(), "再延".into()));
    assert_eq!(due(&record, "2026-10-21T10:00"), "2026-11-06T19:30:00");
}

#[test]
fn left_is_in_the_clocks_own_unit() {
    let calendar = cn();
    let table = [
        ("2026-09-28T10:00", "15d", "2026-10-10T17:30", 3),
        ("2026-11-20T10:00", "5wd", "2026-11-20T10:00", 5),
        ("2026-11-20T10:00", "5wd", "2026-11-21T10:00", 5),
        ("2026-11-20T10:00", "5wd", "2026-11-27T18:00", 0),
        ("2026-11-20T10:00", "5wd", "2026-12-01T10:00", -2),
        ("2026-11-24T09:00", "4wh", "2026-11-24T11:30", 1),
        ("2026-11-24T09:00", "2h", "2026-11-24T10:00", 3_600_000),
    ];
    for (started, limit, now, amount) in table {
        let left = calendar.clock_left(&clock(started, limit), at(now));
        assert_eq!(left.amount, amount, "{limit} from {started}, at {now}");
    }
    let late = calendar.clock_left(&clock("2026-11-20T10:00", "5wd"), at("2026-11-27T18:00"));
    assert_eq!((late.ms, late.unit, late.provisional), (-1_800_000, DurationUnit::WorkingDays, false));
}

#[test]
fn a_stopped_clock_stands_still() {
    let calendar = cn();
    let mut record = clock("2026-11-20T10:00", "5wd");
    record.pauses = vec![pause("2026-11-24T10:00", None)];
    record.stopped = Some(at("2026-11-25T10:00"));
    let then = calendar.clock_left(&record, at("2026-11-25T10:00"));
    assert_eq!(calendar.clock_left(&record, at("2027-11-25T10:00")), then);
    assert_eq!(calendar.ledger(&record, at("2027-11-25T10:00")).last().unwrap().why.zh, "暂停（听证）；停止计时");
}

#[test]
fn the_ledger_explains_every_day() {
    let mut record = clock("2026-09-18T10:00", "6d");
    record.pauses = vec![pause("2026-09-21T15:00", Some("2026-09-22T10:00"))];
    record.extensions = vec![(at("2026-09-23T10:00"), Duration::days(1), "案情复杂".into())];
    let lines: Vec<_> = cn().ledger(&record, at("2026-09-29T10:00")).iter().map(|line| line.line().zh).collect();
    assert_eq!(
        lines,
        [
            "09-18 五 起算日，不计",
            "09-19 六 计 1",
            "09-20 日 计 2",
            "09-21 一 暂停（听证）",
            "09-22 二 暂停（听证）",
            "09-23 三 计 3；延长 1 日（案情复杂）",
            "09-24 四 计 4",
            "09-25 五 计 5",
            "09-26 六 计 6",
            "09-27 日 休（中秋节），顺延",
            "09-28 一 计 7；到期",
            "09-29 二 超 1",
        ]
    );
    let english = cn().ledger(&clock("2026-09-30T10:00", "1wd"), at("2026-09-30T10:00"));
    assert_eq!(english[1].line().en.unwrap(), "Thu 10-01 free (国庆节)");
}

#[test]
fn a_ledger_of_hours_counts_time() {
    let lines = cn().ledger(&clock("2026-11-24T16:00", "4wh"), at("2026-11-24T16:00"));
    let found: Vec<_> = lines.iter().map(|line| (line.line().zh, line.ms)).collect();
    let expected = [("11-24 二 计 1 小时 30 分钟", 5_400_000), ("11-25 三 计 2 小时 30 分钟；到期", 9_000_000)];
    assert_eq!(found, expected.map(|(line, ms)| (line.to_owned(), ms)));
}

#[test]
fn a_record_reads_back_from_json() {
    let mut record = clock("2026-11-20T10:00", "5wd");
    record.pauses = vec![pause("2026-11-24T15:00", None)];
    record.extensions = vec![(at("2026-11-24T15:00"), Duration::days(3), "案情复杂".into())];
    let text = serde_json::to_string(&record).unwrap();
    assert!(text.contains("\"limit\":\"5wd\""), "{text}");
    assert_eq!(serde_json::from_str::<ClockRecord>(&text).unwrap(), record);
}
