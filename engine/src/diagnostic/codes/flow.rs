//! Codes about flow: what leads where, and whether a case can end.

use super::{Code, of};

/// Codes `F…`.
pub(super) const FLOW: &[Code] = &[
    of(
        "F001",
        ["意外落入", "Accidental fall-through"],
        [
            "这一项会顺序进入下一项，而更早的一项把它作为去向。若本意如此，写明 next。",
            "The item goes on into one that an earlier item names as its target. If it is meant, say `next`.",
        ],
    ),
    of(
        "F002",
        ["跨范围的去向", "Target in another scope"],
        ["子流程内外不能直接跳转。", "Flows do not cross the border of a sub-process."],
    ),
    of(
        "F003",
        ["流程没有收尾", "The flow runs off its end"],
        ["最后一项之后须有结束事件，或写明 next。", "After the last item stands an end event, or it says `next`."],
    ),
    of("F004", ["到不了的环节", "Dead element"], ["没有路径能到达它。", "No path leads to it."]),
    of("F005", ["到不了结束", "No way to an end"], ["进入之后办件永远不能办结。", "Once entered, the case can never end."]),
    of(
        "F006",
        ["没有 otherwise，条件又有遗漏", "No `otherwise`, and a gap between the conditions"],
        [
            "没有条件成立时，办件会停在这里。条件按枚举、是否和数值分段逐一检查，消息里写出一种没有条件成立的数据；条件能证明没有遗漏的，不必写 otherwise。",
            "If no condition holds, the case is stuck. Conditions are tried over codes, booleans and ranges of numbers; the message tells data for which none holds. Where they are proved to cover everything, `otherwise` is not needed.",
        ],
    ),
    of(
        "F007",
        ["并行分支有条件", "Condition on a parallel branch"],
        ["并行网关的分支全部都走。", "All branches of a parallel gateway are taken."],
    ),
    of(
        "F008",
        ["每个动作都有条件", "Every action has a condition"],
        ["条件都不成立时，经办人无法办理；消息里写出这样的数据。", "If none holds, the clerk can do nothing; the message tells such data."],
    ),
    of(
        "F009",
        ["进入了不能进入的元素", "Flow into what cannot be entered"],
        [
            "开始事件、边界事件和事件子流程只由自身的触发条件进入。",
            "Start and boundary events and event sub-processes are entered by their own trigger only.",
        ],
    ),
    of("F010", ["多个 otherwise", "More than one `otherwise`"], ["只有一条分支可以兜底。", "One branch only can be the last resort."]),
    of("F011", ["不起作用的去向", "Target without effect"], ["前面已没有继续的路。", "Nothing goes on from there."]),
    of("F012", ["空的范围", "Nothing inside"], ["这里至少要有一个环节。", "At least one element must stand here."]),
    of(
        "F013",
        ["永远不走的分支", "Branch that is never taken"],
        [
            "条件永远不能成立，或者前面的分支已经覆盖了它的全部情况。多半是条件写反了，或次序不对。",
            "The condition can never hold, or the branches before it take all of its cases. Often the condition is the wrong way round, or the order is.",
        ],
    ),
    of(
        "F014",
        ["互相调用，没有尽头", "Processes that call each other without an end"],
        [
            "每一条路都要再次调用，一个办件会引出无穷多个办件。给其中一个流程留一条不再调用的路。",
            "Every way calls again: one case would begin cases without number. Leave one of the processes a way that does not call.",
        ],
    ),
    of(
        "F015",
        ["不会发起办件的条件", "A condition that begins no case"],
        [
            "条件开始事件等待条件成立，而办件发起之前没有数据可看；它只能用在事件子流程里。",
            "A start event with a condition waits for it to hold, but before the case there are no data to look at: conditions start event sub-processes.",
        ],
    ),
    of(
        "F040",
        ["死锁", "Deadlock"],
        [
            "办件会停住：汇合等待的某条路可能从未开始，或等待的消息不会发出。消息里写出了最短的经过（环节:行号）。检查把所有条件都当作未知，逐一走遍各种可能的先后。",
            "A case may stand still: a join waits for a way that was never taken, or for a message that nobody sends. The message tells the shortest way to it, as ids with their lines. Every order in which things can happen is played, with all conditions unknown.",
        ],
    ),
    of(
        "F041",
        ["同一环节可能办两遍", "Done twice at once"],
        [
            "两条并行的路没有先汇合就进入了同一环节；同一条流上会同时有两个令牌。",
            "Two parallel ways enter one element without being joined: a flow holds two tokens at once.",
        ],
    ),
    of(
        "F042",
        ["可能的状态过多，未检查完", "Too many states to check"],
        [
            "并行的部分组合出的状态太多，只检查了最先的一部分，消息里写明还有什么没有断定。减少互相独立的并行，或在并行之后尽早汇合。",
            "What is parallel combines to more states than are looked at; the message says what is not decided. Have fewer independent things at once, or join them sooner.",
        ],
    ),
    of(
        "F043",
        ["停不下来", "Livelock"],
        [
            "办件可以一直走下去，却再也到不了任何结束。消息里写出了最短的经过（环节:行号）。",
            "A case can go on and on, but no end can be reached any more. The message tells the shortest way to it, as ids with their lines.",
        ],
    ),
    of(
        "F044",
        ["结束了两次", "Ends twice"],
        [
            "一个办件会两次到达同一个结束：并行的路没有汇合。办结只能有一次。",
            "One case reaches the same end twice, because parallel ways were not joined. A case is closed once only.",
        ],
    ),
    of(
        "F045",
        ["不会发生的环节", "Never happens"],
        [
            "有路通向它，但没有一种走法真能到达：例如它等待的几条路不会同时走到，或它捕获的错误无人抛出。",
            "Flows lead to it, but no course of a case gets there: the ways that it waits for never come together, or nothing throws what it catches.",
        ],
    ),
];
