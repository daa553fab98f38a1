//! Codes about people: roles, lanes, four eyes.

use super::{Code, of};

/// Codes `P…`.
pub(super) const PEOPLE: &[Code] = &[
    of("P001", ["没有这个角色", "No such role"], ["角色在 workflows/roles.yaml 中声明。", "Roles are declared in workflows/roles.yaml."]),
    of(
        "P002",
        ["同一角色须由不同人办理", "Four eyes within one role"],
        ["只有一人担任该角色时，办件会无人可办。", "With one holder only, nobody could do the second step."],
    ),
    of("P003", ["没有说明谁办理", "Nobody is named"], ["人工办理环节要有泳道或指派。", "A user task has a lane or an assignment."]),
];
