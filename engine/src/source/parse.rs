//! From YAML text to a [`Tree`], with every shape mistake as a finding.

use saphyr_parser::{Event, Parser, ScalarStyle, Span as RawSpan};

use super::{Key, Kind, Place, Source, Span, Tree};
use crate::{diagnostic::Finding, text::Text};

/// Deeper nesting than this is refused: no definition needs it, and hostile input uses it.
const DEPTH_MAX: usize = 64;
/// A file longer than this many bytes is refused.
const BYTES_MAX: usize = 1 << 20;

/// Reads one YAML document.
///
/// Duplicate keys are findings (`Y002`), and the first value is kept. Aliases, anchors, tags and further documents are
/// refused: a definition must read from top to bottom.
///
/// # Errors
/// Findings, if the text is not YAML that the dialect takes. A tree may be returned besides.
pub fn parse(source: &Source) -> (Option<Tree>, Vec<Finding>) {
    let mut reader = Reader { source, findings: Vec::new(), stack: Vec::new(), root: None };
    if source.text.len() > BYTES_MAX {
        reader.report("Y001", Span::default(), Text::new("文件超过 1 MiB", "the file is larger than 1 MiB"));
        return (None, reader.findings);
    }
    if let Some((here, character)) = unprintable(&source.text) {
        let code = u32::from(character);
        let message = Text::new(
            format!("YAML 不能直接包含控制字符 U+{code:04X}；请删除，或在双引号中写作转义"),
            format!("YAML may not hold the control character U+{code:04X} as it is; take it out, or escape it within double quotes"),
        );
        reader.report("Y001", here, message);
        return (None, reader.findings);
    }
    for event in Parser::new_from_str(&source.text) {
        match event {
            Ok((event, raw)) => {
                if !reader.event(event, span(raw)) {
                    break;
                }
            }
            Err(error) => {
                let at = error.marker();
                let (line, column) = (narrow(at.line()), narrow(at.col()) + 1);
                let here = Span { line, column, end_line: line, end_column: column + 1 };
                let what = error.info();
                reader.report("Y001", here, Text::new(format!("不是合法的 YAML：{what}"), format!("not valid YAML: {what}")));
                return (None, reader.findings);
            }
        }
    }
    (reader.root, reader.findings)
}

/// The first character that may not stand in a YAML file, and where (YAML 1.2.2, §5.1; the parser lets them pass).
fn unprintable(text: &str) -> Option<(Span, char)> {
    let forbidden = |c: &char| match *c {
        '\t' | '\r' | '\n' | '\u{85}' => false,
        c => c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'),
    };
    let (at, character) = text.char_indices().find(|(_, c)| forbidden(c))?;
    let before = &text[..at];
    let line = narrow(before.matches('\n').count()) + 1;
    let column = narrow(before.rsplit('\n').next().unwrap_or_default().chars().count()) + 1;
    Some((Span { line, column, end_line: line, end_column: column + 1 }, character))
}

enum Open {
    List(Span, Vec<Tree>),
    Map(Span, Vec<(Key, Tree)>, Option<Key>),
}

struct Reader<'a> {
    source: &'a Source,
    findings: Vec<Finding>,
    stack: Vec<Open>,
    root: Option<Tree>,
}

impl Reader<'_> {
    fn report(&mut self, code: &'static str, span: Span, message: Text) {
        self.findings.push(Finding::error(code, Place { file: self.source.name.clone(), span }, message));
    }

    /// Takes one event; false if reading must stop.
    fn event(&mut self, event: Event<'_>, span: Span) -> bool {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if anchor != 0 || tag.is_some() {
                    self.report("Y003", span, Text::new("不支持锚点与标签", "anchors and tags are not supported"));
                }
                let tree = Tree { span, kind: Kind::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain } };
                self.add(tree);
            }
            Event::Alias(_) => {
                self.report("Y003", span, Text::new("不支持别名（*）", "aliases (*) are not supported"));
                self.add(Tree { span, kind: Kind::Scalar { text: String::new(), plain: true } });
            }
            Event::SequenceStart(..) => self.stack.push(Open::List(span, Vec::new())),
            Event::MappingStart(..) => self.stack.push(Open::Map(span, Vec::new(), None)),
            Event::SequenceEnd | Event::MappingEnd => self.close(span),
            Event::DocumentStart(_) if self.root.is_some() => {
                self.report("Y003", span, Text::new("一个文件只能有一个 YAML 文档", "one YAML document a file"));
                return false;
            }
            _ => {}
        }
        if self.stack.len() > DEPTH_MAX {
            self.report("Y001", span, Text::new("嵌套过深", "nested too deeply"));
            self.root = None;
            return false;
        }
        true
    }

    fn close(&mut self, end: Span) {
        let tree = match self.stack.pop() {
            Some(Open::List(start, items)) => {
                Tree { span: joined(start, items.last().map_or(end, |item| item.span)), kind: Kind::List(items) }
            }
            Some(Open::Map(start, entries, _)) => {
                Tree { span: joined(start, entries.last().map_or(end, |(_, value)| value.span)), kind: Kind::Map(entries) }
            }
            None => return,
        };
        self.add(tree);
    }

    fn add(&mut self, tree: Tree) {
        let mut duplicate = None;
        match self.stack.last_mut() {
            None => self.root = Some(tree),
            Some(Open::List(_, items)) => items.push(tree),
            Some(Open::Map(_, entries, pending)) => match pending.take() {
                None => {
                    let text = tree.scalar().unwrap_or_default().to_owned();
                    if tree.scalar().is_none() {
                        duplicate = Some(("Y003", tree.span, Text::new("键必须是文字", "a key must be text")));
                    }
                    *pending = Some(Key { text, span: tree.span });
                }
                Some(key) => {
                    if entries.iter().any(|(seen, _)| seen.text == key.text) {
                        let name = &key.text;
                        duplicate = Some(("Y002", key.span, Text::new(format!("重复的键“{name}”"), format!("duplicate key `{name}`"))));
                    } else {
                        entries.push((key, tree));
                    }
                }
            },
        }
        if let Some((code, span, message)) = duplicate {
            self.report(code, span, message);
        }
    }
}

