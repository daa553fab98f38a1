//! `POST /test/clock`: turns the clock of a demonstration or a test. Exists only where the clock is driven.

use axum::{Json, Router, extract::State, routing::post};
use serde::{Deserialize, Serialize};
use tongban_adapters::clock::Clock;
use tongban_engine::{calendar::Duration, text::Text};

use crate::{error::Problem, state::App};

/// The route.
pub fn routes() -> Router<App> {
    Router::new().route("/test/clock", post(turn))
}

/// By how much, or to when.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Turn {
    /// `5wd` (to closing time), `PT10S`, ….
    advance: Option<String>,
    /// RFC 3339, or local date and time.
    set: Option<String>,
}

/// What the clock shows now.
#[derive(Debug, Serialize)]
struct Shows {
    now: String,
}

/// Turns it, and lets everything that is due happen before it answers.
async fn turn(State(app): State<App>, Json(turn): Json<Turn>) -> Result<Json<Shows>, Problem> {
    let clock = app.driven.as_ref().ok_or_else(Problem::not_found)?;
    let now = clock.now();
    let wrong = |what: &str| Problem::bad_request(Text::new(format!("看不懂的时间：{what}"), format!("cannot read the time `{what}`")));
    let to = match (&turn.advance, &turn.set) {
        (Some(by), None) => app.calendar.due(now, Duration::parse(by).map_err(|_| wrong(by))?).at,
        (None, Some(at)) => app.calendar.parse_moment(at).ok_or_else(|| wrong(at))?,
        _ => return Err(wrong("advance | set")),
    };
    if to < now {
        return Err(Problem::bad_request(Text::new("时钟只能往前拨", "the clock is only turned forwards")));
    }
    clock.set(to);
    app.ticker.tick().await;
    Ok(Json(Shows { now: app.calendar.format_moment(clock.now()) }))
}
