//! Lamps: state and words at chosen moments.

use super::{at, cn};
use crate::{
    calendar::{ClockRecord, Duration, Light, LightState, Pause},
    text::Language,
};

#[test]
fn each_state_has_its_words() {
    use LightState::{DueToday, None, Normal, Overdue, Warning};
    let table = [
        // Started, limit, now, state, words. Due on 10-22.
        ("2026-09-18T10:00", "20wd", "2026-10-14T10:00", Normal, "剩 6 个工作日", "6 working days left"),
        ("2026-09-18T10:00", "20wd", "2026-10-19T10:00", Normal, "剩 3 个工作日", "3 working days left"),
        ("2026-09-18T10:00", "20wd", "2026-10-20T00:00", Warning, "剩 2 个工作日", "2 working days left"),
        ("2026-09-18T10:00", "20wd", "2026-10-22T00:00", DueToday, "今日 17:30 到期", "due today at 17:30"),
        ("2026-09-18T10:00", "20wd", "2026-10-22T17:30", DueToday, "今日 17:30 到期", "due today at 17:30"),
        ("2026-09-18T10:00", "20wd", "2026-10-22T17:31", Overdue, "已超期（10-22 17:30 到期）", "overdue since 10-22 17:30"),
        ("2026-09-18T10:00", "20wd", "2026-10-24T10:00", Overdue, "已超 1 个工作日", "overdue by 1 working day"),
        ("2026-09-18T10:00", "20wd", "2026-10-26T10:00", Overdue, "已超 2 个工作日", "overdue by 2 working days"),
        // A fifth of five days is one.
        ("2026-11-20T10:00", "5wd", "2026-11-25T10:00", Normal, "剩 2 个工作日", "2 working days left"),
        ("2026-11-20T10:00", "5wd", "2026-11-26T10:00", Warning, "剩 1 个工作日", "1 working day left"),
        ("2026-11-24T09:00", "2h", "2026-11-24T09:30", DueToday, "今日 11:00 到期", "due today at 11:00"),
        ("2026-11-24T09:00", "2h", "2026-11-24T12:20", Overdue, "已超 1 小时 20 分钟", "overdue by 1 h 20 min"),
        ("2026-11-24T15:00", "20wh", "2026-11-24T15:00", Normal, "剩 20 个工作小时", "20 working hours left"),
        ("2026-12-30T10:00", "20wd", "2026-12-31T10:00", Normal, "剩 19 个工作日（暂定）", "19 working days left (provisional)"),
    ];
    let calendar = cn();
    for (started, limit, now, state, zh, en) in table {
        let light = calendar.step_light(at(started), Some(Duration::parse(limit).unwrap()), at(now));
        assert_eq!((light.state, light.text.zh.as_str(), light.text.get(Language::En)), (state, zh, en), "{limit} at {now}");
    }
    assert_eq!(calendar.step_light(at("2026-11-24T09:00"), Option::None, at("2026-11-24T09:00")), Light::none());
    assert_eq!(Light::none().state, None);
}

#[test]
fn a_clocks_own_warnings_replace_the_rule() {
    let calendar = cn();
    let record = ClockRecord::new(at("2026-09-28T10:00"), Duration::days(15)); // due on 10-13
    let warn = [Duration::working_days(3), Duration::working_days(1)];
    let state = |now: &str| calendar.light(&record, &warn, at(now)).state;
    assert_eq!(state("2026-10-08T10:00"), LightState::Normal, "9th, 10th, 12th and 13th are left");
    assert_eq!(state("2026-10-09T00:01"), LightState::Warning);
    let told = calendar.clock_warns_at(&record, warn[0], at("2026-10-08T10:00"));
    assert_eq!(calendar.civil(told).to_string(), "2026-10-09T09:00:00");
}

#[test]
fn pauses_and_stops_show() {
    let calendar = cn();
    let mut record = ClockRecord::new(at("2026-11-20T10:00"), Duration::working_days(5));
    record.pauses = vec![Pause { from: at("2026-11-24T15:00"), to: None, reason: "听证中".into() }];
    let light = calendar.light(&record, &[], at("2026-11-26T10:00"));
    assert_eq!((light.state, light.text.zh.as_str()), (LightState::Paused, "计时暂停·听证中（第 3 日）"));
    record.stopped = Some(at("2026-11-26T11:00"));
    let light = calendar.light(&record, &[], at("2026-12-26T10:00"));
    assert_eq!((light.state, light.text.zh.as_str()), (LightState::None, "按期完成，余 4 个工作日"));
    record.pauses.clear();
    record.stopped = Some(at("2026-12-01T11:00"));
    let light = calendar.light(&record, &[], at("2026-12-26T10:00"));
    assert_eq!((light.state, light.text.zh.as_str()), (LightState::Overdue, "已超 2 个工作日"), "late stays late");
}

#[test]
fn an_overdue_clock_is_not_excused_by_a_later_pause() {
    let calendar = cn();
    let mut record = ClockRecord::new(at("2026-11-20T10:00"), Duration::working_days(5));
    record.pauses = vec![Pause { from: at("2026-11-30T09:00"), to: None, reason: "听证".into() }];
    assert_eq!(calendar.light(&record, &[], at("2026-12-01T10:00")).state, LightState::Overdue);
}
