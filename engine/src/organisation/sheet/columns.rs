//! Which sheets and columns there are, and what they are called.

/// One of the three sheets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SheetKind {
    /// 机构.
    Units,
    /// 人员.
    People,
    /// 岗位.
    Posts,
}

/// A column: its name in the register's own words, its headings, whether a row needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// As faults of changes call it.
    pub name: &'static str,
    /// Chinese heading, which the template has.
    pub zh: &'static str,
    /// English heading, taken as well.
    pub en: &'static str,
    /// A row without it is a fault.
    pub required: bool,
    /// What to write there.
    pub hint: &'static str,
}

const fn column(name: &'static str, zh: &'static str, en: &'static str, required: bool, hint: &'static str) -> Column {
    Column { name, zh, en, required, hint }
}

const UNITS: &[Column] = &[
    column("id", "编号", "id", true, "小写字母、数字和连字符；一经使用不再改变"),
    column("name", "名称", "name", true, ""),
    column("name_en", "英文名称", "english name", false, ""),
    column("kind", "类别", "kind", true, "机关、内设机构、区级机构、团体、场所、协作单位"),
    column("parent", "上级机构", "parent", false, "上级机构的编号；顶级机构留空"),
    column("code", "代码", "code", false, "统一社会信用代码等，设为文本格式"),
    column("items", "事项", "items", false, "办理的事项编号，用顿号或逗号分开"),
];

const PEOPLE: &[Column] = &[
    column("id", "编号", "id", true, "小写字母、数字和连字符，例如工号；一经使用不再改变"),
    column("name", "姓名", "name", true, ""),
    column("login", "账号", "login", false, "登录用的账号；不登录的人员留空"),
    column("mail", "邮箱", "mail", false, "接收通知的邮箱"),
    column("left", "离任时间", "left", false, "从这一天起不在岗；在岗人员留空"),
];

const POSTS: &[Column] = &[
    column("person", "人员编号", "person", true, "“人员”表中的编号"),
    column("role", "角色", "role", true, "角色的名称或编号"),
    column("unit", "机构编号", "unit", true, "“机构”表中的编号"),
    column("from", "自", "from", false, "从这一天起，例如 2026-01-01；不限则留空"),
    column("until", "至", "until", false, "到这一天为止（含当日）；不限则留空"),
];

impl SheetKind {
    /// In the order in which they are read and written.
    pub const ALL: [Self; 3] = [Self::Units, Self::People, Self::Posts];

    /// Chinese name, which the template has, and English name.
    pub fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Units => ("机构", "units"),
            Self::People => ("人员", "people"),
            Self::Posts => ("岗位", "posts"),
        }
    }

    /// Its columns, in the template's order.
    pub fn columns(self) -> &'static [Column] {
        match self {
            Self::Units => UNITS,
            Self::People => PEOPLE,
            Self::Posts => POSTS,
        }
    }

    /// The sheet of that name.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim().to_lowercase();
        Self::ALL.into_iter().find(|kind| [kind.names().0, kind.names().1].contains(&name.as_str()))
    }
}

/// Sheets that explain, and are not read.
pub(super) const ASIDE: [&str; 3] = ["说明", "notes", "guide"];

/// Kinds of units as the sheet has them: the register's word, and the name in Chinese.
pub(super) const KIND_NAMES: [(&str, &str); 6] =
    [("bureau", "机关"), ("division", "内设机构"), ("district", "区级机构"), ("body", "团体"), ("venue", "场所"), ("partner", "协作单位")];
