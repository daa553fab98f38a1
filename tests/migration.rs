//! What becomes of running cases under a new version, told in tiny processes: `conformance/migration/*.yaml`, on the pure
//! engine, on SQLite, and a few on PostgreSQL.
//!
//! A file holds an `old` and a `new` process (heads completed from `office.yaml`; what answers to what stands in the new
//! one's `migrate`), and `cases`: the steps that `reach` a state on the old version, when (`at`) the case is planned and
//! migrated, what the plan says, and how the story goes on `then` on the new version, or on the old one where the
//! migration is refused. With `back` the case is first migrated back, which must give the case as it was, and forth.

use std::{collections::BTreeMap, path::Path, sync::Arc};

use libtest_mimic::{Arguments, Failed, Trial};
use serde::Deserialize;
use serde_json::{Map, Value};
use tongban_engine::{
    definition::{Bundle, Definition, Mapping},
    interpreter::{Actor, Ask, Case, CasePlan, Command, Context, Event, LocalNo, Rejection, Sort, plan},
    organisation::Organisation,
    scenario::{Posts, PureWorld, World, run},
    time::Moment,
};
use tongban_tests::{
    conformance::{Around, loaded, read},
    office,
    stores::{Database, StoreWorld, postgres_url},
};

/// One file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    old: String,
    new: String,
    /// Also told on PostgreSQL.
    #[serde(default)]
    postgres: bool,
    cases: Vec<Told>,
}

/// One case between them.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Told {
    case: String,
    /// Further people of the story.
    #[serde(default)]
    people: Map<String, Value>,
    reach: Vec<Value>,
    /// When it is planned and migrated; None: when the last step was.
    at: Option<String>,
    sort: Sort,
    /// Codes of the plan's reasons with what they are about, `CODE NODE`.
    #[serde(default)]
    reasons: Vec<String>,
    /// What the plan says would be overdue at once, `task NODE`.
    #[serde(default)]
    late: Vec<String>,
    /// How many changes the plan tells.
    changes: Option<usize>,
    #[serde(default)]
    back: bool,
    then: Vec<Value>,
}

/// A world that can have several versions.
trait Versions: World {
    fn deploy(&mut self, bundle: &Bundle, definition: &Arc<Definition>);
}

impl Versions for PureWorld {
    fn deploy(&mut self, _: &Bundle, definition: &Arc<Definition>) {
        Self::deploy(self, definition.clone());
    }
}

impl Versions for StoreWorld {
    fn deploy(&mut self, bundle: &Bundle, _: &Arc<Definition>) {
        Self::deploy(self, bundle);
    }
}

fn main() {
    let arguments = Arguments::from_args();
    let folder = office::root().join("tests/conformance");
    let around: Arc<Around> = Arc::new(read(&folder.join("office.yaml")).unwrap_or_else(|wrong| panic!("office.yaml: {wrong}")));
    let mut trials = Vec::new();
    for path in office::files_below(&folder.join("migration")) {
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        for place in ["pure", "sqlite", "postgres"] {
            let (around, path) = (around.clone(), path.clone());
            trials.push(Trial::test(format!("{place} {name}"), move || file(&path, &around, place).map_err(Failed::from)));
        }
    }
    libtest_mimic::run(&arguments, trials).exit();
}

