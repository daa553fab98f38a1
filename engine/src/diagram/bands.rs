//! Lanes as bands: which band each item of a scope stands in.

use crate::{
    definition::{Node, NodeIx, NodeKind, Process},
    text::{Language, Text},
};

use super::Overlay;

/// A band of a scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Band {
    /// Lane id, `role:ID` for tasks assigned to a role, or `system`.
    pub(super) id: String,
    pub(super) name: Text,
}

/// Id of the band of what the machine does.
pub(super) const SYSTEM: &str = "system";

/// The bands that `items` need, lanes in declared order, then roles, the system last; and the band of each item.
pub(super) fn bands(process: &Process, overlay: &Overlay, items: &[NodeIx]) -> (Vec<Band>, Vec<usize>) {
    let of: Vec<Band> = items.iter().map(|&ix| band(process, overlay, &process.nodes[ix])).collect();
    let rank = |band: &Band| match process.lanes.get_index_of(&band.id) {
        Some(index) => index,
        None if band.id == SYSTEM => usize::MAX,
        None => process.lanes.len(),
    };
    let mut bands: Vec<Band> = Vec::new();
    for band in &of {
        if !bands.contains(band) {
            bands.push(band.clone());
        }
    }
    bands.sort_by_key(rank);
    let places = of.iter().map(|band| bands.iter().position(|b| b == band).unwrap_or(0)).collect();
    (bands, places)
}

fn band(process: &Process, overlay: &Overlay, node: &Node) -> Band {
    if let NodeKind::UserTask(task) = &node.kind {
        if let Some((id, lane)) = task.lane.as_ref().and_then(|id| Some((id, process.lanes.get(id)?))) {
            return Band { id: id.clone(), name: lane.name.clone() };
        }
        if let Some(assign) = &task.assign {
            return Band { id: format!("role:{}", assign.role), name: role(overlay, &assign.role) };
        }
    }
    Band { id: SYSTEM.to_owned(), name: Text::new("系统", "System") }
}

/// The shown name of a role.
pub(super) fn role(overlay: &Overlay, id: &str) -> Text {
    overlay.roles.get(id).cloned().unwrap_or_else(|| Text::zh(id))
}

impl Band {
    pub(super) fn title(&self, language: Language) -> &str {
        self.name.get(language)
    }
}
