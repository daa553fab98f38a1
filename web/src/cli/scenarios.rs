//! `tongban test`: every scenario told on the pure engine, and what none of them went through.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::ExitCode,
};

use tongban_engine::{
    definition::{Bundle, Definition, NodeKind, Office, load_office},
    scenario::{PureWorld, Scenario, Story, run as tell},
    text::{Language, Text},
};

use super::say;

/// Tells the scenarios whose path contains `filter`; exit status 1 if one does not go as told.
pub(super) fn run(bundle: &Bundle, language: Language, filter: Option<&str>) -> anyhow::Result<ExitCode> {
    let (office, _) = load_office(bundle);
    let mut covered: BTreeMap<String, Story> = BTreeMap::new();
    let (mut passed, mut failed) = (0, 0);
    let chosen = bundle.files.iter().filter(|(path, _)| path.contains("/scenarios/") && filter.is_none_or(|filter| path.contains(filter)));
    for (path, text) in chosen {
        match one(text, &office) {
            Ok((process, story)) => {
                passed += 1;
                say(&format!("✓ {path}"))?;
                merge(covered.entry(process).or_default(), story);
            }
            Err(what) => {
                failed += 1;
                say(&format!("✕ {path}\n  {what}"))?;
            }
        }
    }
    for (process, story) in &covered {
        let Some(definition) = office.definitions.get(process) else { continue };
        say(told(definition, story).get(language))?;
    }
    say(&format!("{passed} passed, {failed} failed"))?;
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn one(text: &str, office: &Office) -> Result<(String, Story), String> {
    let scenario: Scenario = tongban_adapters::yaml::read(text).map_err(|error| error.to_string())?;
    let definition = office.definitions.get(&scenario.process);
    let definition =
        definition.ok_or_else(|| format!("流程 {0} 不存在或有错误 / process {0} does not exist or has errors", scenario.process))?;
    let story = tell(&scenario, definition, &mut PureWorld::new(definition.clone())).map_err(|failure| failure.to_string())?;
    Ok((scenario.process, story))
}

fn merge(all: &mut Story, story: Story) {
    all.nodes.extend(story.nodes);
    all.actions.extend(story.actions);
    all.flows.extend(story.flows);
}

/// What the stories went through of a process, and what they did not: nodes, actions, flows.
fn told(definition: &Definition, story: &Story) -> Text {
    let process = &definition.process;
    let nodes: BTreeSet<String> = process.nodes.iter().filter(|node| !node.id.contains("__")).map(|node| node.id.clone()).collect();
    let actions: BTreeSet<String> = process
        .nodes
        .iter()
        .filter_map(|node| match &node.kind {
            NodeKind::UserTask(task) => Some(task.actions.keys().map(move |action| format!("{}.{action}", node.id))),
            _ => None,
        })
        .flatten()
        .collect();
    let flows: BTreeSet<String> = process.flows.iter().map(|flow| flow.id.clone()).collect();
    let mut missing: Vec<&String> = nodes.difference(&story.nodes).chain(actions.difference(&story.actions)).collect();
    if missing.is_empty() {
        missing = flows.difference(&story.flows).filter(|flow| !is_action(process, flow)).collect();
    }
    let share = |all: &BTreeSet<String>, seen: &BTreeSet<String>| format!("{}/{}", all.intersection(seen).count(), all.len());
    let (n, a, f) = (share(&nodes, &story.nodes), share(&actions, &story.actions), share(&flows, &story.flows));
    let missing: Vec<&str> = missing.into_iter().map(String::as_str).collect();
    let rest = if missing.is_empty() { "—".to_owned() } else { missing.join(" ") };
    Text::new(
        format!("{}：节点 {n}，处理 {a}，流向 {f}；没有走到：{rest}", process.id),
        format!("{}: nodes {n}, actions {a}, flows {f}; not covered: {rest}", process.id),
    )
}

fn is_action(process: &tongban_engine::definition::Process, id: &str) -> bool {
    process.flows.iter().any(|flow| flow.id == id && flow.action.is_some())
}
