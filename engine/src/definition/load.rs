//! From the files of an office to its processes, with every finding at once.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use indexmap::IndexMap;

use super::{
    Bundle, Definition, Office, Process, ProcessKind, Role, Sees,
    build::Builder,
    check,
    context::{Context, Surroundings, string, text},
    declare,
    fragment::{self, Fragment},
    migration,
    names::Besides,
    policy, shape,
};
use crate::{
    calendar::Calendar,
    decision::{DecisionTable, load_decision},
    diagnostic::{Finding, Severity},
    document::Templates,
    form::{FieldStandard, Form, load_form, load_standard},
    rules::Rules,
    source::{Source, Tree, parse},
    text::Text,
};

const ROLES: &str = "workflows/roles.yaml";
const PURPOSES: &str = "workflows/purposes.yaml";

/// Loads all that an office wrote. Processes with an error are left out of [`Office::definitions`]; every finding of
/// every file comes at once, in order of files and places.
pub fn load_office(bundle: &Bundle) -> (Office, Vec<Finding>) {
    load(bundle, false)
}

fn load(bundle: &Bundle, deployed: bool) -> (Office, Vec<Finding>) {
    let mut loader = Loader { bundle, deployed, fragments: Arc::default(), ids: BTreeSet::new(), findings: Vec::new() };
    let mut office = loader.office();
    let mut findings = loader.findings;
    if !deployed {
        let mut between = check::calls(&office, &loader.ids);
        between.extend(check::shared(&office));
        let wrong = |file: &str| between.iter().any(|found| found.severity == Severity::Error && &*found.place.file == file);
        office.definitions.retain(|_, definition| !wrong(&definition.process.place.file));
        findings.extend(between);
    }
    findings.sort_by(|a, b| (&a.place, a.code).cmp(&(&b.place, b.code)));
    findings.dedup();
    (office, findings)
}

/// Loads the files of one pinned version, as [`Definition::files`] keeps them. It was checked when it was deployed: what has
/// been learnt to find since then does not keep its cases from going on.
///
/// # Errors
/// All findings, if any of them is an error or if the files hold no process.
pub fn load_pinned(bundle: &Bundle) -> Result<Arc<Definition>, Vec<Finding>> {
    let (mut office, mut findings) = load(bundle, true);
    match office.definitions.pop() {
        Some((_, definition)) if findings.iter().all(|finding| finding.severity != Severity::Error) => Ok(definition),
        _ => {
            if findings.is_empty() {
                findings.push(Finding::error(
                    "R014",
                    crate::source::Place::default(),
                    Text::new("没有流程文件", "there is no process file"),
                ));
            }
            Err(findings)
        }
    }
}

struct Loader<'a> {
    bundle: &'a Bundle,
    /// Whether the files are a version that was deployed already.
    deployed: bool,
    /// The ids of all processes that are written, loaded or not.
    ids: BTreeSet<String>,
    fragments: Arc<IndexMap<String, Fragment>>,
    findings: Vec<Finding>,
}

