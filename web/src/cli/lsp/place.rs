//! Places as editors tell them (addresses, lines from 0, columns in UTF-16) and as the engine does.

use std::{
    path::{Path, PathBuf},
    str::FromStr,
};

use lsp_types::{InitializeParams, Position, Range, Uri};
use tongban_engine::source::Span;
use url::Url;

/// The folder that the editor works in.
pub(super) fn workspace(asked: &InitializeParams) -> Option<PathBuf> {
    let folder = asked.workspace_folders.as_ref().and_then(|folders| folders.first()).map(|folder| folder.uri.as_str().to_owned());
    #[expect(deprecated, reason = "older editors name nothing else")]
    let folder = folder.or_else(|| asked.root_uri.as_ref().map(|root| root.as_str().to_owned()))?;
    Url::parse(&folder).ok()?.to_file_path().ok()
}

/// A file's path relative to the office's root, with forward slashes; None outside of it.
pub(super) fn path(root: &Path, uri: &Uri) -> Option<String> {
    let file = Url::parse(uri.as_str()).ok()?.to_file_path().ok()?;
    let file = file.canonicalize().unwrap_or(file);
    Some(file.strip_prefix(root).ok()?.to_string_lossy().replace('\\', "/"))
}

/// The address of a file of the office.
pub(super) fn uri(root: &Path, path: &str) -> Option<Uri> {
    Uri::from_str(Url::from_file_path(root.join(path)).ok()?.as_str()).ok()
}

/// A column in UTF-16 as one in characters.
pub(super) fn characters(line: &str, utf16: u32) -> usize {
    let mut left = usize::try_from(utf16).unwrap_or(usize::MAX);
    line.chars()
        .take_while(|letter| {
            let fits = left >= letter.len_utf16();
            left = left.saturating_sub(letter.len_utf16());
            fits
        })
        .count()
}

/// A span, whose lines and columns count from 1 and in characters, as an editor's range.
pub(super) fn range(text: &str, span: Span) -> Range {
    let position = |line: u32, column: u32| {
        let content = usize::try_from(line.saturating_sub(1)).ok().and_then(|line| text.lines().nth(line)).unwrap_or_default();
        let before = content.chars().take(column.saturating_sub(1) as usize).map(char::len_utf16).sum::<usize>();
        Position { line: line.saturating_sub(1), character: u32::try_from(before).unwrap_or(u32::MAX) }
    };
    Range { start: position(span.line, span.column), end: position(span.end_line, span.end_column) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_in_utf_16_for_editors_and_in_characters_for_us() {
        assert_eq!(characters("窗口𠮷a", 4), 3);
        assert_eq!(characters("abc", 9), 3);
        let range = range("a\n窗𠮷b: c\n", Span { line: 2, column: 4, end_line: 2, end_column: 5 });
        assert_eq!((range.start.line, range.start.character, range.end.character), (1, 4, 5));
    }
}
