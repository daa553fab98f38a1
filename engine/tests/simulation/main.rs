//! Random processes under random commands, and the whole of it under faults: everything a seed decides happens again from
//! that seed. `TONGBAN_SEEDS=7` runs seed 7 alone, `TONGBAN_SEEDS=0..20000` a range.

#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test reads the repository's calendar and its environment")]

mod chance;
mod checks;
mod defects;
mod disk;
mod flows;
mod mutants;
mod node;
mod processes;
mod properties;
mod seeds;
mod town;
mod wishes;
mod workers;
mod worlds;