impl Loader<'_> {
    fn office(&mut self) -> Office {
        let standard = Arc::new(self.standard());
        self.fragments = self.fragments();
        let forms = self.forms(&standard);
        let mut office = Office {
            definitions: IndexMap::new(),
            forms,
            roles: Arc::new(self.roles()),
            purposes: Arc::new(self.purposes()),
            calendars: self.calendars(),
            sources: self.bundle.files.keys().filter_map(|path| Some((path.clone(), self.bundle.source(path)?))).collect(),
            standard,
        };
        let paths: Vec<&String> =
            self.bundle.files.keys().filter(|path| path.starts_with("workflows/") && path.ends_with("/process.yaml")).collect();
        for path in paths {
            if let Some(definition) = self.definition(path, &office) {
                self.admit(&mut office, definition);
            }
        }
        office
    }

    /// Takes a definition in, unless another has its id or its item.
    fn admit(&mut self, office: &mut Office, definition: Definition) {
        let process = &definition.process;
        let twin = office
            .definitions
            .values()
            .find(|other| other.process.id == process.id || (process.item.is_some() && other.process.item == process.item));
        if let Some(twin) = twin {
            let place = &twin.process.place;
            self.findings.push(Finding::error(
                "R011",
                process.place.clone(),
                Text::new(format!("流程标识或事项与 {place} 重复"), format!("another process has the same id or item: {place}")),
            ));
            return;
        }
        office.definitions.insert(process.id.clone(), Arc::new(definition));
    }

    fn parse(&mut self, path: &str) -> Option<(Source, Tree)> {
        let source = self.bundle.source(path)?;
        let (tree, findings) = parse(&source);
        self.findings.extend(findings);
        Some((source, tree?))
    }

    /// The fragments that processes share, by name.
    fn fragments(&mut self) -> Arc<IndexMap<String, Fragment>> {
        let paths: Vec<(String, String)> =
            self.bundle.files.keys().filter_map(|path| Some((fragment::name_of(path)?.to_owned(), path.clone()))).collect();
        let mut fragments = IndexMap::new();
        for (name, path) in paths {
            let Some((source, tree)) = self.parse(&path) else { continue };
            let (fragment, findings) = Fragment::read(source, tree);
            self.findings.extend(findings);
            fragments.insert(name, fragment);
        }
        Arc::new(fragments)
    }

    fn parse_all(&mut self, folder: &str) -> Vec<(Source, Tree)> {
        let paths: Vec<String> = self.bundle.within(folder, ".yaml").map(str::to_owned).collect();
        paths.iter().filter_map(|path| self.parse(path)).collect()
    }

    fn standard(&mut self) -> FieldStandard {
        let mut files = self.parse_all("forms/codes/");
        files.extend(self.parse_all("forms/fields/"));
        // the rows of the forms' repeating groups are records of the standard; mistakes in forms are told by `forms`
        let forms = self.bundle.within("forms/", ".yaml").filter_map(|path| self.bundle.source(path));
        files.extend(forms.filter_map(|source| parse(&source).0.map(|tree| (source, tree))));
        let (standard, findings) = load_standard(&files);
        self.findings.extend(findings);
        standard
    }

    fn forms(&mut self, standard: &Arc<FieldStandard>) -> IndexMap<String, Form> {
        let (rules, _) = Rules::new(None, standard.clone());
        let mut forms = IndexMap::new();
        for (source, tree) in self.parse_all("forms/") {
            let (form, findings) = load_form(&source, &tree, standard, &rules);
            self.findings.extend(findings);
            if let Some(form) = form {
                forms.insert(form.id.clone(), form);
            }
        }
        forms
    }

    fn calendars(&mut self) -> IndexMap<String, Arc<Calendar>> {
        let mut calendars = IndexMap::new();
        for (source, tree) in self.parse_all("forms/calendars/") {
            let (calendar, findings) = Calendar::load(&source, &tree);
            self.findings.extend(findings);
            if let Some(calendar) = calendar {
                calendars.insert(calendar.id.clone(), Arc::new(calendar));
            }
        }
        calendars
    }

    fn roles(&mut self) -> IndexMap<String, Role> {
        let Some((source, tree)) = self.parse(ROLES) else { return IndexMap::new() };
        self.findings.extend(shape::check(&source, &tree, &shape::ROLES));
        let roles: IndexMap<String, Role> = super::context::entries(tree.get("roles"))
            .map(|(id, span, value)| {
                let name = value.get("name").and_then(text).unwrap_or_else(|| Text::zh(id));
                let place = crate::source::Place { file: source.name.clone(), span };
                let may = super::context::strings(value.get("may")).map(|(duty, _)| duty).collect();
                let sees = value.get("sees").and_then(string).and_then(|word| Sees::from_word(&word)).unwrap_or_default();
                (id.to_owned(), Role { id: id.to_owned(), name, doc: value.get("doc").and_then(text), may, sees, place })
            })
            .collect();
        self.findings.extend(check::administrators(&roles));
        roles
    }

    fn purposes(&mut self) -> IndexMap<String, Text> {
        let Some((source, tree)) = self.parse(PURPOSES) else { return IndexMap::new() };
        self.findings.extend(shape::check(&source, &tree, &shape::PURPOSES));
        super::context::entries(tree.get("purposes")).filter_map(|(id, _, value)| Some((id.to_owned(), text(value)?))).collect()
    }

    /// Loads the process at `path` with the files beside it.
    fn definition(&mut self, path: &str, office: &Office) -> Option<Definition> {
        let before = self.findings.len();
        let folder = path.strip_suffix("process.yaml").unwrap_or(path);
        let (source, tree) = self.parse(path)?;
        self.ids.extend(tree.get("process").and_then(string));
        let (rules, findings) = Rules::new(self.bundle.source(&format!("{folder}rules.rhai")).as_ref(), office.standard.clone());
        self.findings.extend(findings);
        let template_paths: Vec<String> = self.bundle.within(&format!("{folder}templates/"), ".hbs").map(str::to_owned).collect();
        let template_files: Vec<Source> = template_paths.iter().filter_map(|path| self.bundle.source(path)).collect();
        let (templates, findings) = Templates::compile(&template_files);
        self.findings.extend(findings);
        let calendar = self.calendar(&source, &tree, office);
        let in_zone = calendar.as_ref().map_or_else(|| rules.clone(), |calendar| rules.clone().in_zone(calendar.zone()));
        let (decisions, broken_decisions) = self.decisions(&format!("{folder}decisions/"), &office.standard, &in_zone);
        let fragments = self.fragments.clone();
        let around = Surroundings {
            standard: &office.standard,
            forms: &office.forms,
            roles: &office.roles,
            rules: &rules,
            templates: &templates,
            fragments: &fragments,
            decisions: &decisions,
            broken_decisions: &broken_decisions,
        };
        let process = self.process(&source, &tree, around);
        if self.findings[before..].iter().any(|finding| finding.severity == Severity::Error) {
            return None;
        }
        let (process, calendar) = (process?, calendar?);
        let forms = used_forms(&process, &office.forms);
        let files = self.pinned(folder, &forms, &string(tree.get("calendar")?)?, &process.fragments);
        let hash = Bundle { files: files.clone() }.hash();
        let (standard, roles) = (office.standard.clone(), office.roles.clone());
        let names = process.data.fields.iter().map(|(name, field)| (name.as_str(), &field.of));
        let templates = templates.with_labels(&standard, names).in_zone(calendar.zone());
        Some(Definition { hash, process, forms, standard, rules: in_zone, decisions, templates, calendar, roles, files })
    }

    /// The decision tables beside a process, by id; and the ids of those that could not be read.
    fn decisions(&mut self, folder: &str, standard: &FieldStandard, rules: &Rules) -> (IndexMap<String, DecisionTable>, Vec<String>) {
        let (mut decisions, mut broken) = (IndexMap::<String, DecisionTable>::new(), Vec::new());
        for (source, tree) in self.parse_all(folder) {
            let (table, findings) = load_decision(&source, &tree, standard, rules);
            self.findings.extend(findings);
            let Some(table) = table else {
                broken.extend(tree.get("decision").and_then(string));
                continue;
            };
            if let Some(twin) = decisions.get(&table.id) {
                let (id, first) = (&table.id, &twin.place);
                let message =
                    Text::new(format!("决策表“{id}”已在 {first} 声明"), format!("decision `{id}` is declared already at {first}"));
                self.findings.push(Finding::error("Y026", table.place.clone(), message));
                continue;
            }
            decisions.insert(table.id.clone(), table);
        }
        (decisions, broken)
    }

    fn calendar(&mut self, source: &Source, tree: &Tree, office: &Office) -> Option<Arc<Calendar>> {
        let named = tree.get("calendar")?;
        let id = string(named)?;
        let calendar = office.calendars.get(&id).cloned();
        if calendar.is_none() {
            let place = crate::source::Place { file: source.name.clone(), span: named.span };
            let known: Vec<&str> = office.calendars.keys().map(String::as_str).collect();
            let message = Text::new(
                format!("没有日历“{id}”（forms/calendars/{id}.yaml）"),
                format!("there is no calendar `{id}` (forms/calendars/{id}.yaml)"),
            );
            self.findings.push(Finding::error("R009", place, message).help(shape::suggestion(&id, &known)));
        }
        calendar
    }

    fn process(&mut self, source: &Source, tree: &Tree, around: Surroundings<'_>) -> Option<Process> {
        self.findings.extend(shape::check(source, tree, &shape::PROCESS));
        let mut cx = Context::new(source, around);
        cx.deployed = self.deployed;
        let process = process(&mut cx, tree);
        self.findings.extend(cx.findings);
        process
    }

    /// Exactly the files that a version rests on.
    fn pinned(&self, folder: &str, forms: &IndexMap<String, Form>, calendar: &str, fragments: &[String]) -> BTreeMap<String, String> {
        let used: BTreeSet<&str> = forms.values().map(|form| &*form.place.file).collect();
        let calendar = format!("forms/calendars/{calendar}.yaml");
        let beside = |path: &str| {
            path.strip_prefix(folder).is_some_and(|rest| {
                rest == "process.yaml"
                    || rest == "rules.rhai"
                    || is_beside(rest, "templates/", ".hbs")
                    || is_beside(rest, "decisions/", ".yaml")
            })
        };
        let around = |path: &str| {
            path.starts_with("forms/fields/")
                || path.starts_with("forms/codes/")
                || path == ROLES
                || path == calendar
                || fragments.iter().any(|used| used == path)
        };
        let wanted = |path: &str| beside(path) || around(path) || used.contains(path);
        self.bundle.files.iter().filter(|(path, _)| wanted(path)).map(|(path, text)| (path.clone(), text.clone())).collect()
    }
}

