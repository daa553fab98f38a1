//! The shape of each element of a flow: BPMN's words and their keys.

use super::{Doc, KeyShape, Of, Shape, key, later, must};

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
    "communicate",
]);

static TIMER: Shape = Shape {
    name: "timer",
    doc: Doc { zh: "定时", en: "a timer" },
    keys: &[&[
        key("after", Of::Duration, "等待多久后", "so long after it begins to wait"),
        key("at", Of::Expression, "在何时：日期或时刻", "at a date or moment"),
        key("every", Of::Duration, "每隔多久", "again and again, so far apart"),
        key("times", Of::Integer, "最多几次（与 every 同用）", "how often at most, with `every`"),
        key("cron", Of::Text, "cron 表达式", "a cron pattern in the calendar's zone"),
    ]],
};

/// What triggers an event.
const TRIGGER: &[KeyShape] = &[
    key("message", Of::Name, "消息", "a declared message"),
    key("timer", Of::Shape(&TIMER), "定时", "a timer"),
    later("signal", "信号", "a signal"),
    later("error", "错误", "an error"),
    later("escalation", "升级", "an escalation"),
    later("condition", "条件", "a condition"),
    later("compensation", "补偿", "compensation"),
    later("cancel", "取消", "cancel"),
    later("link", "链接", "a link"),
];

/// What every element has.
const COMMON: &[KeyShape] = &[
    key("name", Of::LocalText, "名称", "shown name"),
    key("doc", Of::LocalText, "说明", "explanation"),
    key("public", Of::LocalText, "申请人可见的说法", "what the applicant may read of it"),
];

const NEXT: &[KeyShape] = &[key("next", Of::Snake, "下一环节（缺省为下一项）", "the next element; the next in the list if absent")];

const SET: &[KeyShape] = &[key("set", Of::Map(&Of::Snake, &Of::Expression), "离开时赋值", "assignments made when it is left")];

static MULTI_INSTANCE: Shape = Shape {
    name: "multiInstance",
    doc: Doc { zh: "多实例", en: "multi-instance" },
    keys: &[&[
        key("parallel", Of::Map(&Of::Snake, &Of::Expression), "并行：变量与列表", "in parallel: variable and list"),
        later("sequential", "依次", "one after another"),
        key("complete", Of::Text, "何时完成：all、any、比例或表达式", "when complete: all, any, a ratio or an expression"),
        key("collect", Of::Map(&Of::Snake, &Of::Snake), "汇总：外部列表与内部数据项", "collect: outer list and inner name"),
    ]],
};

const ACTIVITY: &[KeyShape] = &[
    key("boundary", Of::Boundary, "边界事件", "boundary events"),
    key("multiInstance", Of::Shape(&MULTI_INSTANCE), "多实例", "multi-instance"),
    later("loop", "循环", "a loop"),
];

static TASK_FORM: Shape = Shape {
    name: "form",
    doc: Doc { zh: "表单与字段权限", en: "form and field rights" },
    keys: &[&[
        must("use", Of::Kebab, "表单", "the form"),
        key("show", Of::Either(&Of::Word(&["all"]), &Of::List(&Of::Snake)), "显示哪些", "what is shown"),
        key("edit", Of::List(&Of::Snake), "可填写哪些", "what may be written"),
        key("require", Of::List(&Of::Snake), "必填哪些", "what every action requires"),
    ]],
};

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

static POLICY: Shape = Shape {
    name: "operations",
    doc: Doc { zh: "允许的办理操作", en: "operations that are allowed" },
    keys: &[&[
        key("preset", Of::Word(&["cn-approval"]), "预设", "a preset"),
        key("allow", Of::List(&OPERATIONS), "另外允许", "allowed besides"),
        key("except", Of::List(&OPERATIONS), "除外", "not allowed"),
    ]],
};

static NOTIFY: Shape = Shape {
    name: "notify",
    doc: Doc { zh: "通知", en: "a notice" },
    keys: &[&[
        must("template", Of::Kebab, "模板", "template"),
        must("to", Of::Text, "收件人：lane.泳道、applicant 或表达式", "lane.ID, applicant, or an expression"),
    ]],
};

