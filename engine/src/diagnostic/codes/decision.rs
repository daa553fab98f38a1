//! Codes about decision tables.

use super::{Code, of};

/// What can be wrong with a decision table and with what uses one.
pub(super) const DECISION: &[Code] = &[
    of(
        "R024",
        ["决策表没有这一列", "No such column in the decision table"],
        [
            "规则的单元格按输入、输出的名称写，或按其顺序写。",
            "A rule's cells stand under the names of inputs and outputs, or in their order.",
        ],
    ),
    of(
        "D060",
        ["决策表有遗漏", "Gap in a decision table"],
        [
            "有一组输入没有任何规则成立，结果将没有值。所举的是一个反例；补一条规则，或给输出写 default。",
            "No rule holds for some inputs, so that the result would be absent. A counterexample is given; add a rule, or give an output a `default`.",
        ],
    ),
    of(
        "D061",
        ["决策表的规则重叠", "Rules of a decision table overlap"],
        [
            "命中策略 unique 只许一条规则成立，any 只许成立的规则结果相同；所举的是一个反例。",
            "Under `unique` one rule holds at most, under `any` the rules that hold agree. A counterexample is given.",
        ],
    ),
    of(
        "D062",
        ["永不生效的规则", "Rule that never fires"],
        [
            "它的条件没有值能满足，或凡它成立之处都有优先的规则先成立。",
            "No value meets its conditions, or wherever it holds a rule that goes before it holds, too.",
        ],
    ),
    of(
        "D063",
        ["决策表未能证明", "Decision table not proved"],
        [
            "单元格里的表达式不被分析（取值有限的输入除外），因此有无遗漏与重叠要看运行时；重叠在运行时报错。",
            "The analysis does not look into a cell's expression, unless its input has few values: whether there is a gap or an overlap shows when it runs, and an overlap is an error then.",
        ],
    ),
    of(
        "D064",
        ["决策表太大", "Decision table too large"],
        [
            "查找遗漏与重叠的步数有上限，这张表没有查完。可拆成几张表。",
            "The search for gaps and overlaps has a limit, which this table exceeds. It may be split into several.",
        ],
    ),
    of(
        "D065",
        ["单元格与输入不符", "Cell that does not fit its input"],
        [
            "条件单元格是“-”、值、几个值、比较、范围、not(…)、null，或含 ? 的表达式；值须是该输入的类型。",
            "A cell of `when` is `-`, a value, several values, a comparison, a range, not(…), null, or an expression with `?`; values are of the input's type.",
        ],
    ),
    of(
        "D066",
        ["单元格与输出不符", "Cell that does not fit its output"],
        [
            "结果单元格是该输出类型的值，写明 values 时须在其中；以 = 开头的是表达式。",
            "A cell of `then` is a value of the output's type, and one of its `values` where these are written; what begins with = is an expression.",
        ],
    ),
    of(
        "D067",
        ["命中策略与输出不符", "Hit policy that does not fit the outputs"],
        [
            "priority 与 output order 须有输出写明 values（优先的在前）；汇总只用于 collect 的单个输出，sum 只用于数。",
            "`priority` and `output order` need an output with `values`, highest priority first; aggregates are for the one output of `collect`, `sum` for numbers.",
        ],
    ),
    // Shape: decision tables of other tools.
    of(
        "Y950",
        ["无法接受的 DMN 文件", "DMN file that is not taken"],
        [
            "文件不是合法的 XML，或者声明了 DOCTYPE、实体，或者过大、过深，或者根元素不是 definitions。",
            "The text is not well-formed XML, declares a document type or entities, is too large or too deep, or its root is not `definitions`.",
        ],
    ),
    of(
        "Y951",
        ["不是决策表的决策", "Decision that is no table"],
        ["只读入决策表；文字表达式、函数等请改写。", "Decision tables are read; write literal expressions and functions anew."],
    ),
];