/// Whether `rest` is a file directly in `folder` with this ending.
fn is_beside(rest: &str, folder: &str, ending: &str) -> bool {
    rest.strip_prefix(folder).is_some_and(|name| !name.contains('/') && name.ends_with(ending))
}

/// The forms that a process names anywhere.
fn used_forms(process: &Process, forms: &IndexMap<String, Form>) -> IndexMap<String, Form> {
    let mut used: BTreeSet<&str> = process.data.form.iter().map(String::as_str).collect();
    for node in &process.nodes {
        match &node.kind {
            super::NodeKind::UserTask(task) => used.extend(task.form.iter().map(|form| form.form.as_str())),
            super::NodeKind::StartEvent(start) => used.extend(start.form.as_deref()),
            _ => {}
        }
    }
    forms.iter().filter(|(id, _)| used.contains(id.as_str())).map(|(id, form)| (id.clone(), form.clone())).collect()
}

/// Compiles one process; None if it has no id or name to speak of.
pub(super) fn process(cx: &mut Context<'_>, tree: &Tree) -> Option<Process> {
    let id = string(tree.get("process")?)?;
    let mut data = declare::data(cx, tree.get("data"));
    let parameters = declare::parameters(cx, tree.get("parameters"), &mut data);
    let names = declare::top_names(&data, &[], Besides::Nothing);
    let title = tree.get("title").and_then(|title| cx.pattern(title, &names));
    let names = declare::top_names(&data, &[], Besides::Series);
    let number = tree.get("number").and_then(|number| cx.pattern(number, &names));
    let lanes = declare::lanes(cx, tree.get("lanes"), &data);
    let messages = declare::messages(cx, tree.get("messages"), &data);
    let declared = declare::declarations(cx, tree);
    let clocks = declare::clocks(cx, tree.get("clocks"));
    let operations = policy::of_case(cx, tree.get("operations"));
    let migrations = migration::migrations(cx, tree.get("migrate"), &data);
    let Builder { scopes, nodes, flows, by_id, broken, .. } = Builder::build(cx, &data, &lanes, &messages, &declared, tree);
    let process = Process {
        name: tree.get("name").and_then(text).unwrap_or_else(|| Text::zh(id.clone())),
        kind: kind(tree.get("kind")),
        place: cx.place(tree.get("process")?.span),
        item: tree.get("item").and_then(string),
        legal_basis: declare::legal_basis(tree.get("legalBasis")),
        id,
        number,
        title,
        lanes,
        messages,
        declared,
        parameters,
        data,
        clocks,
        operations,
        scopes,
        nodes,
        flows,
        migrations,
        fragments: cx.uses.iter().map(|used| used.file.to_string()).collect(),
        by_id,
    };
    if !cx.lenient && !cx.deployed {
        check::check(cx, &process, broken);
    }
    tell_uses(cx);
    Some(process)
}

/// What is found in a fragment is told at both places.
fn tell_uses(cx: &mut Context<'_>) {
    for finding in &mut cx.findings {
        let of_file = || cx.uses.iter().filter(|used| used.file == finding.place.file);
        let by_element = |used: &&fragment::Use| finding.element.as_ref().is_some_and(|element| element.starts_with(&used.prefix));
        if let Some(used) = of_file().find(by_element).or_else(|| of_file().next()) {
            let (message, at) = (&finding.message, &used.at);
            let en = message.get(crate::text::Language::En);
            finding.message = Text::new(format!("{}（用于 {at}）", message.zh), format!("{en} (used at {at})"));
        }
    }
}

fn kind(tree: Option<&Tree>) -> ProcessKind {
    match tree.and_then(Tree::scalar) {
        Some("licence") => ProcessKind::Licence,
        Some("filing") => ProcessKind::Filing,
        Some("report") => ProcessKind::Report,
        _ => ProcessKind::Office,
    }
}
