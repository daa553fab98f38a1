//! Every code of a finding: what it says in one line, and what is behind it. `tongban explain CODE` shows it.

mod bpmn;
mod decision;
mod form;

use crate::text::Text;

/// What a code means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Code {
    /// The code, such as `F001`.
    pub code: &'static str,
    title: [&'static str; 2],
    explanation: [&'static str; 2],
}

impl Code {
    /// What is wrong, in a few words.
    pub fn title(&self) -> Text {
        Text::new(self.title[0], self.title[1])
    }

    /// Why it matters and what to do.
    pub fn explanation(&self) -> Text {
        Text::new(self.explanation[0], self.explanation[1])
    }
}

/// The meaning of `code`; small letters will do.
pub fn explain(code: &str) -> Option<&'static Code> {
    CODES.iter().find(|known| known.code.eq_ignore_ascii_case(code))
}

/// Every code, by group: Y shape, R references, F flow, D data, T time, P people, L law.
pub static CODES: &[Code] = &joined::<{ OFFICE.len() + form::FORM.len() + decision::DECISION.len() + bpmn::BPMN.len() }>([
    OFFICE,
    form::FORM,
    decision::DECISION,
    bpmn::BPMN,
]);

/// Codes about processes, forms, registers and calendars.
const OFFICE: &[Code] = &[
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
        "Y019",
        ["尚不支持", "Not supported yet"],
        ["方言里有这个词，但本版本的引擎还不能执行。", "The dialect has the word, but this version of the engine cannot execute it."],
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
    // References.
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
        ["时限所指的环节不存在", "A clock names no element"],
        ["startAt、stopAt、pauseIn 写环节的标识。", "`startAt`, `stopAt` and `pauseIn` name elements."],
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
        "R040",
        ["表达式中的名称没有声明", "Undeclared name in an expression"],
        ["表达式按名称读取数据；办件自身的情况是 meta。", "Expressions read data by bare name; the case's own facts are `meta`."],
    ),
    of(
        "R041",
        ["没有这个函数，或参数个数不对", "No such function, or wrong arguments"],
        ["函数来自标准函数表和 rules.rhai。", "Functions are the standard ones and those of rules.rhai."],
    ),
    // Flow.
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
        ["排他网关没有 otherwise", "Exclusive gateway without `otherwise`"],
        ["没有条件成立时，办件会停在这里。", "If no condition holds, the case is stuck."],
    ),
    of(
        "F007",
        ["并行分支有条件", "Condition on a parallel branch"],
        ["并行网关的分支全部都走。", "All branches of a parallel gateway are taken."],
    ),
    of(
        "F008",
        ["每个动作都有条件", "Every action has a condition"],
        ["条件都不成立时，经办人无法办理。", "If none holds, the clerk can do nothing."],
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
    // Data.
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
    // Time.
    of(
        "T001",
        ["时限之内的环节没有办理期限", "Step without a limit inside a clock"],
        ["没有 due，就没有人知道这一步何时会拖延法定时限。", "Without `due` nobody sees in time that a step eats up the legal limit."],
    ),
    of(
        "T002",
        ["承诺长于法定", "Promise longer than the law"],
        ["承诺时限只能短于或等于法定时限。", "A promise may be shorter than the law's limit, never longer."],
    ),
    of(
        "T003",
        ["环节期限长于时限", "Step longer than its clock"],
        ["这一步可以按期办完而整个办件已超期。", "The step could be in time while the case is late."],
    ),
    of("T004", ["时限从不起算", "Clock that never starts"], ["写明 startAt，或跟随另一时限。", "Give `startAt`, or follow another clock."]),
    of("T005", ["不是 cron 表达式", "Not a cron pattern"], ["五段：分 时 日 月 星期。", "Five fields: minute, hour, day, month, weekday."]),
    of(
        "T006",
        ["各环节期限相加超过时限", "Steps together longer than their clock"],
        ["每一步都按期，办件仍会超期。", "Every step could be in time and the case still be late."],
    ),
    of(
        "T101",
        ["日历的写法", "Shape of a calendar"],
        ["日历文件缺键、多键或写法不对。", "A calendar file lacks a key, has an unknown one or a malformed value."],
    ),
    of("T102", ["没有这个时区", "No such time zone"], ["用 IANA 名称，如 Asia/Shanghai。", "Use the IANA name, such as Asia/Shanghai."]),
    of("T103", ["办公时间", "Office hours"], ["按先后、不重叠，如 09:00-12:00。", "In order and not overlapping, such as 09:00-12:00."]),
    of(
        "T104",
        ["不是日期，或列了两次", "Not a date, or listed twice"],
        ["日历中的每一天只列一次。", "Each day of a calendar is listed once."],
    ),
    // People.
    of("P001", ["没有这个角色", "No such role"], ["角色在 workflows/roles.yaml 中声明。", "Roles are declared in workflows/roles.yaml."]),
    of(
        "P002",
        ["同一角色须由不同人办理", "Four eyes within one role"],
        ["只有一人担任该角色时，办件会无人可办。", "With one holder only, nobody could do the second step."],
    ),
    of("P003", ["没有说明谁办理", "Nobody is named"], ["人工办理环节要有泳道或指派。", "A user task has a lane or an assignment."]),
    // Law.
    of(
        "L001",
        ["不利决定没有理由或文书", "Refusal without reasons or document"],
        [
            "不予许可、不予受理须书面说明理由，告知救济途径（行政许可法 第三十二条、第三十八条）。",
            "A refusal is given in writing with reasons and remedies (Administrative Licensing Law, art. 32 and 38).",
        ],
    ),
    of(
        "L002",
        ["可能多次要求补正", "Correction asked for again"],
        [
            "须一次告知需要补正的全部内容（行政许可法 第三十二条）。",
            "All that is missing is told at once (Administrative Licensing Law, art. 32).",
        ],
    ),
    of("L003", ["备案却准予或不予许可", "A filing that permits"], ["备案只记录，不批准。", "A filing is recorded, never approved."]),
    of("L004", ["报告却作出决定", "A report that is decided"], ["报告只收悉或要求补充。", "A report is acknowledged or asked back."]),
    of(
        "L005",
        ["没有人作出的不利决定", "Refusal by a machine"],
        ["不利决定须由人作出，不能由脚本或定时产生。", "A person decides a refusal, never a script or a timer."],
    ),
    of(
        "L006",
        ["由条件作出不利决定", "Refusal by a condition"],
        [
            "在许可与不予许可之间作选择的应当是人。若条件只是转述人所填写的决定，可改用两个动作。",
            "A person chooses between granting and refusing. If the condition only repeats what a person filled in, use two actions instead.",
        ],
    ),
];

/// Several lists as one; `N` is their length together.
const fn joined<const N: usize>(lists: [&[Code]; 4]) -> [Code; N] {
    let mut all = [lists[0][0]; N];
    let (mut list, mut to) = (0, 0);
    while list < lists.len() {
        let mut from = 0;
        while from < lists[list].len() {
            all[to] = lists[list][from];
            (from, to) = (from + 1, to + 1);
        }
        list += 1;
    }
    all
}

const fn of(code: &'static str, title: [&'static str; 2], explanation: [&'static str; 2]) -> Code {
    Code { code, title, explanation }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_code_stands_once() {
        let codes: BTreeSet<&str> = CODES.iter().map(|code| code.code).collect();
        assert_eq!(codes.len(), CODES.len());
        assert_eq!(explain("f001").map(|code| code.code), Some("F001"));
        assert_eq!(explain("X999"), None);
    }
}
