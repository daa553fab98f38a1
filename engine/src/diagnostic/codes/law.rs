//! Codes about what administrative law asks of a process.

use super::{Code, of};

/// Codes `L…`.
pub(super) const LAW: &[Code] = &[
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
        [
            "不利决定须由人作出，不能由脚本、决策表或定时产生（个人信息保护法 第二十四条）。",
            "A person decides a refusal, never a script, a decision table or a timer (Personal Information Protection Law, art. 24).",
        ],
    ),
    of(
        "L006",
        ["由条件作出不利决定", "Refusal by a condition"],
        [
            "在许可与不予许可之间作选择的应当是人。若条件只是转述人所填写的决定，可改用两个动作。",
            "A person chooses between granting and refusing. If the condition only repeats what a person filled in, use two actions instead.",
        ],
    ),
    of(
        "L007",
        ["不利决定没有写明救济途径", "Refusal that does not tell of remedies"],
        [
            "不予许可的决定须告知申请人申请行政复议、提起行政诉讼的权利（行政许可法 第三十八条）；文书模板及其片段里没有写到。",
            "A refusal tells of the right to reconsideration and litigation (Administrative Licensing Law, art. 38); the document's template and its partials do not.",
        ],
    ),
];
