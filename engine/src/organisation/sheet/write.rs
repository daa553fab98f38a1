//! The register as rows of texts: what an export holds, and an import takes.

use super::{
    SheetKind,
    columns::KIND_NAMES,
    dates::{Bound, day_of as day},
};
use crate::{calendar::Calendar, organisation::Register, time::Moment};

/// The rows of a sheet below its headings. Closed units and what was held there are history, and not among them.
pub fn written(register: &Register, kind: SheetKind, calendar: &Calendar) -> Vec<Vec<String>> {
    let from = |at: Option<Moment>| at.map(|at| day(at, Bound::First, calendar)).unwrap_or_default();
    let until = |at: Option<Moment>| at.map(|at| day(at, Bound::Last, calendar)).unwrap_or_default();
    let open = |id: &str| !register.closed.contains_key(id);
    let or_empty = |text: &Option<String>| text.clone().unwrap_or_default();
    match kind {
        SheetKind::Units => {
            let units = register.units.iter().filter(|(id, _)| open(id));
            let row = |(id, unit): (&String, &crate::organisation::Unit)| {
                let items = unit.items.join("、");
                let kind = kind_name(&unit.kind).to_owned();
                vec![id.clone(), unit.name.zh.clone(), or_empty(&unit.name.en), kind, or_empty(&unit.parent), or_empty(&unit.code), items]
            };
            units.map(row).collect()
        }
        SheetKind::People => {
            let row = |(id, official): (&String, &crate::organisation::Official)| {
                vec![id.clone(), official.name.clone(), or_empty(&official.login), or_empty(&official.mail), from(official.left)]
            };
            register.people.iter().map(row).collect()
        }
        SheetKind::Posts => {
            let posts = register.people.iter().flat_map(|(id, official)| official.posts.iter().map(move |tenure| (id, tenure)));
            let row = |(id, tenure): (&String, &crate::organisation::Tenure)| {
                let (post, term) = (&tenure.post, &tenure.term);
                vec![id.clone(), post.role.clone(), post.unit.clone(), from(term.from), until(term.until)]
            };
            posts.filter(|(_, tenure)| open(&tenure.post.unit)).map(row).collect()
        }
    }
}

/// A kind of unit in Chinese, as sheets have it.
pub fn kind_name(kind: &str) -> &str {
    KIND_NAMES.iter().find(|(word, _)| *word == kind).map_or(kind, |(_, zh)| zh)
}
