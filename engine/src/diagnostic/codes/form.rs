//! Codes about forms, fields and code lists.

use super::{Code, of};

/// Codes `.02n`, by group.
pub(super) const FORM: &[Code] = &[
    of("Y020", ["未知的键", "Unknown key"], ["表单、数据项或代码集没有这个键。", "A form, field or code list has no such key."]),
    of("Y021", ["缺少必需的键", "Missing key"], ["表单、数据项或代码集必须写明这个键。", "A form, field or code list needs this key."]),
    of("Y022", ["值的形式不对", "Wrong kind of value"], ["需要另一种形式的值。", "Another kind of value is expected."]),
    of(
        "Y023",
        ["名称不合规则", "Bad name"],
        ["名称或文件扩展名的写法不合规则。", "A name or file extension is not written as it must be."],
    ),
    of(
        "Y024",
        ["不是类型", "Not a type"],
        [
            "见类型列表：text、integer、date、code<…>、list<…> 等，或记录名。",
            "See the types: text, integer, date, code<…>, list<…> and so on, or a record's name.",
        ],
    ),
    of("Y025", ["值不在可选范围内", "Value out of the list"], ["这里只能写列出的几个词之一。", "Only one of a few words may stand here."]),
    of("Y026", ["名称重复", "Name used twice"], ["同一名称在同一处只能用一次。", "A name stands once in one place."]),
    of("Y027", ["最小值大于最大值", "Least above greatest"], ["没有值能同时满足两者。", "No value can satisfy both."]),
    of(
        "Y028",
        ["认不出的条目", "Entry of no known kind"],
        ["每项以 field、record、code 或 form 开头。", "An entry begins with field, record, code or form."],
    ),
    of("Y029", ["空的代码集", "Empty code list"], ["代码集至少有一个代码。", "A code list has at least one code."]),
    of(
        "R020",
        ["标准中没有这个数据项", "No such field in the standard"],
        ["数据项先在 forms/fields 中声明。", "Fields are declared under forms/fields first."],
    ),
    of(
        "R021",
        ["没有这个类型或记录", "No such type or record"],
        ["记录在 forms/fields 中声明。", "Records are declared under forms/fields."],
    ),
    of("R022", ["没有这个代码集", "No such code list"], ["代码集在 forms/codes 中声明。", "Code lists are declared under forms/codes."]),
    of(
        "R023",
        ["表单没有这个数据项", "No such field in the form"],
        ["规则的提示要挂在本表单的数据项上。", "A rule's message stands at a field of the form."],
    ),
    of(
        "D020",
        ["这种类型不能有这个键", "Key that the type does not take"],
        ["例如 multiline 只用于文字。", "Such as `multiline`, which is for text only."],
    ),
    of("D021", ["限值与类型不符", "Limit that does not fit the type"], ["min、max 要与类型一致。", "`min` and `max` fit the type."]),
    of("D022", ["记录包含自身", "Record that holds itself"], ["这样的表单无法绘制，也填不完。", "No such form could be drawn or filled."]),
    of(
        "D023",
        ["重复分组与数据项同名", "Repeating group named like a field"],
        ["重复分组是列表，与数据项类型不同。", "A repeating group is a list, which the field is not."],
    ),
    of("D024", ["保留字", "Reserved word"], ["规则语言占用这个词。", "The rule language keeps the word for itself."]),
    of(
        "L020",
        ["收集信息没有目的或依据", "Collected without purpose or basis"],
        [
            "处理个人信息须有明确目的和依据（个人信息保护法 第五条、第六条）。",
            "Personal data is collected for a stated purpose on a stated basis (Personal Information Protection Law, art. 5 and 6).",
        ],
    ),
];
