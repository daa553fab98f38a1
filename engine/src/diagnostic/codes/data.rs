//! Codes about data: types, what is written before it is read, what conditions leave open.

use super::{Code, of};

/// Codes `D…`.
pub(super) const DATA: &[Code] = &[
    of("D001", ["保留字", "Reserved word"], ["规则语言占用这个词，数据不能用它命名。", "The rule language keeps the word for itself."]),
    of(
        "D002",
        ["要求了没人能写的数据", "Required, but written by nobody"],
        [
            "这一步不能填写它，也没有别的环节写入，动作永远不能完成。",
            "The step may not edit it and nothing else writes it: the action could never be taken.",
        ],
    ),
    of(
        "D003",
        ["初始值不合类型", "Default that does not fit"],
        ["初始值要通过与填写相同的检查。", "A default passes the same checks as what people fill in."],
    ),
    of("D004", ["类型不符", "Types differ"], ["赋的值与声明的类型不同。", "The value is of another type than the data name."]),
    of("D005", ["不是列表", "Not a list"], ["多实例按列表展开、向列表汇总。", "Multi-instance runs over a list and collects into a list."]),
    of("D006", ["数据项重复声明", "Declared twice"], ["申请表已有这个数据项。", "The application form already has it."]),
    of(
        "D007",
        ["启动表单的数据项未声明", "Start form with undeclared data"],
        ["办件从启动表单得到的数据都要声明。", "What a case is started with is data of the case."],
    ),
    of(
        "D008",
        ["能填写却没有显示", "May be edited and is not shown"],
        [
            "form.show 列出了显示的数据项，而 form.edit 里的这一项不在其中，办理人看不到它。",
            "`form.show` lists what is shown, and this of `form.edit` is not among it: nobody would see it.",
        ],
    ),
    of(
        "D009",
        ["改写了申请人填报的数据", "Writes over what the applicant reported"],
        [
            "数据项标准写明由申请人填报（reported_by: applicant），系统不应改写它。另用一个数据项记录本机关的认定。",
            "The field standard says that the applicant reports it (`reported_by: applicant`), so no machine writes over it. Keep what the office finds under another name.",
        ],
    ),
    of(
        "D010",
        ["写入多实例的当前元素", "Write to an instance's own element"],
        [
            "当前元素是副本，写入的内容随实例消失。写入另一个名称，并用 collect 汇总。",
            "The element is a copy, and what is written to it is lost with the instance. Write to another name, and `collect` that.",
        ],
    ),
    of(
        "D011",
        ["敏感数据项不能检索", "A sealed field that may not be searched by"],
        [
            "P3 以上的数据项加密保存，只有身份证号、统一社会信用代码、手机号可以按完整号码检索。代码、是否、姓名等取值少，索引会泄露内容。",
            "Fields of class P3 and up rest sealed. Only identity, credit and mobile numbers can be searched by, as whole numbers: of a code, a yes or no, or a name there are so few values that an index would give them away.",
        ],
    ),
    of(
        "D040",
        ["比较了不同的类型", "Unlike types compared"],
        ["这样的比较永远不成立，却不会报错。", "Such a comparison is never true, and silently so."],
    ),
    of(
        "D041",
        ["代码集没有这个代码", "No such code"],
        ["与代码比较时，代码须在代码集中。", "A code that is compared with stands in its list."],
    ),
    of("D042", ["条件不是是或否", "Condition that is no boolean"], ["when 的结果必须为真或假。", "A `when` gives true or false."]),
    of(
        "D050",
        ["读取时可能还没有值，会失败", "Read where it may have no value, which fails"],
        [
            "有的路径没有写入这一项：可选的表单项、被跳过的环节、被中断的活动所写的内容都不算一定写入；并行汇合之后，各路所写的都算。大小比较、算术、取成员遇到空值会失败，办件会停在这里。先写入，声明 default，或用 is_set(名称) && … 先判断。消息里写出了一条没有写入它的路径（环节:行号）。",
            "Some way has not written it: optional form fields, steps that are passed by, and what an interrupted activity writes are not sure; after a parallel join all that its ways have written is. Comparing by size, arithmetic and looking at members fail on an absent value, and the case would stand still. Write it before, declare a `default`, or ask `is_set(name) && …` first. The message tells a way that has not written it, as ids with their lines.",
        ],
    ),
    of(
        "D051",
        ["比较可能还没有值的数据", "Comparison with what may have no value"],
        [
            "空值与任何值都不相等，比较悄然不成立，办件会走上没有想到的路。先写入、声明 default，或用 is_set(名称) 分开这种情况。",
            "An absent value equals nothing, so the comparison silently does not hold and the case goes where nobody meant it to. Write it before, declare a `default`, or tell the case apart by `is_set(name)`.",
        ],
    ),
    of(
        "D052",
        ["传递可能没有值的数据", "Passing on what may have no value"],
        [
            "有的路径没有写入这一项，收到的一方得到的会是空值。若可以为空，这只是提示。",
            "Some way has not written it, so whoever receives it gets nothing. If that is meant, this is only a note.",
        ],
    ),
    of(
        "D053",
        ["有的路径上要求了不能填写的数据", "Required on a way where nobody has filled it in"],
        [
            "动作要求这一项，这一步不能填写，而有的路径还没有写入：在那里这个动作永远不能完成。",
            "The action requires it, the step may not edit it, and some way has not written it: there the action could never be taken.",
        ],
    ),
    of(
        "D054",
        ["没有给被调用流程所需的数据", "The called process is not given what it asks for"],
        [
            "被调用的流程启动时检查它的表单和参数，缺少必填项就不能启动。在 with 中给出，或写 withAll: true。",
            "The called process checks its form and its parameters when it begins, and cannot begin without what they require. Give it in `with`, or say `withAll: true`.",
        ],
    ),
    of(
        "D055",
        ["声明的内容没有给出", "Declared content that is not given"],
        [
            "消息或信号的声明写明了 data，发送时 with 须全部给出，收到的一方才能放心读取。",
            "The declaration of the message or signal says its `data`, and `with` gives all of it, so that whoever catches it may read it.",
        ],
    ),
];
