//! The shape of a process file around its flow, and of the roles file.

use super::{Doc, KeyShape, Of, Shape, key, must};

/// `basis:` and what may stand beside it.
const UNVERIFIED: KeyShape = key("unverified", Of::Text, "待核：依据尚未核实的原因", "why the basis is not certain yet");

static BASIS: Shape = Shape {
    name: "basis",
    doc: Doc { zh: "依据条文", en: "an article" },
    keys: &[&[must("basis", Of::Text, "条文", "the article"), UNVERIFIED]],
};

static LANE: Shape = Shape {
    name: "lane",
    doc: Doc { zh: "泳道：某单位的某角色", en: "a lane: a role at a unit" },
    keys: &[&[
        key("name", Of::LocalText, "名称", "shown name"),
        must("role", Of::Kebab, "角色（workflows/roles.yaml）", "role from workflows/roles.yaml"),
        key("unit", Of::Expression, "单位：表达式，缺省为办件的单位", "unit: an expression; the case's unit if absent"),
        key("fallback", Of::Kebab, "无人担任或仅申请人担任时由谁接办", "role that takes over if nobody else holds it"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static MESSAGE: Shape = Shape {
    name: "message",
    doc: Doc { zh: "消息声明", en: "a message declaration" },
    keys: &[&[
        key("key", Of::Expression, "关联键", "correlation key"),
        key("keep", Of::Duration, "无人等待时保留多久", "how long it is kept while nobody waits for it"),
        PAYLOAD,
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

/// What a message or signal brings.
const PAYLOAD: KeyShape = key(
    "data",
    Of::Map(&Of::Snake, &Of::Text),
    "内容：名称与类型；写明后发送须给全",
    "what it brings: names and types, which senders give whole",
);

static SIGNAL: Shape = Shape {
    name: "signal",
    doc: Doc { zh: "信号声明", en: "a signal declaration" },
    keys: &[&[key("name", Of::LocalText, "名称", "shown name"), PAYLOAD, key("doc", Of::LocalText, "说明", "explanation")]],
};

static CODE: Shape = Shape {
    name: "code",
    doc: Doc { zh: "错误或升级代码的声明", en: "the declaration of an error or escalation code" },
    keys: &[&[key("name", Of::LocalText, "名称", "shown name"), key("doc", Of::LocalText, "说明", "explanation")]],
};

static GIVEN: Shape = Shape {
    name: "parameter",
    doc: Doc { zh: "调用者给出的数据项", en: "a data name that a caller gives" },
    keys: &[&[
        must("type", Of::Text, "类型", "type"),
        key("required", Of::Boolean, "是否必须给出（缺省是）", "whether it must be given; it must if absent"),
        key("name", Of::LocalText, "名称", "shown name"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static EXTRA: Shape = Shape {
    name: "extra",
    doc: Doc { zh: "表单以外的数据项", en: "a data name besides the form's" },
    keys: &[&[
        must("type", Of::Text, "类型", "type"),
        key("default", Of::Any, "初始值", "value before anybody writes it"),
        key("search", Of::Boolean, "是否可按此检索", "whether cases can be searched by it"),
        key("name", Of::LocalText, "名称", "shown name"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

static DATA: Shape = Shape {
    name: "data",
    doc: Doc { zh: "办件数据", en: "data of a case" },
    keys: &[&[
        key("open", Of::Boolean, "是否允许未声明的数据项", "whether undeclared names may be read and written"),
        key("form", Of::Kebab, "申请表（forms/名称.yaml）", "the application form, forms/NAME.yaml"),
        key("extra", Of::Map(&Of::Snake, &Of::Shape(&EXTRA)), "其他数据项", "further data names"),
        key("search", Of::List(&Of::Snake), "申请表中可检索的数据项", "form fields that cases can be searched by"),
    ]],
};

static EXTEND: Shape = Shape {
    name: "extend",
    doc: Doc { zh: "延期规则", en: "how a clock may be extended" },
    keys: &[&[
        must("by", Of::Duration, "每次延长多久", "by how much"),
        key("times", Of::Integer, "最多几次，缺省一次", "how often at most; once if absent"),
        key("lane", Of::Snake, "谁可以延期", "lane that may extend"),
        key("notify", Of::Kebab, "告知书模板", "notice template"),
    ]],
};

static WARN: Shape = Shape {
    name: "warn",
    doc: Doc { zh: "预警", en: "a warning" },
    keys: &[&[
        must("left", Of::Duration, "剩余多少时预警", "when so much is left"),
        key("escalate", Of::Snake, "另行提醒的泳道", "lane that is told besides"),
    ]],
};

static CLOCK: Shape = Shape {
    name: "clock",
    doc: Doc { zh: "时限", en: "a legal clock" },
    keys: &[&[
        must("name", Of::LocalText, "名称", "shown name"),
        key("basis", Of::Text, "依据条文", "article"),
        UNVERIFIED,
        must("limit", Of::Duration, "期限", "the limit"),
        key("follows", Of::Snake, "与哪个时限同起止", "clock whose starts, stops and pauses it shares"),
        key("startAt", Of::Map(&Of::Snake, &Of::Word(&["now", "received"])), "进入哪个环节时起算", "nodes at whose entry it starts"),
        key("stopAt", Of::List(&Of::Snake), "进入哪个环节时停止", "nodes at whose entry it stops"),
        key("pauseIn", Of::List(&Of::Snake), "在哪些环节中止计时", "nodes during which it pauses"),
        key("extend", Of::Shape(&EXTEND), "延期", "extension"),
        key("warn", Of::List(&Of::Shape(&WARN)), "预警", "warnings"),
        key("doc", Of::LocalText, "说明", "explanation"),
    ]],
};

/// Operations on a whole case.
const OF_CASE: Of = Of::Word(&["suspend", "resume", "terminate", "reopen", "jump", "restart"]);

static CASE_POLICY: Shape = Shape {
    name: "operations",
    doc: Doc { zh: "对整个办件的操作", en: "operations on a whole case" },
    keys: &[&[
        must("lanes", Of::List(&Of::Snake), "哪些泳道的人可以", "lanes whose people may"),
        key("allow", Of::List(&OF_CASE), "哪些操作，缺省为全部", "which operations; all if absent"),
        key("except", Of::List(&OF_CASE), "除外", "not these"),
        key(
            "pauses",
            Of::List(&Of::Snake),
            "挂起期间依法中止的时限，其余照常计算",
            "clocks that the law lets stand still meanwhile; the others go on",
        ),
    ]],
};

/// What a case's clock does where that does not follow from where the case stands.
const CLOCK_CHOICE: Of = Of::Word(&["now", "received", "never", "keep", "stop"]);

static MIGRATE: Shape = Shape {
    name: "migrate",
    doc: Doc { zh: "在办件如何转到这一版本", en: "how open cases of older versions go on under this one" },
    keys: &[&[
        key(
            "from",
            Of::List(&Of::Text),
            "哪些旧版本：序号或内容哈希的开头；缺省为全部",
            "which older versions: numbers or beginnings of content hashes; all if absent",
        ),
        key("nodes", Of::Map(&Of::Text, &Of::Text), "旧环节改由哪个环节接续", "old element: the one that it is now"),
        key("drop", Of::List(&Of::Text), "停在这些旧环节的办理取消", "old elements at which whatever waits is taken away"),
        key("data", Of::Map(&Of::Snake, &Of::Expression), "写入的数据：按旧办件计算", "data written, computed from the case as it was"),
        key(
            "clocks",
            Of::Map(&Of::Snake, &CLOCK_CHOICE),
            "起算点或终止点已过的时限如何处理",
            "what becomes of a clock whose start or stop the case has passed",
        ),
    ]],
};

/// A `process.yaml`.
pub(in crate::definition) static PROCESS: Shape = Shape {
    name: "process",
    doc: Doc { zh: "流程定义", en: "a process definition" },
    keys: &[&[
        must("process", Of::Kebab, "流程标识", "process id"),
        must("name", Of::LocalText, "名称", "name"),
        must("dialect", Of::Word(&["1"]), "方言版本", "version of the dialect"),
        key(
            "kind",
            Of::Word(&["licence", "filing", "report", "office"]),
            "性质：许可、备案、报告、内部事务",
            "what it is in administrative law",
        ),
        key("item", Of::Kebab, "一网通办事项", "One-Net item it handles"),
        key("legalBasis", Of::List(&Of::Either(&Of::Text, &Of::Shape(&BASIS))), "法律依据", "articles it rests on"),
        must("calendar", Of::Kebab, "日历（forms/calendars/名称.yaml）", "calendar, forms/calendars/NAME.yaml"),
        key("number", Of::Pattern, "文号格式", "pattern of the case number"),
        key("title", Of::Pattern, "办件标题格式", "pattern of the case title"),
        key("doc", Of::LocalText, "说明", "explanation"),
        key("lanes", Of::Map(&Of::Snake, &Of::Shape(&LANE)), "泳道", "lanes"),
        key("messages", Of::Map(&Of::Name, &Of::Shape(&MESSAGE)), "消息", "messages"),
        key("signals", Of::Map(&Of::Name, &Of::Shape(&SIGNAL)), "信号；写了就须写全", "signals: all of them, if any"),
        key("errors", Of::Map(&Of::Name, &Of::Shape(&CODE)), "错误代码；写了就须写全", "error codes: all of them, if any"),
        key("escalations", Of::Map(&Of::Name, &Of::Shape(&CODE)), "升级代码；写了就须写全", "escalation codes: all of them, if any"),
        key(
            "parameters",
            Of::Map(&Of::Snake, &Of::Either(&Of::Shape(&GIVEN), &Of::Text)),
            "被调用时由调用者给出的数据项：名称与类型",
            "data that a caller gives when it calls this process: names and types",
        ),
        key("data", Of::Shape(&DATA), "数据", "data"),
        key("clocks", Of::Map(&Of::Snake, &Of::Shape(&CLOCK)), "时限", "legal clocks"),
        key("operations", Of::Shape(&CASE_POLICY), "谁可以挂起、终止、跳转办件等", "who may suspend, terminate, jump and so on"),
        must("flow", Of::Flow, "流程环节，自上而下", "the flow, from top to bottom"),
        key("eventSubProcesses", Of::EventSubProcesses, "事件子流程", "event sub-processes"),
        key(
            "migrate",
            Of::Either(&Of::Shape(&MIGRATE), &Of::List(&Of::Shape(&MIGRATE))),
            "在办件如何转到这一版本",
            "how open cases of older versions go on under this one",
        ),
    ]],
};

/// Kinds of a fragment's parameters.
const PARAMETER: Of =
    Of::Word(&["form", "lane", "role", "template", "clock", "duration", "message", "data", "decision", "text", "expression"]);

/// A `fragment.yaml`; its flow is checked where it is used.
pub(in crate::definition) static FRAGMENT: Shape = Shape {
    name: "fragment",
    doc: Doc { zh: "流程片段", en: "a fragment that processes share" },
    keys: &[&[
        must("fragment", Of::Kebab, "片段标识", "fragment id"),
        must("name", Of::LocalText, "名称", "name"),
        key("doc", Of::LocalText, "说明", "explanation"),
        key("parameters", Of::Map(&Of::Snake, &PARAMETER), "参数及其类型", "parameters and their kinds"),
        must("outcomes", Of::List(&Of::Snake), "结果，第一个继续往下", "outcomes; the first goes on"),
        must("flow", Of::Any, "片段的环节", "its flow"),
    ]],
};

static ROLE: Shape = Shape {
    name: "role",
    doc: Doc { zh: "角色", en: "a role" },
    keys: &[&[
        must("name", Of::LocalText, "名称", "name"),
        key("doc", Of::LocalText, "说明", "explanation"),
        key("may", Of::List(&Of::Word(&crate::definition::DUTIES)), "办件以外可以做的事", "what it may do besides handling cases"),
        key(
            "sees",
            Of::Word(&crate::definition::Sees::WORDS),
            "看到谁的办件：own 本单位交给它办的，below 本单位和下级单位的全部（只看）",
            "whose cases it sees: `own`, those of its unit that give it work; `below`, all of its unit and the units below, to look at",
        ),
    ]],
};

/// `workflows/roles.yaml`.
pub(in crate::definition) static ROLES: Shape = Shape {
    name: "roles",
    doc: Doc { zh: "角色表", en: "the roles of the office" },
    keys: &[&[must("roles", Of::Map(&Of::Kebab, &Of::Shape(&ROLE)), "角色", "roles by id")]],
};

/// `workflows/purposes.yaml`.
pub(in crate::definition) static PURPOSES: Shape = Shape {
    name: "purposes",
    doc: Doc { zh: "查看目的", en: "what personal data may be looked at in full for" },
    keys: &[&[must("purposes", Of::Map(&Of::Kebab, &Of::LocalText), "目的", "purposes by id")]],
};
