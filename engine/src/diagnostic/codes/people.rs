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
    of(
        "P010",
        ["一个角色兼有三员职责", "One role, two administrators"],
        [
            "三员（系统管理员 people、安全保密管理员 grants、安全审计员 audit）相互制约：一个角色只能有其中一项职责。",
            "The three administrators (system: people, security: grants, audit: audit) keep each other in check: a role carries one of the three duties at most.",
        ],
    ),
    of(
        "P011",
        ["三员不办理业务", "Administrators handle no cases"],
        [
            "泳道或任务的角色有三员职责，或者有三员职责的角色带有 sees: below。三员看不到业务数据，也不办理业务；办理工作要由业务角色承担。",
            "The role of a lane or task carries a duty of the three administrators, or a role that carries one has `sees: below`. They see no business data and handle no cases: the work belongs to another role.",
        ],
    ),
    of(
        "P012",
        ["一个人兼任三员", "One person, two administrators"],
        [
            "同一个人在同一时间担任两个有不同三员职责的角色，相互制约就不存在了。",
            "One person holds, at the same time, two roles with different duties of the three administrators: then nobody keeps her in check.",
        ],
    ),
];
