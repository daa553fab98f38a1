//! Codes about shape: YAML, keys, names, types, rules, templates.

use super::{Code, of};

/// Codes `Y…`.
pub(super) const SHAPE: &[Code] = &[
    // Shape: what every file has.
    of(
        "Y001",
        ["不是合法的 YAML", "Not valid YAML"],
        [
            "文件无法读成 YAML，或者过大、嵌套过深。先改正这一处，其余检查才能进行。",
            "The text cannot be read as YAML, or is too large or nested too deeply. Nothing else is checked before it is mended.",
        ],
    ),
    of(
        "Y002",
        ["重复的键", "Duplicate key"],
        ["同一映射里一个键写了两次，只保留第一个。", "A key stands twice in one mapping; only the first is kept."],
    ),
    of(
        "Y003",
        ["方言不用的 YAML 写法", "YAML that the dialect does not take"],
        [
            "锚点、别名、标签和多个文档都不支持：定义应能自上而下读懂。",
            "Anchors, aliases, tags and further documents are refused: a definition reads from top to bottom.",
        ],
    ),
    // Shape: processes.
    of(
        "Y010",
        ["未知的键", "Unknown key"],
        [
            "这种元素没有这个键。常见原因是拼写错误，或缩进到了别的元素之内。",
            "The element has no such key: often a misspelling, or an indentation that puts it into another element.",
        ],
    ),
    of("Y011", ["缺少必需的键", "Missing key"], ["这种元素必须写明这个键。", "The element needs this key."]),
    of(
        "Y012",
        ["值的形式不对", "Wrong kind of value"],
        ["需要列表、映射或单个值中的另一种。", "A list, a mapping or a plain value was expected, and another was found."],
    ),
    of(
        "Y013",
        ["名称不合规则", "Bad name"],
        [
            "环节、数据项用 snake_case；流程、表单、角色用 kebab-case。",
            "Elements and data are named in snake_case; processes, forms and roles in kebab-case.",
        ],
    ),
    of(
        "Y014",
        ["标识重复", "Id used twice"],
        [
            "标识是历史、迁移、翻译和测试的地址，在整个流程内唯一。",
            "An id is the address of history, migration, translations and tests: it is unique in the process.",
        ],
    ),
    of(
        "Y015",
        ["未知的元素", "Unknown element"],
        ["流程的每一项以 BPMN 元素名和标识开头。", "Each item of a flow begins with its BPMN element and its id."],
    ),
    of(
        "Y016",
        ["时长写法不对", "Bad duration"],
        [
            "d 自然日、wd 工作日、wh 工作小时；s、min、h 与 ISO 8601 为实际经过的时间。",
            "d calendar days, wd working days, wh working hours; s, min, h and ISO 8601 are elapsed time.",
        ],
    ),
    of("Y017", ["值不在可选范围内", "Value out of the list"], ["这里只能写列出的几个词之一。", "Only one of a few words may stand here."]),
    of(
        "Y018",
        ["互相矛盾的写法", "Keys that do not go together"],
        ["例如一个事件有两个触发条件，或分支没有条件。", "Such as two triggers of one event, or a branch without a condition."],
    ),
    of(
        "Y060",
        ["尚不能执行的办理操作", "Operation that does not exist yet"],
        ["写在这里没有坏处，但目前不起作用。", "It does no harm here, and has no effect yet."],
    ),
    of(
        "Y061",
        ["缺少英文", "English is missing"],
        ["写了 {zh}，却没有 en；英文界面将显示中文。", "There is {zh} without en: English pages will show Chinese."],
    ),
    // Shape: rules and templates.
    of(
        "Y040",
        ["表达式写法有误", "Expression that does not parse"],
        ["表达式是 rhai 的一个表达式，没有语句。", "An expression is one rhai expression without statements."],
    ),
    of("Y041", ["rules.rhai 里有语句", "Statements in rules.rhai"], ["rules.rhai 只写函数。", "rules.rhai holds functions only."]),
    of("Y042", ["花括号不成对", "Brace without partner"], ["标题和文号中用 {表达式}。", "Titles and numbers take {expression}."]),
    of(
        "Y043",
        ["脚本改动了不能改的东西", "Script that changes what it may not"],
        ["脚本只给变量赋值。", "A script assigns variables only."],
    ),
    of("Y050", ["模板写法有误", "Template that does not parse"], ["模板是 handlebars。", "A template is handlebars."]),
    of(
        "Y051",
        ["模板输出未转义", "Raw output in a template"],
        ["三个花括号会让填写的内容成为 HTML。", "Three braces would let what people typed become HTML."],
    ),
    of(
        "Y052",
        ["模板片段不存在或自我引用", "Partial missing or circular"],
        ["片段须在同一 templates 文件夹内。", "Partials stand in the same templates folder."],
    ),
    of("Y053", ["不允许的 HTML", "HTML that is not permitted"], ["文书只用一小部分 HTML。", "Documents use a small part of HTML only."]),
    of("Y054", ["模板过大", "Template too large"], ["模板过大或嵌套过深。", "It is too large or nested too deeply."]),
    of("Y055", ["没有这个模板函数", "No such helper"], ["只能用列出的函数。", "Only the listed helpers can be used."]),
];
