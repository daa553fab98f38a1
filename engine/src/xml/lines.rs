//! From byte offsets to lines and columns.

use crate::source::Span;

/// Where each line of a text begins.
pub(super) struct Lines<'t> {
    text: &'t str,
    starts: Vec<usize>,
}

impl<'t> Lines<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let starts = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
        Self { text, starts }
    }

    /// Line and column of a byte, from 1, columns in characters.
    fn at(&self, byte: usize) -> (u32, u32) {
        let byte = self.text.floor_char_boundary(byte);
        let line = self.starts.partition_point(|&start| start <= byte);
        let start = self.starts[line - 1];
        (narrow(line), narrow(self.text[start..byte].chars().count() + 1))
    }

    /// The range between two bytes, the second not included.
    pub(super) fn span(&self, from: usize, to: usize) -> Span {
        let ((line, column), (end_line, end_column)) = (self.at(from), self.at(to));
        Span { line, column, end_line, end_column }
    }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
