//! Looking for a word in everything that rests, in every encoding that would give it away.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use aho_corasick::AhoCorasick;
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use tongban_tests::office::files_below;

/// One way to write a word.
struct Way {
    name: &'static str,
    bytes: Vec<u8>,
}

/// Every way to write `word` that is looked for.
fn ways(word: &str) -> Vec<Way> {
    let utf16: Vec<u16> = word.encode_utf16().collect();
    let hex = hex::encode(word);
    let escaped: String = utf16
        .iter()
        .map(|unit| char::from_u32(u32::from(*unit)).filter(char::is_ascii).map_or_else(|| format!("\\u{unit:04x}"), String::from))
        .collect();
    let percent = |all: bool| -> String {
        word.bytes().map(|byte| if byte.is_ascii() && !all { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
    };
    let mut ways = vec![
        Way { name: "raw", bytes: word.as_bytes().to_vec() },
        Way { name: "UTF-16, little end first", bytes: utf16.iter().flat_map(|unit| unit.to_le_bytes()).collect() },
        Way { name: "UTF-16, big end first", bytes: utf16.iter().flat_map(|unit| unit.to_be_bytes()).collect() },
        Way { name: "JSON escapes", bytes: escaped.into_bytes() },
        Way { name: "percent", bytes: percent(false).into_bytes() },
        Way { name: "percent throughout", bytes: percent(true).into_bytes() },
        Way { name: "hex", bytes: hex.clone().into_bytes() },
        Way { name: "HEX", bytes: hex.to_uppercase().into_bytes() },
    ];
    for before in 0..3 {
        // what stands before and after shifts the letters at both ends; those between are the word's own
        let text = STANDARD_NO_PAD.encode([vec![0; before], word.as_bytes().to_vec()].concat());
        let inner = &text[(before * 8).div_ceil(6)..text.len() - 2];
        ways.push(Way { name: "base64", bytes: inner.as_bytes().to_vec() });
        ways.push(Way { name: "base64url", bytes: inner.replace('+', "-").replace('/', "_").into_bytes() });
    }
    ways
}

/// The words that are looked for, all in one pass.
pub(super) struct Hunt {
    finder: AhoCorasick,
    /// What each pattern is: a word, and the encoding that it stands in.
    names: Vec<String>,
}

impl Hunt {
    /// For `words`.
    pub(super) fn new(words: &[&str]) -> Self {
        let ways: Vec<(String, Vec<u8>)> =
            words.iter().flat_map(|word| ways(word).into_iter().map(move |way| (format!("{word} ({})", way.name), way.bytes))).collect();
        let (names, patterns): (Vec<String>, Vec<Vec<u8>>) = ways.into_iter().unzip();
        Self { finder: AhoCorasick::new(patterns).unwrap(), names }
    }

    /// Words that `bytes`, called `name`, show.
    pub(super) fn bytes(&self, name: &str, bytes: &[u8]) -> Vec<String> {
        let shown: BTreeSet<usize> = self.finder.find_overlapping_iter(bytes).map(|found| found.pattern().as_usize()).collect();
        shown.into_iter().map(|pattern| format!("{name}: {}", self.names[pattern])).collect()
    }

    /// Words that the files below `folder` show.
    pub(super) fn files(&self, folder: &Path) -> Vec<String> {
        let read = |path: &PathBuf| std::fs::read(path).unwrap_or_default();
        files_below(folder).iter().flat_map(|path| self.bytes(&path.display().to_string(), &read(path))).collect()
    }
}

#[test]
fn every_encoding_is_seen_through() {
    let word = "金丝雀-8d41";
    let hunt = Hunt::new(&[word]);
    let utf16: Vec<u8> = word.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let within = |text: &str| format!("x{text}y").into_bytes();
    let json = "\\u91d1\\u4e1d\\u96c0-8d41";
    for hidden in [
        within(word),
        [vec![7], utf16].concat(),
        within(json),
        within(&hex::encode(word)),
        within(&STANDARD_NO_PAD.encode(format!("a{word}b"))),
        within(&STANDARD_NO_PAD.encode(format!("ab{word}c"))),
        within("%E9%87%91%E4%B8%9D%E9%9B%80-8d41"),
    ] {
        assert!(!hunt.bytes("x", &hidden).is_empty(), "{}", String::from_utf8_lossy(&hidden));
    }
    assert!(hunt.bytes("x", "金丝雀-8d42".as_bytes()).is_empty());
}
