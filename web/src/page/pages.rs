//! Pagination: the total and links to pages around the one shown.

use serde::Serialize;
use tongban_adapters::store::PAGE_ROWS;

use crate::session::Visit;

/// Links before and after the page shown, at most.
const AROUND: u64 = 3;

/// What `part/pages` needs.
#[derive(Serialize)]
pub(super) struct Pages {
    total: u64,
    previous: Option<String>,
    next: Option<String>,
    links: Vec<Link>,
}

#[derive(Serialize)]
struct Link {
    no: u64,
    href: String,
    current: bool,
}

impl Pages {
    /// For `total` rows of which page `page`, from 0, is shown at the visitor's address.
    pub(super) fn new(visit: &Visit, total: u64, page: u32) -> Self {
        let last = total.div_ceil(u64::from(PAGE_ROWS)).max(1);
        let here = u64::from(page) + 1;
        let to = |no: u64| visit.with_query("page", &no.to_string());
        let links =
            (here.saturating_sub(AROUND).max(1)..=(here + AROUND).min(last)).map(|no| Link { no, href: to(no), current: no == here });
        Self { total, previous: (here > 1).then(|| to(here - 1)), next: (here < last).then(|| to(here + 1)), links: links.collect() }
    }
}
