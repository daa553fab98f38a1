//! Codes about references: names that lead nowhere.

use super::{Code, of};

/// Codes `R…`.
pub(super) const REFERENCES: &[Code] = &[
    of("R001", ["没有这个泳道", "No such lane"], ["泳道在流程的 lanes 下声明。", "Lanes are declared under `lanes`."]),
    of("R003", ["没有这个表单", "No such form"], ["表单在 forms/名称.yaml。", "A form stands in forms/NAME.yaml."]),
    of(
        "R004",
        ["没有这个数据项", "No such data name"],
        ["数据项来自申请表和 data.extra。", "Data names come from the application form and `data.extra`."],
    ),
    of(
        "R005",
        ["没有这个模板", "No such template"],
        ["模板在流程旁的 templates/名称.hbs。", "A template stands beside the process in templates/NAME.hbs."],
    ),
    of(
        "R006",
        ["没有声明的消息", "Undeclared message"],
        ["消息在流程的 messages 下声明，写明关联键。", "Messages are declared under `messages` with their correlation key."],
    ),
    of("R007", ["没有这个环节", "No such element"], ["to 和 next 写环节的标识。", "`to` and `next` name an element's id."]),
    of(
        "R008",
        ["时限或迁移所指的环节不存在", "A clock or a migration names no element"],
        [
            "startAt、stopAt、pauseIn 和 migrate.nodes 的值写本版本环节的标识。",
            "`startAt`, `stopAt`, `pauseIn` and the values of `migrate.nodes` name elements of this version.",
        ],
    ),
    of(
        "R009",
        ["没有这个时限或日历", "No such clock or calendar"],
        [
            "follows 写本流程的时限；calendar 写 forms/calendars 下的日历。",
            "`follows` names a clock of this process, `calendar` a file of forms/calendars.",
        ],
    ),
    of("R010", ["不是人工办理环节", "Not a user task"], ["separateFrom 写人工办理环节的标识。", "`separateFrom` names user tasks."]),
    of(
        "R011",
        ["流程标识或事项重复", "Process id or item used twice"],
        ["一个事项只由一个流程办理，申请据此找到流程。", "One process handles an item: that is how an application finds it."],
    ),
    of(
        "R012",
        ["没有这个决策表", "No such decision table"],
        ["决策表在流程旁的 decisions/名称.yaml。", "A decision table stands beside the process in decisions/NAME.yaml."],
    ),
    of(
        "R013",
        ["没有可调用的流程", "No such process to call"],
        ["callActivity 的 process 写本单位另一流程的标识。", "`process` of a callActivity names another process of the office."],
    ),
    of(
        "R019",
        ["被调用的流程没有这个数据项", "The called process has no such data"],
        [
            "with 给出的、result 读取的，都是被调用流程的数据项。",
            "What `with` gives and what is read of `result` are data names of the called process.",
        ],
    ),
    of(
        "R014",
        ["没有流程文件", "No process file"],
        ["固定版本的文件里没有 process.yaml。", "The files of a pinned version hold no process.yaml."],
    ),
    of(
        "R015",
        ["模板读取了未声明的数据", "A template reads undeclared data"],
        [
            "模板能读办件数据、meta、application_no，文书还能读 document。",
            "A template reads the case's data, `meta`, `application_no`, and `document` in documents.",
        ],
    ),
    of(
        "R016",
        ["等待的消息没有关联键", "Awaited message without a key"],
        ["没有关联键，就不知道消息属于哪个办件。", "Without a key nobody knows which case a message belongs to."],
    ),
    of(
        "R017",
        ["没有这个片段或参数", "No such fragment or parameter"],
        [
            "片段在 workflows/fragments/名称/fragment.yaml；with 须正好给出它声明的参数。",
            "A fragment stands in workflows/fragments/NAME/fragment.yaml; `with` gives exactly the parameters that it declares.",
        ],
    ),
    of(
        "R018",
        ["片段的结果没有去向", "A fragment's outcome goes nowhere"],
        [
            "第一个结果继续往下；其余结果须在 outcomes 中写明去向。",
            "The first outcome goes on; where every other goes must be said under `outcomes`.",
        ],
    ),
    of(
        "R030",
        ["没有声明的信号、错误或升级", "Undeclared signal, error or escalation"],
        [
            "流程写了 signals、errors 或 escalations，就须写全它抛出和捕捉的每一个。",
            "A process that has `signals`, `errors` or `escalations` declares every one that it throws or catches.",
        ],
    ),
    of(
        "R031",
        ["声明里没有的内容", "Content that is not declared"],
        [
            "消息或信号声明了 data，发送时 with 只能给出其中的名称。",
            "The message or signal declares its `data`, and `with` gives those names and no others.",
        ],
    ),
    of(
        "R032",
        ["两个流程声明的内容不同", "Declared with different content"],
        [
            "同名的信号或消息在一个单位里只有一种内容：发送的一方给的，就是接收的一方读的。",
            "A signal or message of one name has one content in an office: what one process gives is what the other reads.",
        ],
    ),
    of(
        "R040",
        ["表达式中的名称没有声明", "Undeclared name in an expression"],
        ["表达式按名称读取数据；办件自身的情况是 meta。", "Expressions read data by bare name; the case's own facts are `meta`."],
    ),
    of(
        "R041",
        ["没有这个函数，或参数个数不对", "No such function, or wrong arguments"],
        ["函数来自标准函数表和 rules.rhai。", "Functions are the standard ones and those of rules.rhai."],
    ),
];
