//! Lists hold exactly what the engine's rights allow: for random organisations, substitutes and recusals, over cases in every
//! state, each list is compared with what `authorize` says of every case.

use std::collections::BTreeSet;

use proptest::{
    prelude::*,
    sample::{select, subsequence},
    test_runner::{Config, TestCaseError, TestRunner},
};
use serde_json::json;
use tokio::runtime::{Handle, Runtime};
use tongban_adapters::store::Filter;
use tongban_engine::{
    authority::{Action, Authority, Dossier, Relation, Resource},
    definition::Definition,
    interpreter::{Ask, Case},
    organisation::{Concern, Organisation, Person, Post, Recusal, StandIn, Term, Unit},
    text::Text,
};
use tongban_tests::stores::{Database, postgres_url};

use super::{Desk, Tested, person};

/// Units of the cases and others, and people who did something in them and others.
const UNITS: [&str; 6] = ["shi", "jia", "jia-hall", "yi", "shifan-temple", "elsewhere"];
const PEOPLE: [&str; 8] = ["feng", "lin", "wang", "zhou", "chen", "gao", "ann", "bob"];
const ROLES: [&str; 6] = ["case-handler", "window-clerk", "deputy-director", "venue-manager", "supervisor", "operator"];
const PROCESSES: [&str; 2] = ["activity-report", "clergy-filing"];
const CASES: [&str; 7] = ["fresh", "claimed", "copied", "asked", "ended", "filed", "taken"];

fn post() -> impl Strategy<Value = Post> {
    (select(&ROLES[..]), select(&UNITS[..])).prop_map(|(role, unit)| Post { role: role.to_owned(), unit: unit.to_owned() })
}

fn stand_in() -> impl Strategy<Value = StandIn> {
    (select(&PEOPLE[..]), subsequence(&PROCESSES[..], 0..=1)).prop_map(|(absent, processes)| StandIn {
        absent: absent.to_owned(),
        processes: processes.into_iter().map(str::to_owned).collect(),
    })
}

fn recusal() -> impl Strategy<Value = Recusal> {
    let case = select(&CASES[..]).prop_map(|case| Concern::Case(case.to_owned()));
    let unit = select(&UNITS[..]).prop_map(|unit| Concern::Unit(unit.to_owned()));
    (select(&PEOPLE[..]), prop_oneof![2 => case, 1 => unit]).prop_map(|(person, about)| Recusal {
        id: format!("{person} {about:?}"),
        person: person.to_owned(),
        about,
        reason: "利害关系".to_owned(),
        term: Term::default(),
    })
}

/// An organisation in which anybody may hold anything, be away, or have to keep away; each unit lies below one before it,
/// or below none.
fn organisation() -> impl Strategy<Value = Organisation> {
    let one = (prop::collection::vec(post(), 0..3), prop::collection::vec(stand_in(), 0..3), prop::bool::weighted(0.9));
    let people = prop::collection::vec(one, PEOPLE.len());
    let parents = prop::collection::vec(prop::option::of(0..UNITS.len()), UNITS.len());
    (people, parents, prop::collection::vec(recusal(), 0..6)).prop_map(|(people, parents, recusals)| {
        let unit = |(at, parent): (usize, Option<usize>)| {
            let parent = parent.filter(|parent| *parent < at).map(|parent| UNITS[parent].to_owned());
            (UNITS[at].to_owned(), Unit { name: Text::zh(UNITS[at]), kind: "district".to_owned(), parent, code: None, items: Vec::new() })
        };
        let people = people.into_iter().zip(PEOPLE).filter(|((.., there), _)| *there);
        let people = people.map(|((posts, stands_in, _), id)| {
            let stands_in = stands_in.into_iter().filter(|stand_in| stand_in.absent != id).collect();
            (id.to_owned(), Person { name: id.to_owned(), mail: None, posts, stands_in })
        });
        Organisation { units: parents.into_iter().enumerate().map(unit).collect(), people: people.collect(), recusals }
    })
}

/// One case in each state that gives people something to do with it.
async fn cases(desk: &Desk) -> Tested {
    for case in ["fresh", "claimed", "copied", "asked", "ended"] {
        desk.report(case, case).await?;
    }
    for case in ["filed", "taken"] {
        desk.filing(case).await?;
    }
    let task = async |case: &str| desk.store.tasks_of(case).await.map(|tasks| tasks[0].task);
    desk.ask(person("lin"), "claimed", "claim", Ask::Claim { task: task("claimed").await? }).await?;
    let copy = Ask::CopyTo { task: task("copied").await?, to: vec!["chen".into(), "gao".into()], note: String::new() };
    desk.ask(person("lin"), "copied", "copy", copy).await?;
    desk.complete("lin", "asked", task("asked").await?, "ask", json!({"question": ["人数"]})).await?;
    desk.complete("lin", "ended", task("ended").await?, "acknowledge", json!({"acknowledgement": "已阅"})).await?;
    desk.ask(person("wang"), "taken", "claim", Ask::Claim { task: task("taken").await? }).await?;
    Ok(())
}

