//! Working days, durations and legal clocks. Pure arithmetic over calendar data that is handed in.
//!
//! Counting rules (民事诉讼法 第八十五条, 民法典 第二百零一至二百零三条, 行政许可法 第八十二条): the first day is not
//! counted; the last day ends at closing time; calendar days (`d`) roll on to the next working day when they end on a
//! free one; working days (`wd`) and hours (`wh`) skip free days; elapsed time (`s`, `min`, `h`) knows no calendar.
//! Past the years that the calendar knows, a result that rests on a day's being free or worked is *provisional*.

mod clock;
mod cron;
mod days;
mod due;
mod duration;
mod ledger;
mod light;
mod load;
mod pauses;
#[cfg(test)]
mod tests;
mod zone;

pub use clock::{ClockRecord, Left, Pause};
pub use days::{Calendar, DayKind, Year};
pub use due::Due;
pub use duration::{Duration, DurationUnit};
pub use ledger::LedgerLine;
pub use light::{Light, LightState};
