//! The frame around every page: bar, rail, banner, notice.

use serde::Serialize;

/// What `layout` needs besides the page's body.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Chrome {
    /// `zh-CN` or `en`.
    pub lang: &'static str,
    /// The other one.
    pub other_lang: &'static str,
    /// The page's title.
    pub title: String,
    /// 大字.
    pub large: bool,
    /// This page in the other language.
    pub switch_language: String,
    /// This page in the other size.
    pub switch_text: String,
    /// Token for the log-out form.
    pub csrf: String,
    /// Name of the visitor's unit.
    pub office: String,
    /// Who is logged in; None at the gate.
    pub person: Option<Who>,
    /// Left rail.
    pub rail: Vec<RailGroup>,
    /// Text of the banner when the clock is driven by hand.
    pub driven: Option<String>,
    /// What the three administrators are told of an emergency.
    pub emergency: Option<String>,
    /// What just happened.
    pub notice: Option<Notice>,
}

/// Who is logged in.
#[derive(Clone, Debug, Serialize)]
pub struct Who {
    /// Her name.
    pub name: String,
    /// Her posts.
    pub post: String,
}

/// A heading of the rail and its links.
#[derive(Clone, Debug, Serialize)]
pub struct RailGroup {
    /// Heading.
    pub name: &'static str,
    /// Links.
    pub links: Vec<RailLink>,
}

/// A link of the rail.
#[derive(Clone, Debug, Serialize)]
pub struct RailLink {
    /// Shown name.
    pub name: &'static str,
    /// Where to.
    pub href: &'static str,
    /// It is the page shown.
    pub current: bool,
    /// How many things are there, as text; None: no badge.
    pub count: Option<String>,
    /// The count needs attention.
    pub alert: bool,
}

/// What just happened, told once on the next page.
#[derive(Clone, Debug, Serialize)]
pub struct Notice {
    /// `good`, `warn` or `bad`.
    pub tone: &'static str,
    /// In words.
    pub text: String,
}
