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
];