fn fails(error: impl std::fmt::Display) -> TestCaseError {
    TestCaseError::fail(error.to_string())
}

type Opened = Vec<(Case, std::sync::Arc<Definition>)>;

/// Compares each list of each person with what the rights say of each case.
async fn compare(desk: &Desk, opened: &Opened, organisation: Organisation) -> Result<(), TestCaseError> {
    desk.store.organise(organisation).await.map_err(fails)?;
    let (organisation, roles) = (desk.store.organisation(), desk.store.roles());
    let authority = Authority { organisation: &organisation, roles: &roles, now: desk.place.clock_now() };
    let all = Filter::default();
    for who in PEOPLE {
        let such = |holds: &dyn Fn(Dossier<'_>) -> bool| -> BTreeSet<String> {
            let dossiers = opened.iter().map(|(case, definition)| Dossier { case, definition });
            dossiers.filter(|of| holds(*of)).map(|of| of.case.id.clone()).collect()
        };
        let ids = |rows: &[tongban_adapters::store::CaseRow]| -> BTreeSet<String> { rows.iter().map(|row| row.case.clone()).collect() };

        let seen = ids(&desk.store.seen(who, &all).await.map_err(fails)?.rows);
        prop_assert_eq!(&seen, &such(&|of| authority.authorize(who, Action::SeeCase, Resource::Case(of)).is_ok()), "seen by {}", who);
        let handled = ids(&desk.store.of_units(who, &all).await.map_err(fails)?.rows);
        prop_assert_eq!(handled, such(&|of| authority.tie(who, of, Relation::Handler).is_some()), "handled by {}", who);
        let mine = ids(&desk.store.mine(who, &all).await.map_err(fails)?.rows);
        prop_assert_eq!(mine, such(&|of| authority.tie(who, of, Relation::Applicant).is_some()), "applied for by {}", who);
        for did in [desk.store.doing(who, &all).await, desk.store.done(who, &all).await] {
            prop_assert!(ids(&did.map_err(fails)?.rows).is_subset(&seen), "did by {}", who);
        }

        let todo = desk.store.todo(who, &all).await.map_err(fails)?.rows;
        let todo: BTreeSet<(String, u32)> = todo.into_iter().map(|row| (row.case, row.task)).collect();
        for (case, definition) in opened {
            for no in case.tasks.keys() {
                let asked = |action| authority.authorize(who, action, Resource::Task(Dossier { case, definition }, *no)).is_ok();
                let listed = todo.contains(&(case.id.clone(), *no));
                prop_assert!(!listed || asked(Action::SeeTask), "{who} is offered {no} of {} and may not see it", case.id);
                prop_assert!(listed || !asked(Action::Act), "{who} may do {no} of {} and is not offered it", case.id);
            }
        }
    }
    Ok(())
}

fn on(database: Database) -> Tested {
    let runtime = Runtime::new()?;
    let desk = runtime.block_on(async {
        let desk = Desk::open(database).await?;
        cases(&desk).await?;
        Ok::<_, Box<dyn std::error::Error>>(desk)
    })?;
    let opened: Opened = runtime.block_on(async {
        let mut opened = Vec::new();
        for id in CASES {
            let found = desk.store.case(id).await?.ok_or("the case is there")?;
            opened.push((found.case, found.definition));
        }
        Ok::<_, Box<dyn std::error::Error>>(opened)
    })?;
    let handle: &Handle = runtime.handle();
    let config = Config { cases: 96, failure_persistence: None, ..Config::default() };
    TestRunner::new(config).run(&organisation(), |organisation| handle.block_on(compare(&desk, &opened, organisation)))?;
    runtime.block_on(desk.store.close());
    Ok(())
}

#[test]
fn what_is_listed_is_what_is_allowed_on_sqlite() -> Tested {
    on(Database::Sqlite)
}

#[test]
fn what_is_listed_is_what_is_allowed_on_postgresql() -> Tested {
    if postgres_url().is_some() { on(Database::Postgres) } else { Ok(()) }
}
