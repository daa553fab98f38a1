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
    of(
        "P004",
        ["没有人担任的角色", "Role that nobody holds"],
        [
            "有任务归这个角色办理，而机构中没有人担任它，也没有人担任 fallback。",
            "Tasks fall to the role, and nobody in the organisation holds it, nor its fallback.",
        ],
    ),
    of(
        "P005",
        ["四眼原则无法实现", "Four eyes that are two"],
        [
            "两个环节须由不同的人办理，而在某个单位只有同一个人能办这两步，办件会在那里无人可办。",
            "Two steps must be done by different people, and at some unit one and the same person alone can do either: a case would stand still there.",
        ],
    ),
];
