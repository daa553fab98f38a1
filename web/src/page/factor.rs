//! Enrolling a second factor: the seed as a QR code and as text, a code of it as proof, then recovery codes, shown once.

use axum::{
    Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Serialize;
use tongban_adapters::accounts::{Awaited, LoginError};

use super::{Page, ProblemBox, gate};
use crate::{
    desk::Desk,
    error::Problem,
    fields::Posted,
    page,
    session::{keep, notify},
    state::App,
    view::{
        qr::{Qr, qr},
        say,
    },
};

/// The routes.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/account/factor", get(show).post(offer))
        .route("/account/factor/confirm", post(confirm))
        .route("/account/end-factor", post(end))
}

#[derive(Serialize)]
struct Enrolment {
    must: bool,
    has: bool,
    qr: Option<Qr>,
    secret: Option<String>,
}

/// `GET /account/factor`: the seed that was offered, or the question whether one is wanted.
async fn show(State(app): State<App>, desk: Desk) -> Page {
    draw(&app, &desk, None).await
}

async fn draw(app: &App, desk: &Desk, problem: Option<&Problem>) -> Page {
    // whoever finds a desk unlocked must not see the seed
    let offer = match desk.must_be_fresh() {
        Ok(()) => app.store.offered_factor(&desk.id, &desk.person.name, say(desk.language(), "app.name")).await?,
        Err(_) => None,
    };
    let page = Enrolment {
        must: desk.session()?.awaits == Some(Awaited::Enrolment),
        has: app.store.has_factor(&desk.id).await?,
        qr: offer.as_ref().and_then(|offer| qr(&offer.url)),
        secret: offer.map(|offer| in_fours(&offer.secret)),
    };
    let banner = problem.map(|problem| ProblemBox::new(problem, desk.language(), false));
    let mut drawn = page::draw(app, desk, say(desk.language(), "factor.enrol_title"), "page/factor", &page, banner.as_ref()).await?;
    *drawn.status_mut() = problem.map_or(StatusCode::OK, |problem| problem.status);
    Ok(drawn)
}

/// `ABCD EFGH`: as one types it from a screen.
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// `POST /account/factor`: makes a seed.
async fn offer(State(app): State<App>, desk: Desk, _: Posted) -> Page {
    desk.must_be_fresh()?;
    app.store.offer_factor(&desk.id).await?;
    Ok(Redirect::to("/account/factor").into_response())
}

#[derive(Serialize)]
struct Codes {
    codes: Vec<String>,
}

/// `POST /account/factor/confirm`: a code of the seed; recovery codes are shown in the answer and never again.
async fn confirm(State(app): State<App>, desk: Desk, posted: Posted) -> Page {
    desk.must_be_fresh()?;
    let token = desk.visit.token().ok_or_else(Problem::log_in)?;
    match app.store.enrol_factor(token, posted.get("code"), desk.visit.origin()).await {
        Ok((codes, token)) => {
            let page = Codes { codes };
            let mut drawn: Response =
                page::draw(&app, &desk, say(desk.language(), "factor.codes_title"), "page/recovery", &page, None).await?;
            keep(&mut drawn, &gate::session_cookie(&app, token));
            Ok(drawn)
        }
        Err(LoginError::Refused) => draw(&app, &desk, Some(&gate::wrong_code())).await,
        Err(error) => match gate::problem(&app, error) {
            problem if problem.status.is_server_error() => Err(problem),
            problem => draw(&app, &desk, Some(&problem)).await,
        },
    }
}

/// `POST /account/end-factor`: where nobody must have one.
async fn end(State(app): State<App>, desk: Desk, _: Posted) -> Page {
    desk.must_be_fresh()?;
    if app.store.passwords().second_factor() {
        return Err(Problem::forbidden());
    }
    app.store.end_factor(&desk.id, desk.visit.token(), &desk.id).await?;
    Ok(notify(Redirect::to("/account").into_response(), "good", "factor.ended", &[]))
}
