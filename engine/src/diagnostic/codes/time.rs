//! Codes about time: limits, clocks, calendars.

use super::{Code, of};

/// Codes `T…`.
pub(super) const TIME: &[Code] = &[
    of(
        "T001",
        ["时限之内的环节没有办理期限", "Step without a limit inside a clock"],
        ["没有 due，就没有人知道这一步何时会拖延法定时限。", "Without `due` nobody sees in time that a step eats up the legal limit."],
    ),
    of(
        "T002",
        ["承诺长于法定", "Promise longer than the law"],
        ["承诺时限只能短于或等于法定时限。", "A promise may be shorter than the law's limit, never longer."],
    ),
    of(
        "T003",
        ["环节期限长于时限", "Step longer than its clock"],
        ["这一步可以按期办完而整个办件已超期。", "The step could be in time while the case is late."],
    ),
    of("T004", ["时限从不起算", "Clock that never starts"], ["写明 startAt，或跟随另一时限。", "Give `startAt`, or follow another clock."]),
    of("T005", ["不是 cron 表达式", "Not a cron pattern"], ["五段：分 时 日 月 星期。", "Five fields: minute, hour, day, month, weekday."]),
    of(
        "T006",
        ["各环节期限相加超过时限", "Steps together longer than their clock"],
        ["每一步都按期，办件仍会超期。", "Every step could be in time and the case still be late."],
    ),
    of(
        "T007",
        ["提醒与办理期限不相配", "Reminder that does not fit the limit"],
        [
            "remind 从 due 起算：须有 due，单位相同，且提前量短于期限。",
            "`remind` counts from `due`: there must be one, in the same unit, and longer than what is left.",
        ],
    ),
    of(
        "T101",
        ["日历的写法", "Shape of a calendar"],
        ["日历文件缺键、多键或写法不对。", "A calendar file lacks a key, has an unknown one or a malformed value."],
    ),
    of("T102", ["没有这个时区", "No such time zone"], ["用 IANA 名称，如 Asia/Shanghai。", "Use the IANA name, such as Asia/Shanghai."]),
    of("T103", ["办公时间", "Office hours"], ["按先后、不重叠，如 09:00-12:00。", "In order and not overlapping, such as 09:00-12:00."]),
    of(
        "T104",
        ["不是日期，或列了两次", "Not a date, or listed twice"],
        ["日历中的每一天只列一次。", "Each day of a calendar is listed once."],
    ),
];
