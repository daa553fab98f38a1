//! Seeds: so many in `make test`, more by `TONGBAN_SEEDS`.

use std::{
    collections::BTreeMap,
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use proptest::prelude::any;
use tongban_engine::{
    interpreter::CaseStatus,
    organisation::{Organisation, Person, Post, Unit},
    text::Text,
};

use super::{
    chance::Chance,
    defects::Defect,
    processes::{CALLED, Wanted, lively, load},
    town::{Office, Town},
};

/// Seeds of an ordinary run.
const SEEDS: u64 = 2_400;
/// Seeds that share one office: loading it, proofs and all, takes as long as some of them.
const SHARED: u64 = 8;
/// Random moves of a seed.
const MOVES: usize = 260;

/// The office of a seed: a process, and another that it calls.
pub(super) fn office(seed: u64) -> Arc<Office> {
    let mut chance = Chance::of((seed / SHARED) ^ 0x7091_6261_6E00_0000);
    let (trial, called) = (chance.draw(&lively()), chance.draw(&super::processes::block()));
    let beside = chance.draw(&any::<Option<bool>>());
    let definitions = load(&[
        Wanted { id: "trial", block: &trial, beside, numbered: true },
        Wanted { id: CALLED, block: &called, beside: None, numbered: false },
    ]);
    let definitions: BTreeMap<_, _> = definitions.into_iter().map(|definition| (definition.process.id.clone(), definition)).collect();
    Arc::new(Office { definitions, organisation: organisation() })
}

fn organisation() -> Organisation {
    let mut organisation = Organisation::default();
    let hall = Unit { name: Text::zh("大厅"), kind: "district".to_owned(), parent: None, code: None, items: Vec::new() };
    organisation.units.insert("hall".to_owned(), hall);
    let posts = vec![Post { role: "clerk".to_owned(), unit: "hall".to_owned() }];
    for person in ["ann", "bob"] {
        organisation.people.insert(person.to_owned(), Person { name: person.to_owned(), posts: posts.clone(), ..Person::default() });
    }
    organisation
}

/// Lives a seed; what went wrong, panics included.
pub(super) fn live(office: &Arc<Office>, seed: u64, defect: Option<Defect>) -> Result<(), String> {
    let mut town = Town::new(Arc::clone(office), seed, defect);
    let lived = catch_unwind(AssertUnwindSafe(|| town.live(MOVES)));
    lived.unwrap_or_else(|panic| {
        let said = panic.downcast_ref::<String>().cloned().or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
        Err(format!("panicked: {}", said.unwrap_or_default()))
    })
}

/// The first of these seeds that something is wrong with.
pub(super) fn first_wrong(seeds: Range<u64>, defect: Option<Defect>) -> Option<(u64, String)> {
    let mut shared: Option<(u64, Arc<Office>)> = None;
    for seed in seeds {
        let office = match &shared {
            Some((of, office)) if *of == seed / SHARED => Arc::clone(office),
            _ => office(seed),
        };
        shared = Some((seed / SHARED, Arc::clone(&office)));
        if let Err(wrong) = live(&office, seed, defect) {
            return Some((seed, wrong));
        }
    }
    None
}

/// `7` or `0..20000`.
fn asked() -> Range<u64> {
    let Ok(text) = std::env::var("TONGBAN_SEEDS") else { return 0..SEEDS };
    let number = |text: &str| text.trim().parse::<u64>().expect("TONGBAN_SEEDS is a number or a range such as 0..20000");
    match text.split_once("..") {
        Some((from, to)) => number(from)..number(to),
        None => number(&text)..number(&text) + 1,
    }
}

/// Events that a run of an ordinary length meets; what it does not meet it does not test.
const MET: &[&str] = &[
    "call_answered",
    "call_cancelled",
    "call_made",
    "case_ended",
    "compensable",
    "compensation_begun",
    "data_set",
    "error_thrown",
    "incident_raised",
    "instance_completed",
    "job_answered",
    "job_asked",
    "job_cancelled",
    "job_failed",
    "kept_message_gone",
    "message_kept",
    "message_received",
    "message_sent",
    "number_taken",
    "scope_closed",
    "signal_thrown",
    "task_assigned",
    "task_cancelled",
    "task_completed",
    "timer_cancelled",
    "timer_fired",
    "token_taken",
    "wait_cancelled",
];

#[test]
fn the_seeds_meet_all_kinds_of_events() {
    let mut met: BTreeMap<String, usize> = BTreeMap::new();
    let (mut ended, mut cases) = (0, 0);
    for seed in (0..400).step_by(4) {
        let mut town = Town::new(office(seed), seed, None);
        town.live(MOVES).unwrap();
        for event in town.disk.journal.values().flat_map(|row| &row.events) {
            let word = serde_json::to_value(event).unwrap()["event"].as_str().unwrap_or_default().to_owned();
            *met.entry(word).or_default() += 1;
        }
        cases += town.cases().count();
        ended += town.cases().filter(|case| case.status == CaseStatus::Ended).count();
    }
    println!("{cases} cases, {ended} ended, {met:?}");
    let missing: Vec<&&str> = MET.iter().filter(|word| !met.contains_key(**word)).collect();
    assert!(missing.is_empty(), "never met: {missing:?}");
    assert!(ended * 4 > cases, "{ended} of {cases} cases come to an end");
}

#[test]
fn whatever_fails_where_nothing_is_lost_and_nothing_happens_twice() {
    let seeds = asked();
    let threads = 2.min(seeds.end - seeds.start).max(1);
    let length = (seeds.end - seeds.start).div_ceil(threads).next_multiple_of(SHARED);
    let parts: Vec<Range<u64>> =
        (0..threads).map(|part| seeds.start + part * length..(seeds.start + (part + 1) * length).min(seeds.end)).collect();
    let wrong: Vec<(u64, String)> = std::thread::scope(|scope| {
        let running: Vec<_> = parts.into_iter().map(|part| scope.spawn(move || first_wrong(part, None))).collect();
        running.into_iter().filter_map(|thread| thread.join().expect("a thread that catches panics")).collect()
    });
    let told: Vec<String> = wrong
        .iter()
        .map(|(seed, wrong)| {
            format!("seed {seed}: {wrong}\n  again: TONGBAN_SEEDS={seed} cargo test -p tongban-engine --test simulation whatever_fails")
        })
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}
