//! Deliberate defects, each of which the simulation finds: what it does not find it does not guard.

use super::{
    defects::{Defect, Lapse},
    seeds::first_wrong,
};

/// Seeds within which each is found.
const SEEDS: u64 = 400;

/// Every one of these is found; told are those that are not, and the seed that found each.
fn all_found<M: std::fmt::Debug>(mutants: &[M], first: impl Fn(&M) -> Option<(u64, String)>) {
    let mut missed = Vec::new();
    for mutant in mutants {
        match first(mutant) {
            Some((seed, wrong)) => println!("{mutant:?}: seed {seed}: {}", wrong.chars().take(160).collect::<String>()),
            None => missed.push(mutant),
        }
    }
    assert!(missed.is_empty(), "not found within {SEEDS} seeds: {missed:?}");
}

#[test]
fn every_defect_of_a_committer_is_found() {
    let all = [
        Defect::RaceIgnored,
        Defect::NumberTwice,
        Defect::AnswerFirst,
        Defect::KeysForgotten,
        Defect::BodyIgnored,
        Defect::EffectLost,
        Defect::TimerStays,
        Defect::OrderLost,
        Defect::CacheKept,
        Defect::KeyByAttempt,
        Defect::StateLate,
    ];
    all_found(&all, |defect| first_wrong(0..SEEDS, Some(*defect)));
}

#[test]
fn every_lapse_of_the_engine_is_found() {
    let all = [
        Lapse::TimersLeft,
        Lapse::WaitsLeft,
        Lapse::TasksLeft,
        Lapse::MessagesLeft,
        Lapse::ScopesLeft,
        Lapse::CallsLeft,
        Lapse::TokensLeft,
        Lapse::JobsLeft,
        Lapse::TasksTwice,
        Lapse::TokensTwice,
        Lapse::InstancesUncounted,
        Lapse::EndsUntold,
        Lapse::TimersUnset,
        Lapse::StateApart,
        Lapse::Fickle,
    ];
    all_found(&all, |lapse| first_wrong(0..SEEDS, Some(Defect::Engine(*lapse))));
}
