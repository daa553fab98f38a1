//! Reads a Rust source the way a layout rule needs it: which paths it names, which texts it holds, apart for its tests.

use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Something a source names, and on which line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) text: String,
    pub(super) line: usize,
}

/// What one part of a source names.
#[derive(Debug, Default)]
pub(super) struct Part {
    /// Paths as written, `use` groups taken apart: `std::fs::read`, `HashMap`.
    pub(super) paths: Vec<Named>,
    /// String literals, without comments and without the attributes that only explain.
    pub(super) texts: Vec<Named>,
}

/// One Rust file.
#[derive(Debug)]
pub(super) struct Rust {
    /// Path from the repository's root.
    pub(super) path: String,
    /// Its text.
    pub(super) text: String,
    /// What runs in the product.
    pub(super) product: Part,
    /// What only tests see: `#[cfg(test)]` items, files of tests.
    pub(super) tests: Part,
    /// Modules in files of their own that only tests see: `#[cfg(test)] mod sample;`.
    test_modules: Vec<String>,
}

impl Rust {
    /// Reads one file; a file that does not parse is the compiler's business and counts as empty.
    pub(super) fn read(root: &Path, file: &Path) -> Self {
        let path = file.strip_prefix(root).expect("files are found under the root").to_string_lossy().into_owned();
        let text = std::fs::read_to_string(file).unwrap_or_default();
        let mut rust = Self { product: Part::default(), tests: Part::default(), test_modules: Vec::new(), text, path };
        let tokens: TokenStream = rust.text.parse().unwrap_or_default();
        let testing = rust.path.starts_with("tests/") || rust.path.contains("/tests/") || rust.path.ends_with("/tests.rs");
        rust.walk(tokens, "", testing);
        rust
    }

    /// Reads all these files; what a parent declares for tests only counts as a test.
    pub(super) fn read_all(root: &Path, files: &[PathBuf]) -> Vec<Self> {
        let mut all: Vec<Self> = files.iter().map(|file| Self::read(root, file)).collect();
        let declared: Vec<String> = all.iter().flat_map(Self::test_files).collect();
        for rust in &mut all {
            let module = rust.path.trim_end_matches(".rs").trim_end_matches("/mod");
            if declared.iter().any(|test| module == test || module.starts_with(&format!("{test}/"))) {
                rust.tests.paths.append(&mut rust.product.paths);
                rust.tests.texts.append(&mut rust.product.texts);
            }
        }
        all
    }

    /// Paths, without ending, of the modules that this file declares for tests only.
    fn test_files(&self) -> Vec<String> {
        let (folder, name) = self.path.rsplit_once('/').unwrap_or_default();
        let folder = match name {
            "mod.rs" | "lib.rs" | "main.rs" => folder.to_owned(),
            name => format!("{folder}/{}", name.trim_end_matches(".rs")),
        };
        self.test_modules.iter().map(|module| format!("{folder}/{module}")).collect()
    }

    fn walk(&mut self, tokens: TokenStream, prefix: &str, testing: bool) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let (mut at, mut skipping) = (0, false);
        while let Some(token) = tokens.get(at) {
            let testing = testing || skipping;
            match token {
                TokenTree::Punct(punct) if punct.as_char() == '#' => {
                    if let Some((step, attribute)) = attribute(&tokens[at + 1..]) {
                        let words: Vec<String> = attribute.clone().into_iter().map(|token| token.to_string()).collect();
                        skipping |= words.first().is_some_and(|word| word == "cfg") && words.get(1).is_some_and(|word| word == "(test)");
                        if !words.first().is_some_and(|word| ["doc", "expect", "error"].contains(&word.as_str())) {
                            self.walk(attribute, "", testing);
                        }
                        at += step;
                    }
                }
                TokenTree::Punct(punct) if punct.as_char() == ';' => skipping = false,
                TokenTree::Ident(ident) => {
                    if skipping && ident == "mod" && matches!(tokens.get(at + 2), Some(TokenTree::Punct(_))) {
                        self.test_modules.push(tokens[at + 1].to_string());
                    }
                    let (step, path, group) = path(&tokens[at..]);
                    let whole = if prefix.is_empty() { path } else { format!("{prefix}::{path}") };
                    match group {
                        Some(group) => self.walk(group, &whole, testing),
                        None => self.part(testing).paths.push(Named { text: whole, line: token.span().start().line }),
                    }
                    at += step - 1;
                }
                TokenTree::Literal(literal) => {
                    if let Some(text) = content(&literal.to_string()) {
                        self.part(testing).texts.push(Named { text, line: literal.span().start().line });
                    }
                }
                TokenTree::Group(group) => {
                    self.walk(group.stream(), prefix, testing);
                    if group.delimiter() == Delimiter::Brace {
                        skipping = false;
                    }
                }
                TokenTree::Punct(_) => {}
            }
            at += 1;
        }
    }

    fn part(&mut self, testing: bool) -> &mut Part {
        if testing { &mut self.tests } else { &mut self.product }
    }
}

/// The attribute after its `#`: how many tokens it takes, and what stands in its brackets.
fn attribute(rest: &[TokenTree]) -> Option<(usize, TokenStream)> {
    rest.iter().take(2).enumerate().find_map(|(at, token)| match token {
        TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => Some((at + 1, group.stream())),
        _ => None,
    })
}

/// The path that starts here: how many tokens it takes, its segments, and the group of a `use` that it ends in.
fn path(tokens: &[TokenTree]) -> (usize, String, Option<TokenStream>) {
    let colon = |at: usize| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
    let mut text = tokens[0].to_string();
    let mut taken = 1;
    while colon(taken) && colon(taken + 1) {
        match tokens.get(taken + 2) {
            Some(TokenTree::Ident(ident)) => text = format!("{text}::{ident}"),
            Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => return (taken + 3, text, Some(group.stream())),
            _ => break,
        }
        taken += 3;
    }
    (taken, text, None)
}

/// What a string literal says, raw or not; nothing for numbers, characters and bytes.
fn content(literal: &str) -> Option<String> {
    let bare = literal.strip_prefix('r').unwrap_or(literal).trim_matches('#');
    Some(bare.strip_prefix('"')?.strip_suffix('"')?.to_owned())
}

#[test]
fn a_source_is_taken_apart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("a.rs");
    let source = r##"//! HashMap in words only.
use std::{collections::BTreeMap, fs::{self, read}};
#[serde(rename = "seen")]
fn f() { let x = tokio::spawn(r#"raw"#); g!("inside", std::env::var); }
#[cfg(test)]
#[expect(dead_code, reason = "unseen")]
mod tests { fn t() { sqlx::query("in a test"); } }
const LAST: &str = "last";
"##;
    std::fs::write(&file, source).expect("written");
    let rust = Rust::read(folder.path(), &file);
    let paths: Vec<&str> = rust.product.paths.iter().map(|named| named.text.as_str()).collect();
    for path in ["std::collections::BTreeMap", "std::fs::self", "std::fs::read", "tokio::spawn", "std::env::var"] {
        assert!(paths.contains(&path), "{path} in {paths:?}");
    }
    assert!(!paths.iter().any(|path| path.contains("HashMap") || path.contains("sqlx")), "{paths:?}");
    let texts: Vec<(&str, usize)> = rust.product.texts.iter().map(|named| (named.text.as_str(), named.line)).collect();
    assert_eq!(texts, [("seen", 3), ("raw", 4), ("inside", 4), ("last", 8)]);
    assert_eq!(rust.tests.texts.iter().map(|named| named.text.as_str()).collect::<Vec<_>>(), ["in a test"]);
}
