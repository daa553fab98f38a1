//! A rendered document as a complete page, for the screen and for print on A4.

use super::{Rendered, write};
use crate::text::Language;

/// The style sheet that [`page`] links at `/assets/print.css` (a strict content security policy forbids inline style).
///
/// Official documents follow GB/T 9704-2012 (党政机关公文格式): margins 37, 26, 35 and 28 mm around a text area of
/// 156 × 225 mm with 22 lines of 28 characters.
pub const PRINT_CSS: &str = include_str!("print.css");

/// What a page is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageKind {
    /// An official document, after GB/T 9704-2012.
    Official,
    /// A notice or a mail.
    Notice,
}

/// The whole HTML page of a document.
pub fn page(rendered: &Rendered, kind: PageKind, language: Language) -> String {
    let (lang, fallback) = match language {
        Language::Zh => ("zh-CN", "文书"),
        Language::En => ("en", "Document"),
    };
    let class = match kind {
        PageKind::Official => "official",
        PageKind::Notice => "notice",
    };
    let mut title = String::new();
    write::escape(rendered.subject.as_deref().unwrap_or(fallback), &mut title);
    let html = &rendered.html;
    format!(
        "<!DOCTYPE html>\n<html lang=\"{lang}\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<link rel=\"stylesheet\" href=\"/assets/print.css\">\n</head>\n<body class=\"{class}\">\n<main class=\"sheet\">\n{html}\n</main>\n</body>\n</html>\n"
    )
}
