//! Whether somebody has just shown who she is: asked before what must not be done by whoever finds a desk unlocked.

use crate::{desk::Desk, error::Problem};

/// How long showing who one is holds good.
const FRESH_MS: i64 = 5 * 60_000;

/// Refuses whoever logged in longer ago: she has to do it again.
pub fn demand(desk: &Desk) -> Result<(), Problem> {
    let session = desk.visit.session().ok_or_else(Problem::log_in)?;
    if desk.when.now() < session.created_at.plus_ms(FRESH_MS) { Ok(()) } else { Err(Problem::step_up()) }
}
