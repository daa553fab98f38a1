//! A text in Chinese and, if wanted, English.

use serde::{Deserialize, Serialize};

/// The two languages that Tongban speaks; Chinese comes first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Chinese (Simplified), the language of the office.
    #[default]
    Zh,
    /// English.
    En,
}

/// A text for people: Chinese always, English where it was given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Text {
    /// Chinese.
    pub zh: String,
    /// English; falls back to Chinese where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

impl Text {
    /// A text in both languages.
    pub fn new(zh: impl Into<String>, en: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: Some(en.into()) }
    }

    /// A text that exists in Chinese only.
    pub fn zh(zh: impl Into<String>) -> Self {
        Self { zh: zh.into(), en: None }
    }

    /// The text in `language`, or in Chinese where that is missing.
    pub fn get(&self, language: Language) -> &str {
        match language {
            Language::Zh => &self.zh,
            Language::En => self.en.as_deref().unwrap_or(&self.zh),
        }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.zh)
    }
}
