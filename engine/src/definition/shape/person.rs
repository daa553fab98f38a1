//! The shape of a task for a person: form, actions, people, reminders, operations.

use super::{Doc, KeyShape, Of, Shape, key, must};
use crate::definition::{Priority, Procedure};

/// Operations on a task that the dialect names; the engine has some of them so far.
const OPERATIONS: Of = Of::Word(&[
    "transfer",
    "urge",
    "copyTo",
    "extendClock",
    "addSigner",
    "removeSigner",
    "delegate",
    "return",
    "takeBack",
    "withdraw",
    "jump",
    "suspend",
    "resume",
    "terminate",
    "reopen",
    "restart",
    "communicate",
]);

pub(super) static TASK_FORM: Shape = Shape {
    name: "form",
    doc: Doc { zh: "表单与字段权限", en: "form and field rights" },
    keys: &[&[
        must("use", Of::Kebab, "表单", "the form"),
        key("show", Of::Either(&Of::Word(&["all"]), &Of::List(&Of::Snake)), "显示哪些", "what is shown"),
        key("edit", Of::List(&Of::Snake), "可填写哪些", "what may be written"),
        key("require", Of::List(&Of::Snake), "必填哪些", "what every action requires"),
    ]],
};

const EACH_ACTION: Of = Of::Shape(&ACTION);

static ACTION: Shape = Shape {
    name: "action",
    doc: Doc { zh: "办理动作（按钮）", en: "an action: a button of the clerk" },
    keys: &[&[
        must("name", Of::LocalText, "按钮文字", "its label"),
        key("to", Of::Snake, "去向（缺省为继续）", "where it goes; on if absent"),
        key("when", Of::Expression, "仅当成立时可用", "offered only if true"),
        key("require", Of::List(&Of::Snake), "必填", "what it requires"),
        key("confirm", Of::Boolean, "办理前再确认", "ask once more"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static ASSIGN: Shape = Shape {
    name: "assign",
    doc: Doc { zh: "指派", en: "whom it is for" },
    keys: &[&[must("role", Of::Kebab, "角色", "role"), key("unit", Of::Expression, "单位", "unit expression")]],
};

/// What a task for a person has.
pub(super) const PERSON: &[KeyShape] = &[
    key("lane", Of::Snake, "泳道", "lane"),
    key("assign", Of::Shape(&ASSIGN), "指派", "whom it is for, instead of a lane"),
    key("due", Of::Duration, "办理期限", "limit of the step"),
    key("actions", Of::Map(&Of::Snake, &EACH_ACTION), "办理动作", "the clerk's buttons"),
    key("separateFrom", Of::List(&Of::Snake), "须与哪些环节由不同人办理", "four eyes: tasks that others must have done"),
    key("operations", Of::Shape(&POLICY), "办理操作", "operations"),
    key(
        "procedure",
        Of::Word(&Procedure::WORDS),
        "法定程序：听证或实地核查，法律对它另有要求",
        "what the law calls the step, if it asks more of it: a hearing or a field check",
    ),
    key("remind", Of::List(&EACH_REMINDER), "到期前后的提醒", "notices before and after the limit"),
    key(
        "priority",
        Of::WordOrExpression(&Priority::WORDS),
        "缓急：特急、加急、普通、不急，或给出其一的表达式；待办先按它排",
        "how pressing it is: one of these, or an expression that gives one; the inbox is in its order first",
    ),
    key("return", Of::Shape(&RETURN), "退回到哪里、之后怎样走", "where it may be returned to, and how the case goes on then"),
];

const EACH_REMINDER: Of = Of::Shape(&REMINDER);

static REMINDER: Shape = Shape {
    name: "reminder",
    doc: Doc {
        zh: "到期前或逾期后的提醒，不必另写边界事件", en: "a notice before or after the limit, without a boundary event"
    },
    keys: &[&[
        key("left", Of::Duration, "还剩多久时（单位同 due）", "when so much is left, in the unit of `due`"),
        key("over", Of::Duration, "逾期多久时（单位同 due）", "when it is late by so much, in the unit of `due`"),
        must("template", Of::Kebab, "模板", "template"),
        key("to", Of::Text, "收件人，写法同 notify；缺省为这一步的办理人", "whom, as in `notify`; whoever has the task if absent"),
    ]],
};

static RETURN: Shape = Shape {
    name: "return",
    doc: Doc { zh: "退回规则", en: "how a task is returned" },
    keys: &[&[
        key(
            "to",
            Of::Either(&Of::Word(&["any", "previous"]), &Of::List(&Of::Snake)),
            "可退回的环节：any 为任一已过环节，缺省为上一步",
            "`any` passed step, or these; the previous one if absent",
        ),
        key(
            "resume",
            Of::Word(&["here", "through"]),
            "重做之后：here 直送回来，through 重新走；缺省由退回的人选择",
            "straight back `here`, or `through` the process again; the clerk chooses if absent",
        ),
    ]],
};

static POLICY: Shape = Shape {
    name: "operations",
    doc: Doc { zh: "允许的办理操作", en: "operations that are allowed" },
    keys: &[&[
        key("preset", Of::Word(&["cn-approval"]), "预设", "a preset"),
        key("allow", Of::List(&OPERATIONS), "另外允许", "allowed besides"),
        key("except", Of::List(&OPERATIONS), "除外", "not allowed"),
    ]],
};
