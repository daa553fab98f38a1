//! Names in little room: measured in columns, of which a Chinese character takes two and a Latin letter one.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Columns of `text`.
pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// Pixels that `text` takes in a font of `size` pixels: a Chinese character is as wide as the font's size.
pub(super) fn pixels(text: &str, size: i32) -> i32 {
    let columns = i32::try_from(columns(text)).unwrap_or(i32::MAX / 1024);
    columns.min(1024) * size * 56 / 100
}

/// `text` in at most `lines` lines of `width` columns; what does not fit ends in `…`. Breaks at spaces where there are any.
pub(super) fn wrap(text: &str, width: usize, lines: usize) -> Vec<String> {
    let mut wrapped = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        if wrapped.len() + 1 == lines {
            wrapped.push(shorten(rest, width));
            break;
        }
        let cut = cut(rest, width);
        wrapped.push(rest[..cut].trim_end().to_owned());
        rest = rest[cut..].trim_start();
    }
    wrapped
}

/// `text` in one line of `width` columns, with `…` if it is longer.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let end = fitting(text, width.saturating_sub(1));
    format!("{}…", text[..end].trim_end())
}

/// Byte index at which a line of `width` columns ends.
fn cut(text: &str, width: usize) -> usize {
    let end = fitting(text, width);
    if end == text.len() {
        return end;
    }
    let splits_a_word =
        text[..end].ends_with(|c: char| c.is_ascii_alphanumeric()) && text[end..].starts_with(|c: char| c.is_ascii_alphanumeric());
    match text[..end].rfind(' ') {
        Some(space) if splits_a_word => space,
        _ => end,
    }
}

/// Bytes of the longest start of `text` that takes at most `width` columns, and at least one character.
fn fitting(text: &str, width: usize) -> usize {
    let mut used = 0;
    for (index, character) in text.char_indices() {
        used += character.width().unwrap_or(0);
        if used > width && index > 0 {
            return index;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::wrap;

    #[test]
    fn seven_characters_by_two_lines() {
        let table: [(&str, &[&str]); 6] = [
            ("受理审查", &["受理审查"]),
            ("征求同级公安机关意见", &["征求同级公安机", "关意见"]),
            ("征求同级公安机关等单位的书面意见", &["征求同级公安机", "关等单位的书…"]),
            ("Examination and decision", &["Examination", "and decision"]),
            ("Supercalifragilisticexpialidocious", &["Supercalifragi", "listicexpiali…"]),
            ("", &[]),
        ];
        for (text, expected) in table {
            assert_eq!(wrap(text, 14, 2), expected, "{text}");
        }
    }
}
