//! The shape of each element of a flow: BPMN's words and their keys.

use super::{
    Doc, KeyShape, Of, Shape, key, must,
    person::{PERSON, TASK_FORM},
    repeat::{LOOP, MULTI_INSTANCE},
};

static TIMER: Shape = Shape {
    name: "timer",
    doc: Doc { zh: "定时", en: "a timer" },
    keys: &[&[
        key("after", Of::DurationOrExpression, "等待多久后", "so long after it begins to wait"),
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
    key("signal", Of::Text, "信号", "a signal"),
    key("error", Of::Text, "错误代码，any 为任何错误", "an error code; `any` catches all"),
    key("escalation", Of::Text, "升级代码，any 为任何升级", "an escalation code; `any` catches all"),
    key("condition", Of::Expression, "条件", "a condition: happens when it becomes true"),
    key("compensation", Of::Boolean, "补偿", "compensation"),
    key("cancel", Of::Boolean, "事务取消", "cancellation of the transaction"),
    key("link", Of::Text, "链接", "a link"),
    key("unfinished", Of::Boolean, "尚未写明触发条件", "what triggers it is not said yet"),
];

/// What triggers an event in several ways.
const TRIGGERS: &[KeyShape] = &[
    key("any", Of::List(&EACH_TRIGGER), "任一触发", "the first of several"),
    key("all", Of::List(&EACH_TRIGGER), "全部触发", "when each of several has happened"),
];

const EACH_TRIGGER: Of = Of::Shape(&ONE_TRIGGER);

static ONE_TRIGGER: Shape = Shape { name: "trigger", doc: Doc { zh: "一种触发", en: "one trigger" }, keys: &[TRIGGER] };

/// What an event throws.
const THROW: &[KeyShape] = &[
    key("message", Of::Name, "消息", "a message"),
    key("signal", Of::Text, "信号", "a signal"),
    key("escalation", Of::Text, "升级代码", "an escalation code"),
    key("compensate", Of::Text, "补偿：true 或某个环节", "compensation: `true`, or of one activity"),
    key("with", Of::Map(&Of::Snake, &Of::Expression), "消息或信号的内容", "data of the message or signal"),
    key("unfinished", Of::Boolean, "尚未写明抛出什么", "what it throws is not said yet"),
];

/// What only an end event throws.
const THROW_AT_END: &[KeyShape] = &[
    key("error", Of::Text, "错误代码", "an error code"),
    key("terminate", Of::Boolean, "立即结束所在范围", "ends its own scope at once"),
    key("cancel", Of::Boolean, "取消所在事务", "cancels the transaction around it"),
];

/// What an event throws one after another.
const THROWS: &[KeyShape] = &[key("throws", Of::List(&EACH_THROW), "依次抛出", "several, in their order")];

pub(super) const EACH_THROW: Of = Of::Shape(&ONE_THROW);

static ONE_THROW: Shape =
    Shape { name: "throw", doc: Doc { zh: "一种抛出", en: "one thing thrown" }, keys: &[THROW, THROW_AT_END, &[LINK]] };

const LINK: KeyShape = key("link", Of::Text, "链接", "a link");

const EACH_FLOW: Of = Of::Shape(&FLOW);

static FLOW: Shape = Shape {
    name: "flow",
    doc: Doc { zh: "顺序流", en: "a sequence flow" },
    keys: &[&[
        must("to", Of::Snake, "去向", "where it goes"),
        key("id", Of::Snake, "标识", "its id"),
        key("when", Of::Expression, "条件", "condition"),
        key("otherwise", Of::Boolean, "否则", "taken if no other is"),
        key("name", Of::LocalText, "名称", "shown name"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

/// What every element has.
const COMMON: &[KeyShape] = &[
    key("name", Of::LocalText, "名称", "shown name"),
    key("doc", Of::LocalText, "说明", "explanation"),
    key("public", Of::LocalText, "申请人可见的说法", "what the applicant may read of it"),
];

const NEXT: &[KeyShape] = &[
    key("next", Of::Snake, "下一环节（缺省为下一项）", "the next element; the next in the list if absent"),
    key("flows", Of::List(&EACH_FLOW), "写明的顺序流，代替列表顺序", "sequence flows spelled out, instead of the list's order"),
    key("sends", Of::List(&Of::Text), "完成时另外发出的消息", "messages sent besides when it completes"),
];

const SENDS: &[KeyShape] = &[key("sends", Of::List(&Of::Text), "另外发出的消息", "messages sent besides")];

const SET: &[KeyShape] = &[key("set", Of::Map(&Of::Snake, &Of::Expression), "离开时赋值", "assignments made when it is left")];

const ACTIVITY: &[KeyShape] = &[
    key("boundary", Of::Boundary, "边界事件", "boundary events"),
    key("multiInstance", Of::Shape(&MULTI_INSTANCE), "多实例", "multi-instance"),
    key("loop", Of::Shape(&LOOP), "循环", "a loop"),
    key("awaits", Of::Text, "收到哪条消息才算完成", "a message that completes it"),
    key("startQuantity", Of::Integer, "几个令牌才开始一次", "how many tokens it takes to begin once"),
    key("completionQuantity", Of::Integer, "每条流出几个令牌", "how many tokens leave by each flow"),
    key("forCompensation", Of::Boolean, "仅用于补偿", "a compensation handler"),
];

static NOTIFY: Shape = Shape {
    name: "notify",
    doc: Doc { zh: "通知", en: "a notice" },
    keys: &[&[
        must("template", Of::Kebab, "模板", "template"),
        must("to", Of::Text, "收件人：lane.泳道、task.环节、applicant 或表达式", "lane.ID, task.ID, applicant, or an expression"),
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

const EACH_BRANCH: Of = Of::Shape(&BRANCH);

static BRANCH: Shape = Shape {
    name: "branch",
    doc: Doc { zh: "分支", en: "a branch" },
    keys: &[&[
        key("when", Of::Expression, "条件", "condition"),
        key("otherwise", Of::Boolean, "否则", "taken if no other is"),
        key("do", Of::Flow, "分支内的环节", "what the branch does"),
        key("to", Of::Snake, "去向", "where it goes"),
        key("id", Of::Snake, "标识", "the flow's id"),
        key("name", Of::LocalText, "名称", "shown name"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static START: Shape = Shape {
    name: "start",
    doc: Doc { zh: "触发", en: "what starts it" },
    keys: &[
        &[
            key("interrupting", Of::Boolean, "是否中断外层", "whether it interrupts the scope around it"),
            key("id", Of::Snake, "开始事件的标识", "the start event's id"),
            key("name", Of::LocalText, "开始事件的名称", "the start event's name"),
            key("flows", Of::List(&EACH_FLOW), "开始事件的顺序流", "sequence flows out of the start event"),
            key("set", Of::Map(&Of::Snake, &Of::Expression), "开始时赋值", "assignments made when it starts"),
        ],
        TRIGGER,
        TRIGGERS,
    ],
};

/// One element of the dialect.
#[derive(Debug)]
pub(in crate::definition) struct Element {
    pub(in crate::definition) shape: Shape,
}

const fn element_of(name: &'static str, zh: &'static str, en: &'static str, keys: &'static [&'static [KeyShape]]) -> Element {
    Element { shape: Shape { name, doc: Doc { zh, en }, keys } }
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
            TRIGGERS,
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
        &[COMMON, SET, SENDS, THROW, THROWS, THROW_AT_END, &[key("outcome", Of::Snake, "片段的结果", "which outcome of a fragment it is")]],
    ),
    element_of("intermediateCatchEvent", "等待事件", "intermediate catch event", &[COMMON, NEXT, SET, TRIGGER, TRIGGERS]),
    element_of("intermediateThrowEvent", "抛出事件", "intermediate throw event", &[COMMON, NEXT, SET, THROW, THROWS, &[LINK]]),
    element_of(
        "userTask",
        "人工办理",
        "user task",
        &[COMMON, NEXT, SET, ACTIVITY, PERSON, &[key("form", Of::Shape(&TASK_FORM), "表单", "form")]],
    ),
    element_of("manualTask", "线下办理", "manual task", &[COMMON, NEXT, SET, ACTIVITY, PERSON]),
    element_of("task", "任务", "task", &[COMMON, NEXT, SET, ACTIVITY, PERSON]),
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
                key("operation", Of::Name, "操作", "operation"),
                key("register", Of::Kebab, "信息库", "register"),
                key("with", Of::Map(&Of::Snake, &Of::Expression), "入参", "what it is given"),
                key("settings", Of::Any, "固定设置", "literal settings"),
                key("retry", Of::Integer, "最多尝试几次", "attempts at most"),
            ],
        ],
    ),
    element_of("scriptTask", "脚本", "script task", &[COMMON, NEXT, SET, ACTIVITY, &[key("script", Of::Text, "rhai 脚本", "rhai script")]]),
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
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                key("message", Of::Name, "消息", "a declared message"),
                key("unfinished", Of::Boolean, "尚未写明消息", "which message is not said yet"),
                key("instantiate", Of::Boolean, "是否由它发起流程", "whether it begins a case"),
            ],
        ],
    ),
    element_of(
        "businessRuleTask",
        "决策",
        "business rule task",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                key("decision", Of::Kebab, "决策表", "decision table"),
                key("output", Of::Snake, "结果存入", "data name that gets the result"),
            ],
        ],
    ),
    element_of(
        "callActivity",
        "调用流程",
        "call activity",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            &[
                must("process", Of::Kebab, "被调用的流程", "the called process"),
                key("with", Of::Map(&Of::Snake, &Of::Expression), "入参", "data it begins with"),
                key("withAll", Of::Boolean, "传入全部数据", "all data go along"),
                key("setAll", Of::Boolean, "带回全部数据", "all data come back"),
            ],
        ],
    ),
    element_of("subProcess", "子流程", "sub-process", &[COMMON, NEXT, SET, ACTIVITY, INSIDE]),
    element_of("transaction", "事务", "transaction", &[COMMON, NEXT, SET, ACTIVITY, INSIDE]),
    element_of(
        "adHocSubProcess",
        "自由子流程",
        "ad-hoc sub-process",
        &[
            COMMON,
            NEXT,
            SET,
            ACTIVITY,
            INSIDE,
            &[
                key("completionCondition", Of::Expression, "何时完成", "when it is complete"),
                key("ordering", Of::Word(&["parallel", "sequential"]), "同时或依次", "at once or one after another"),
                key("cancelRemaining", Of::Boolean, "完成时是否取消未办完的", "whether what is left is taken away then"),
            ],
        ],
    ),
    element_of("exclusiveGateway", "排他网关", "exclusive gateway", GATEWAY),
    element_of("parallelGateway", "并行网关", "parallel gateway", GATEWAY),
    element_of("inclusiveGateway", "包容网关", "inclusive gateway", GATEWAY),
    element_of(
        "complexGateway",
        "复杂网关",
        "complex gateway",
        &[COMMON, NEXT, BRANCHES, &[key("activation", Of::Expression, "激活条件", "activation condition")]],
    ),
    element_of(
        "eventBasedGateway",
        "事件网关",
        "event-based gateway",
        &[COMMON, NEXT, BRANCHES, &[key("instantiate", Of::Boolean, "是否由事件发起流程", "whether its events begin a case")]],
    ),
    element_of(
        "use",
        "片段",
        "fragment",
        &[
            COMMON,
            NEXT,
            &[
                key("as", Of::Snake, "在此处的标识", "its id here"),
                key("with", Of::Map(&Of::Snake, &Of::Any), "参数", "arguments"),
                key("outcomes", Of::Map(&Of::Snake, &Of::Snake), "各结果的去向", "where each outcome goes"),
            ],
        ],
    ),
];

const GATEWAY: &[&[KeyShape]] = &[COMMON, NEXT, BRANCHES];

const BRANCHES: &[KeyShape] = &[key("branches", Of::List(&EACH_BRANCH), "分支", "branches")];

/// What a sub-process holds.
const INSIDE: &[KeyShape] = &[
    must("do", Of::Flow, "其中的环节", "what is inside"),
    key("eventSubProcesses", Of::EventSubProcesses, "事件子流程", "event sub-processes"),
];

/// A boundary event.
pub(in crate::definition) static BOUNDARY: Shape = Shape {
    name: "boundaryEvent",
    doc: Doc { zh: "边界事件", en: "a boundary event" },
    keys: &[
        COMMON,
        SET,
        TRIGGER,
        TRIGGERS,
        &[
            key("interrupting", Of::Boolean, "是否中断（缺省中断）", "whether it interrupts; it does if absent"),
            key("do", Of::Flow, "触发后的环节", "what is done then"),
            key("to", Of::Snake, "去向", "where it goes"),
            key("flows", Of::List(&EACH_FLOW), "写明的顺序流", "sequence flows spelled out"),
            key("sends", Of::List(&Of::Text), "另外发出的消息", "messages sent besides"),
        ],
    ],
};

/// An event sub-process.
pub(in crate::definition) static EVENT_SUB_PROCESS: Shape = Shape {
    name: "eventSubProcess",
    doc: Doc { zh: "事件子流程", en: "an event sub-process" },
    keys: &[COMMON, SET, &[must("start", Of::Shape(&START), "触发", "what starts it")], INSIDE],
};

/// The element called `word`.
pub(in crate::definition) fn element(word: &str) -> Option<&'static Element> {
    ELEMENTS.iter().find(|element| element.shape.name == word)
}
