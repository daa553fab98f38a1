//! Definitions for experiments: whatever can be executed deploys, from YAML and from BPMN 2.0 XML alike.
//!
//! No field standard, no forms, no roles: names need not be declared, unfinished events wait to be triggered by hand, and
//! a task that nobody is named for is completed by hand. Findings about soundness, data, time, people or law are no
//! obstacle here; [`super::load_office`] is where they count.

use std::{collections::BTreeMap, sync::Arc};

use indexmap::IndexMap;

use super::{
    Bundle, Definition,
    context::{Context, Surroundings},
    load, shape,
};
use crate::{
    bpmn::{self, ReadOptions},
    calendar::Calendar,
    diagnostic::{Finding, Severity},
    document::Templates,
    form::FieldStandard,
    rules::Rules,
    source::{Source, Tree, parse},
    text::Text,
};

/// The calendar of experiments: UTC, every day from Monday to Friday, around the clock.
const CALENDAR: &str = "calendar: utc\nname: UTC\nzone: UTC\nofficeHours: [\"00:00-23:59\"]\nyears: {}\n";

/// Which activities complete by themselves.
#[derive(Clone, Debug, Default)]
pub enum Automatic {
    /// None.
    #[default]
    Nothing,
    /// Every one.
    Everything,
    /// Those with these ids.
    These(Vec<String>),
}

impl Automatic {
    fn has(&self, id: &str) -> bool {
        match self {
            Self::Nothing => false,
            Self::Everything => true,
            Self::These(ids) => ids.iter().any(|other| other == id),
        }
    }
}

/// Loads the processes of `files`, YAML or BPMN XML, for an experiment; all findings that are an obstacle besides.
///
/// # Errors
/// Findings of severity error: a file that is no YAML or XML, an unknown key or element, an id used twice, a flow that
/// leads nowhere.
pub fn load_experiment(files: &[Source], automatic: &Automatic) -> Result<Vec<Arc<Definition>>, Vec<Finding>> {
    let mut findings = Vec::new();
    let mut definitions = Vec::new();
    for file in files {
        for tree in trees(file, &mut findings) {
            definitions.extend(definition(file, &tree, automatic, &mut findings).map(Arc::new));
        }
    }
    let obstacles: Vec<Finding> = findings.into_iter().filter(|finding| finding.severity == Severity::Error).collect();
    match definitions.is_empty() {
        _ if !obstacles.is_empty() => Err(obstacles),
        true => {
            let place = files.first().map(|file| crate::source::Place { file: file.name.clone(), span: Default::default() });
            let message = Text::new("没有可以执行的流程", "there is no process that can be executed");
            Err(vec![Finding::error("R014", place.unwrap_or_default(), message)])
        }
        false => Ok(definitions),
    }
}

/// Whether a file is XML rather than YAML.
pub fn is_xml(file: &Source) -> bool {
    file.text.trim_start_matches('\u{feff}').trim_start().starts_with('<')
}

fn trees(file: &Source, findings: &mut Vec<Finding>) -> Vec<Tree> {
    if is_xml(file) {
        let read = bpmn::read(file, ReadOptions::default());
        findings.extend(read.findings);
        return read.trees;
    }
    let (tree, wrong) = parse(file);
    findings.extend(wrong);
    let Some(tree) = tree else { return Vec::new() };
    let unknown = |finding: &Finding| matches!(finding.code, "Y010" | "Y012" | "Y015" | "Y016");
    findings.extend(shape::check(file, &tree, &shape::PROCESS).into_iter().filter(unknown));
    vec![tree]
}

fn definition(file: &Source, tree: &Tree, automatic: &Automatic, findings: &mut Vec<Finding>) -> Option<Definition> {
    let calendar = calendar()?;
    let standard = Arc::new(FieldStandard::default());
    let (rules, _) = Rules::new(None, standard.clone());
    let rules = rules.open(calendar.zone());
    let (templates, _) = Templates::compile(&[]);
    let (forms, roles, fragments, decisions) = (IndexMap::new(), IndexMap::new(), IndexMap::new(), IndexMap::new());
    let around = Surroundings {
        standard: &standard,
        forms: &forms,
        roles: &roles,
        rules: &rules,
        templates: &templates,
        fragments: &fragments,
        decisions: &decisions,
        broken_decisions: &[],
    };
    let mut cx = Context::new(file, around);
    cx.lenient = true;
    cx.names_unsure = true;
    let process = load::process(&mut cx, tree);
    findings.extend(cx.findings.into_iter().filter(|finding| is_obstacle(finding.code)));
    let mut process = process?;
    process.data.open = true;
    for node in &mut process.nodes {
        node.automatic = automatic.has(&node.id);
    }
    let files: BTreeMap<String, String> =
        BTreeMap::from([(format!("{}#{}", file.name, process.id), file.text.to_string())]).into_iter().collect();
    let hash = Bundle { files: files.clone() }.hash();
    let (decisions, roles) = (IndexMap::new(), Arc::new(roles));
    Some(Definition { hash, process, forms, standard, rules, decisions, templates, calendar, roles, files })
}

/// What cannot be executed at all: two elements of one id, a flow to nowhere, an element that says two things at once.
fn is_obstacle(code: &str) -> bool {
    matches!(code, "Y014" | "Y018" | "R007")
}

fn calendar() -> Option<Arc<Calendar>> {
    let source = Source { name: "utc".into(), text: CALENDAR.into() };
    let tree = parse(&source).0?;
    Calendar::load(&source, &tree).0.map(Arc::new)
}
