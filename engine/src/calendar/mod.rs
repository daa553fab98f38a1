//! Working days, durations and legal clocks. Pure arithmetic over calendar data that is handed in.

mod duration;

pub use duration::{Duration, DurationUnit};
