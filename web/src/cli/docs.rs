//! `tongban docs`: the reference, topic by topic.

use std::process::ExitCode;

use clap::Args;
use tongban_engine::{
    reference::{Topic, topics},
    text::Language,
};

use super::{Spoken, say};

/// What `tongban docs` is given.
#[derive(Debug, Args)]
pub struct DocsArgs {
    /// The topic; without one, the list of topics
    topic: Option<String>,
    /// Language of the text
    #[arg(long, value_enum, default_value_t = Spoken::Zh)]
    lang: Spoken,
}

/// Prints a topic, or what topics there are.
pub(super) fn run(arguments: &DocsArgs) -> anyhow::Result<ExitCode> {
    let language: Language = arguments.lang.into();
    let Some(word) = &arguments.topic else {
        for topic in topics() {
            say(&format!("{:<10} {}", topic.word, topic.about.get(language)))?;
        }
        return Ok(ExitCode::SUCCESS);
    };
    let Some(topic) = Topic::called(word) else {
        let known: Vec<&str> = topics().iter().map(|topic| topic.word).collect();
        let known = known.join(", ");
        anyhow::bail!("没有主题 {word}，有：{known} / there is no topic {word}; there are: {known}");
    };
    say(topic.text(language).trim_end())?;
    Ok(ExitCode::SUCCESS)
}
