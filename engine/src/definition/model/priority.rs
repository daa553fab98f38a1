//! 缓急: how pressing a task is, before its limit counts.

use serde::{Deserialize, Serialize};

use crate::{rules::Expression, text::Text};

/// How pressing a task is. Lists show the more pressing first, whatever its limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priority {
    /// 特急.
    Urgent,
    /// 加急.
    High,
    /// 普通.
    #[default]
    Normal,
    /// 不急.
    Low,
}

impl Priority {
    /// Every one, most pressing first.
    pub const ALL: [Self; 4] = [Self::Urgent, Self::High, Self::Normal, Self::Low];

    /// The dialect's words, most pressing first.
    pub const WORDS: [&str; 4] = ["urgent", "high", "normal", "low"];

    /// The dialect's word.
    pub fn word(self) -> &'static str {
        Self::WORDS[usize::from(self.rank())]
    }

    /// The one that a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|priority| priority.word() == word)
    }

    /// Its place in a list, from 0: the most pressing first.
    pub fn rank(self) -> u8 {
        match self {
            Self::Urgent => 0,
            Self::High => 1,
            Self::Normal => 2,
            Self::Low => 3,
        }
    }

    /// The one at a place in a list; whatever is behind the last counts as the last.
    pub fn from_rank(rank: u8) -> Self {
        Self::ALL.get(usize::from(rank)).copied().unwrap_or(Self::Low)
    }

    /// What lists call it.
    pub fn label(self) -> Text {
        match self {
            Self::Urgent => Text::new("特急", "Urgent"),
            Self::High => Text::new("加急", "High"),
            Self::Normal => Text::new("普通", "Normal"),
            Self::Low => Text::new("不急", "Low"),
        }
    }

    /// Whether nothing needs to be said of it.
    pub fn is_normal(&self) -> bool {
        *self == Self::Normal
    }
}

/// Where a task's priority comes from.
#[derive(Debug)]
pub enum PriorityOf {
    /// The same for every case.
    Fixed(Priority),
    /// An expression that gives one of [`Priority::WORDS`] when the task is opened.
    Given(Expression),
}