fn joined(start: Span, end: Span) -> Span {
    Span { line: start.line, column: start.column, end_line: end.end_line, end_column: end.end_column }
}

fn narrow(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn span(raw: RawSpan) -> Span {
    Span {
        line: narrow(raw.start.line()),
        column: narrow(raw.start.col()) + 1,
        end_line: narrow(raw.end.line()),
        end_column: narrow(raw.end.col()) + 1,
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "tests")]
mod tests {
    use super::*;

    fn read(text: &str) -> (Option<Tree>, Vec<Finding>) {
        parse(&Source { name: "a.yaml".into(), text: text.into() })
    }

    /// The characters of `text` that a span covers, on one line.
    fn covered(text: &str, span: Span) -> String {
        let line = text.lines().nth(span.line as usize - 1).unwrap();
        line.chars().skip(span.column as usize - 1).take((span.end_column - span.column) as usize).collect()
    }

    #[test]
    fn control_characters_are_told_where_they_stand() {
        for (text, place) in [("a: b\u{f}c\n", (1, 5)), ("a: 1\nb: \"二\u{0}\"\n", (2, 6)), ("a: \u{ffff}", (1, 4))] {
            let (tree, findings) = read(text);
            let told: Vec<_> = findings.iter().map(|f| (f.code, f.place.span.line, f.place.span.column)).collect();
            assert_eq!((tree, told), (None, vec![("Y001", place.0, place.1)]), "{text:?}");
        }
        assert_eq!(read("a: 1\t# b\r\nb: \"\\u000F\"\n").1, []);
    }

    #[test]
    fn scalars_keep_their_text_and_their_place() {
        let text = "编号: 01\n名称: {zh: 受理, en: \"a \\\"b\\\"\"}\n空:\n是: yes\n列: [一, '二']\n";
        let (tree, findings) = read(text);
        assert_eq!(findings, []);
        let tree = tree.unwrap();
        assert_eq!(tree.get("编号").unwrap().to_json(), "01");
        assert_eq!(tree.get("名称").unwrap().get("en").unwrap().scalar(), Some("a \"b\""));
        assert!(tree.get("空").unwrap().is_null());
        assert_eq!(tree.get("是").unwrap().boolean(), None, "YAML 1.2 knows true and false only");
        let list = tree.get("列").unwrap().list().unwrap();
        assert_eq!(list.iter().map(|item| covered(text, item.span)).collect::<Vec<_>>(), ["一", "'二'"]);
        let places: Vec<String> = tree.map().unwrap().iter().map(|(key, _)| covered(text, key.span)).collect();
        assert_eq!(places, ["编号", "名称", "空", "是", "列"]);
    }

    #[test]
    fn what_a_definition_must_not_use_is_told_where_it_stands() {
        let deep = "[".repeat(DEPTH_MAX + 1);
        let long = "a: b\n".repeat(BYTES_MAX / 5 + 1);
        let cases = [
            ("a: 1\na: 2\n", "Y002", 2),
            ("a: &x 1\nb: 2\n", "Y003", 1),
            ("a: 1\nb: *x\n", "Y001", 2),
            ("a: !!str 1\n", "Y003", 1),
            ("a: 1\n---\nb: 2\n", "Y003", 2),
            ("? [1, 2]\n: 3\n", "Y003", 1),
            ("a: [1\nb: 2\n", "Y001", 2),
            ("a: \"x\n", "Y001", 1),
            (deep.as_str(), "Y001", 1),
            (long.as_str(), "Y001", 0),
        ];
        for (text, code, line) in cases {
            let (_, findings) = read(text);
            let found: Vec<(&str, u32)> = findings.iter().map(|finding| (finding.code, finding.place.span.line)).collect();
            assert_eq!(found.first(), Some(&(code, line)), "{text:.40} gave {found:?}");
        }
    }

    #[test]
    fn a_duplicate_key_keeps_the_first_value() {
        let (tree, _) = read("a: 1\na: 2\n");
        assert_eq!(tree.unwrap().get("a").unwrap().scalar(), Some("1"));
    }
}