static NUMBER: Shape = Shape {
    name: "number",
    doc: Doc { zh: "文号", en: "a document number" },
    keys: &[&[
        must("series", Of::Kebab, "文号序列", "number series"),
        must("pattern", Of::Pattern, "文号格式", "pattern with {year} and {seq}"),
    ]],
};

static DOCUMENT: Shape = Shape {
    name: "document",
    doc: Doc { zh: "文书", en: "a document" },
    keys: &[&[
        must("template", Of::Kebab, "模板", "template"),
        key(
            "number",
            Of::Either(&Of::Kebab, &Of::Shape(&NUMBER)),
            "文号序列",
            "number series, with its pattern if it is not the process's own",
        ),
        key("save", Of::Snake, "存入哪个名称", "name it is kept under"),
    ]],
};

static BRANCH: Shape = Shape {
    name: "branch",
    doc: Doc { zh: "分支", en: "a branch" },
    keys: &[&[
        key("when", Of::Expression, "条件", "condition"),
        key("otherwise", Of::Boolean, "否则", "taken if no other is"),
        key("do", Of::Flow, "分支内的环节", "what the branch does"),
        key("to", Of::Snake, "去向", "where it goes"),
        key("name", Of::LocalText, "名称", "shown name"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static START: Shape = Shape {
    name: "start",
    doc: Doc { zh: "触发", en: "what starts it" },
    keys: &[&[key("interrupting", Of::Boolean, "是否中断外层", "whether it interrupts the scope around it")], TRIGGER],
};

/// One element of the dialect.
#[derive(Debug)]
pub(in crate::definition) struct Element {
    pub(in crate::definition) shape: Shape,
    /// Whether this version executes it.
    pub(in crate::definition) supported: bool,
}

const fn element_of(name: &'static str, zh: &'static str, en: &'static str, keys: &'static [&'static [KeyShape]]) -> Element {
    Element { shape: Shape { name, doc: Doc { zh, en }, keys }, supported: true }
}

const fn not_yet(name: &'static str, zh: &'static str, en: &'static str) -> Element {
    Element { shape: Shape { name, doc: Doc { zh, en }, keys: &[] }, supported: false }
}

/// Every element that may stand in a flow.
pub(in crate::definition) static ELEMENTS: &[Element] = &[
    element_of(
        "startEvent",
        "开始",
        "start event",
        &[
            COMMON,
            NEXT,
            SET,
            TRIGGER,
            &[
                key("form", Of::Kebab, "启动表单", "form filled in to start it"),
                key("lane", Of::Snake, "谁可以启动（泳道）", "lane that may start it"),
                key("role", Of::Kebab, "谁可以启动（角色）", "role that may start it"),
            ],
        ],
    ),
    element_of(
        "endEvent",
        "结束",
        "end event",
        &[
            COMMON,
            &[
                key("terminate", Of::Boolean, "立即结束所在范围", "ends its own scope at once"),
                later("message", "消息", "a message"),
                later("error", "错误", "an error"),
                later("escalation", "升级", "an escalation"),
                later("signal", "信号", "a signal"),
                later("compensate", "补偿", "compensation"),
                later("cancel", "取消", "cancel"),
            ],
        ],
    ),
    element_of("intermediateCatchEvent", "等待事件", "intermediate catch event", &[COMMON, NEXT, SET, TRIGGER]),
    element_of(
        "userTask",
        "人工办理",
        "user task",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                key("lane", Of::Snake, "泳道", "lane"),
                key("assign", Of::Shape(&ASSIGN), "指派", "whom it is for, instead of a lane"),
                key("form", Of::Shape(&TASK_FORM), "表单", "form"),
                key("due", Of::Duration, "办理期限", "limit of the step"),
                key("actions", Of::Map(&Of::Snake, &Of::Shape(&ACTION)), "办理动作", "the clerk's buttons"),
                key("separateFrom", Of::List(&Of::Snake), "须与哪些环节由不同人办理", "four eyes: tasks that others must have done"),
                key("operations", Of::Shape(&POLICY), "办理操作", "operations"),
                later("remind", "提醒", "reminders"),
                later("priority", "优先级", "priority"),
                later("return", "退回", "return"),
            ],
        ],
    ),
    element_of(
        "serviceTask",
        "系统办理",
        "service task",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                must("operation", Of::Name, "操作", "operation"),
                key("register", Of::Kebab, "信息库", "register"),
                key("with", Of::Map(&Of::Snake, &Of::Expression), "入参", "what it is given"),
                key("settings", Of::Any, "固定设置", "literal settings"),
                key("retry", Of::Integer, "最多尝试几次", "attempts at most"),
            ],
        ],
    ),
    element_of(
        "scriptTask",
        "脚本",
        "script task",
        &[COMMON, NEXT, SET, ACTIVITY, &[must("script", Of::Text, "rhai 脚本", "rhai script")]],
    ),
    element_of(
        "sendTask",
        "发送",
        "send task",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                key("portal", Of::Text, "平台办理状态", "portal status"),
                key("notify", Of::Shape(&NOTIFY), "通知", "a notice"),
                key("document", Of::Shape(&DOCUMENT), "文书", "a document"),
                key("message", Of::Name, "消息", "a message"),
                key("with", Of::Map(&Of::Snake, &Of::Expression), "消息或状态的内容", "data of the message and of the portal status"),
            ],
        ],
    ),
    element_of(
        "receiveTask",
        "接收",
        "receive task",
        &[COMMON, NEXT, SET, ACTIVITY, &[must("message", Of::Name, "消息", "a declared message")]],
    ),
    element_of(
        "subProcess",
        "子流程",
        "sub-process",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                must("do", Of::Flow, "其中的环节", "what is inside"),
                key("eventSubProcesses", Of::EventSubProcesses, "事件子流程", "event sub-processes"),
            ],
        ],
    ),
    element_of(
        "exclusiveGateway",
        "排他网关",
        "exclusive gateway",
        &[COMMON, NEXT, &[key("branches", Of::List(&Of::Shape(&BRANCH)), "分支", "branches")]],
    ),
    element_of(
        "parallelGateway",
        "并行网关",
        "parallel gateway",
        &[COMMON, NEXT, &[key("branches", Of::List(&Of::Shape(&BRANCH)), "分支", "branches")]],
    ),
    not_yet("intermediateThrowEvent", "抛出事件", "intermediate throw event"),
    not_yet("manualTask", "线下办理", "manual task"),
    not_yet("businessRuleTask", "决策", "business rule task"),
    not_yet("callActivity", "调用流程", "call activity"),
    not_yet("adHocSubProcess", "自由子流程", "ad-hoc sub-process"),
    not_yet("transaction", "事务", "transaction"),
    not_yet("inclusiveGateway", "包容网关", "inclusive gateway"),
    not_yet("complexGateway", "复杂网关", "complex gateway"),
    not_yet("eventBasedGateway", "事件网关", "event-based gateway"),
    not_yet("use", "片段", "fragment"),
];

/// A boundary event.
pub(in crate::definition) static BOUNDARY: Shape = Shape {
    name: "boundaryEvent",
    doc: Doc { zh: "边界事件", en: "a boundary event" },
    keys: &[
        COMMON,
        SET,
        TRIGGER,
        &[
            key("interrupting", Of::Boolean, "是否中断（缺省中断）", "whether it interrupts; it does if absent"),
            key("do", Of::Flow, "触发后的环节", "what is done then"),
            key("to", Of::Snake, "去向", "where it goes"),
        ],
    ],
};

/// An event sub-process.
pub(in crate::definition) static EVENT_SUB_PROCESS: Shape = Shape {
    name: "eventSubProcess",
    doc: Doc { zh: "事件子流程", en: "an event sub-process" },
    keys: &[COMMON, &[must("start", Of::Shape(&START), "触发", "what starts it"), must("do", Of::Flow, "其中的环节", "what is inside")]],
};

/// The element called `word`.
pub(in crate::definition) fn element(word: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.shape.name == word)
}