/// Tells every case of a file in a world of its own.
fn file(path: &Path, around: &Around, place: &str) -> Result<(), String> {
    let pair: Pair = read(path)?;
    let database = match place {
        "pure" => None,
        "sqlite" => Some(Database::Sqlite),
        _ if !pair.postgres || postgres_url().is_none() => return Ok(()),
        _ => Some(Database::Postgres),
    };
    let bundles = (around.bundle(&pair.old, &BTreeMap::new()), around.bundle(&pair.new, &BTreeMap::new()));
    let old = loaded(&bundles.0).map_err(|wrong| format!("old:\n{wrong}"))?;
    let new = loaded(&bundles.1).map_err(|wrong| format!("new:\n{wrong}"))?;
    let mut wrong = Vec::new();
    for told in &pair.cases {
        let outcome = match database {
            None => tell(told, (&old, &new, &bundles.1), around, &mut PureWorld::new([old.clone()])),
            Some(database) => {
                let mut world = StoreWorld::new(database, &bundles.0, false);
                tell(told, (&old, &new, &bundles.1), around, &mut world).and_then(|()| match world.faults().as_slice() {
                    [] => Ok(()),
                    faults => Err(format!("the store finds faults: {faults:?}")),
                })
            }
        };
        wrong.extend(outcome.err().map(|what| format!("{}\n  {what}", told.case)));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

fn tell(
    told: &Told,
    (old, new, bundle): (&Arc<Definition>, &Arc<Definition>, &Bundle),
    around: &Around,
    world: &mut dyn Versions,
) -> Result<(), String> {
    let mut stage = Stage { world, id: String::new(), at: Moment(0), sent: 0, organisation: Organisation::default(), bends: String::new() };
    let story = |steps: &[Value], at: Option<Moment>| {
        let mut story = Map::new();
        story.insert("scenario".to_owned(), told.case.as_str().into());
        story.insert("steps".to_owned(), Value::Array(steps.to_vec()));
        story.extend(at.map(|at| ("at".to_owned(), Value::from(old.calendar.format_moment(at)))));
        let mut story = around.story(story)?;
        let people: Value = told.people.clone().into();
        let people: BTreeMap<String, Posts> = serde_json::from_value(people).map_err(|error| error.to_string())?;
        story.people.extend(people);
        Ok::<_, String>(story)
    };
    let only = |definition: &Arc<Definition>| indexmap::IndexMap::from([(definition.process.id.clone(), definition.clone())]);
    run(&story(&told.reach, None)?, &only(old), &mut stage).map_err(|failure| format!("reach: {failure}"))?;
    stage.at = told.at.as_ref().map_or(Some(stage.at), |at| old.calendar.parse_moment(at)).ok_or("`at` is no moment")?;
    let mapping = new.process.mapping_from(Some(1), &old.hash);
    let before = stage.now()?;
    expect_plan(told, &stage.planned(old, new, &before, &mapping))?;
    stage.world.deploy(bundle, new);
    let refused = matches!(told.sort, Sort::Undecided | Sort::Refused);
    let code = if told.sort == Sort::Refused { "migration-refused" } else { "migration-undecided" };
    match (stage.migrate(new, &mapping), refused) {
        (Ok(()), false) => {}
        (Err(rejection), true) if rejection.code == code && stage.now()? == before => {}
        (outcome, _) => return Err(format!("planned {:?}, but {outcome:?}", told.sort)),
    }
    if told.back {
        stage.migrate(old, &mapping.inverse()).map_err(|rejection| format!("back: {rejection}"))?;
        let back = Case { seq: before.seq, next: before.next, ..stage.now()? };
        if back != before {
            return Err(format!("back is not where it was:\n  {back:?}\n  {before:?}"));
        }
        stage.migrate(new, &mapping).map_err(|rejection| format!("forth again: {rejection}"))?;
    }
    let first = told.reach.first().cloned().ok_or("nothing reaches the state")?;
    let steps: Vec<Value> = std::iter::once(first).chain(told.then.clone()).collect();
    stage.bends.clone_from(&stage.id);
    let on = if refused { old } else { new };
    run(&story(&steps, Some(stage.at))?, &only(on), &mut stage).map_err(|failure| format!("then (the start is step 1): {failure}"))?;
    Ok(())
}

fn expect_plan(told: &Told, plan: &CasePlan) -> Result<(), String> {
    let reasons: Vec<String> =
        plan.reasons.iter().map(|reason| format!("{} {}", reason.code, reason.about.as_deref().unwrap_or("-"))).collect();
    let late: Vec<String> = plan.late.iter().map(|late| format!("{} {}", late.what, late.id)).collect();
    let right = plan.sort == told.sort && reasons == told.reasons && late == told.late;
    if right && told.changes.is_none_or(|changes| changes == plan.changes.len()) {
        return Ok(());
    }
    Err(format!("the plan is {:?}, reasons {reasons:?}, late {late:?}\n  {:?}\n  {:?}", plan.sort, plan.changes, plan.reasons))
}

/// A world in which a story goes on where another ended: the start of a case that is there already is passed over.
struct Stage<'w> {
    world: &'w mut dyn Versions,
    /// The last case.
    id: String,
    /// When something happened last.
    at: Moment,
    sent: u32,
    organisation: Organisation,
    /// The case whose start is passed over.
    bends: String,
}

impl Stage<'_> {
    fn now(&mut self) -> Result<Case, String> {
        self.world.case(&self.id).ok_or_else(|| "no case was begun".to_owned())
    }

    fn planned(&self, old: &Definition, new: &Definition, case: &Case, mapping: &Mapping) -> CasePlan {
        let context = Context { organisation: &self.organisation, series: &BTreeMap::new(), choices: None };
        plan(old, new, case, mapping, &context, self.at)
    }

    fn migrate(&mut self, to: &Definition, mapping: &Mapping) -> Result<(), Rejection> {
        let ask = Ask::Migrate { to: to.hash.clone(), mapping: mapping.clone() };
        let (case, at) = (self.id.clone(), self.at);
        self.submit(Command { case, key: String::new(), actor: Actor::System, at, ask })
    }
}

impl World for Stage<'_> {
    fn submit(&mut self, command: Command) -> Result<(), Rejection> {
        if matches!(command.ask, Ask::Start(_)) && command.case == self.bends {
            return Ok(());
        }
        self.sent += 1;
        self.id.clone_from(&command.case);
        self.at = command.at;
        self.world.submit(Command { key: format!("told:{}", self.sent), ..command })
    }

    fn cases(&mut self) -> Vec<String> {
        self.world.cases()
    }

    fn case(&mut self, id: &str) -> Option<Case> {
        self.world.case(id)
    }

    fn events(&mut self, id: &str) -> Vec<Event> {
        self.world.events(id)
    }

    fn next_due(&mut self, until: Moment) -> Option<(Moment, String, LocalNo)> {
        self.world.next_due(until)
    }

    fn organise(&mut self, organisation: Organisation) {
        self.organisation = organisation.clone();
        self.world.organise(organisation);
    }
}
