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
    of(
        "L008",
        ["准予许可没有按期送达", "A grant that is not delivered in time"],
        [
            "准予许可的，十个工作日内向申请人颁发、送达许可证件（行政许可法 第四十四条）：在告知准予的同一步附上文书，之前不设更长的等待。",
            "A permit is delivered within ten working days of the decision (Administrative Licensing Law, art. 44): its document goes with the status, and no longer wait stands before it.",
        ],
    ),
    of(
        "L009",
        ["由另一机关要求补正", "Correction asked for by another unit"],
        [
            "下级机关把初步审查意见和全部申请材料直接报送上级机关，上级机关不得要求申请人重复提供（行政许可法 第三十五条）。",
            "The lower authority sends its opinion with the whole file, and the upper one asks the applicant for nothing twice (Administrative Licensing Law, art. 35).",
        ],
    ),
    of(
        "L010",
        ["听证主持人审查过本案", "A hearing chaired by an examiner"],
        [
            "听证主持人应当是审查该申请的工作人员以外的人（行政许可法 第四十八条）：separateFrom 写上同一单位里此前的每个人工环节。",
            "The chair of a hearing is none of those who examine the application (Administrative Licensing Law, art. 48): `separateFrom` names every task of the same unit that may come before.",
        ],
    ),
    of(
        "L011",
        ["实地核查不足两人", "A field check by one person"],
        [
            "对申请材料的实质内容进行核实，应当指派两名以上工作人员（行政许可法 第三十四条）。",
            "The substance of an application is checked by two officials at least (Administrative Licensing Law, art. 34).",
        ],
    ),
];
