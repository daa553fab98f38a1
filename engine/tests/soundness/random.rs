//! Whatever is drawn with up to a dozen boxes: both implementations come to the same verdict, in both ways of playing, and
//! the way that is told is a shortest one.

use proptest::{prelude::*, test_runner::Config};
use tongban_engine::soundness::{Report, Violation, verdict_by};

use super::{
    drawing::{Drawing, Drawn, Shape, compile},
    exhaustive::{Found, search},
};

const NETS: u32 = 12_000;
const STATES_MAX: usize = 20_000;

/// A box before it is connected: its kind, where it stands, and seeds for its arrows.
type Seed = (u8, u8, u8, u8, u8);

fn drawing() -> impl Strategy<Value = Drawing> {
    prop::collection::vec(any::<Seed>(), 1..9).prop_map(|seeds| draw(&seeds))
}

fn draw(seeds: &[Seed]) -> Drawing {
    let mut drawing: Drawing = vec![drawn(Shape::Start, None)];
    let mut holders: Vec<Option<usize>> = vec![None];
    for &(kind, place, ..) in seeds {
        let inside = holders[usize::from(place) % holders.len()];
        let at = drawing.len();
        let hosts: Vec<usize> = (0..at).filter(|&ix| drawing[ix].inside == inside && is_host(drawing[ix].shape)).collect();
        let host = hosts.get(usize::from(place) % hosts.len().max(1)).copied();
        let shape = shape(kind, host);
        drawing.push(drawn(shape, inside));
        if matches!(shape, Shape::Inside { .. } | Shape::Beside { .. }) {
            holders.push(Some(at));
            drawing.push(drawn(Shape::Start, Some(at)));
        }
    }
    for holder in holders {
        drawing.push(drawn(Shape::End, holder));
    }
    connect(&mut drawing, seeds);
    drawing
}

fn drawn(shape: Shape, inside: Option<usize>) -> Drawn {
    Drawn { shape, inside, to: Vec::new() }
}

fn is_host(shape: Shape) -> bool {
    matches!(shape, Shape::Task | Shape::Vote { .. } | Shape::Inside { .. })
}

fn shape(kind: u8, host: Option<usize>) -> Shape {
    match (kind % 20, host) {
        (0..=2, _) => Shape::Task,
        (3, _) => Shape::Vote { any: kind > 127 },
        (4..=6, _) => Shape::Exclusive,
        (7..=9, _) => Shape::Parallel,
        (10..=12, _) => Shape::Inclusive,
        (13, _) => Shape::Terminate,
        (14, _) => Shape::Error,
        (15, _) => Shape::Inside { again: kind > 127 },
        (16, _) => Shape::Beside { interrupting: kind > 127 },
        (17, Some(at)) => Shape::Boundary { at, interrupting: true, error: false },
        (18, Some(at)) => Shape::Boundary { at, interrupting: false, error: false },
        (_, Some(at)) => Shape::Boundary { at, interrupting: true, error: true },
        (_, None) => Shape::Inside { again: false },
    }
}

/// Arrows lead to boxes of the same scope, most of them onwards.
fn connect(drawing: &mut Drawing, seeds: &[Seed]) {
    for from in 0..drawing.len() {
        let (_, _, one, two, count) = seeds[from % seeds.len()];
        let fits = |ix: &usize| {
            let other = &drawing[*ix];
            other.inside == drawing[from].inside && !matches!(other.shape, Shape::Start | Shape::Boundary { .. } | Shape::Beside { .. })
        };
        let all: Vec<usize> = (0..drawing.len()).filter(fits).collect();
        let onwards: Vec<usize> = all.iter().copied().filter(|&ix| ix > from).collect();
        let target = |seed: u8| {
            let among = if seed.is_multiple_of(7) || onwards.is_empty() { &all } else { &onwards };
            among[usize::from(seed) % among.len()]
        };
        let splits = matches!(drawing[from].shape, Shape::Exclusive | Shape::Parallel | Shape::Inclusive);
        let arrows = match drawing[from].shape {
            Shape::End | Shape::Terminate | Shape::Error | Shape::Beside { .. } => 0,
            Shape::Vote { .. } => 2,
            _ if splits && count % 3 > 0 => 2,
            Shape::Task if count.is_multiple_of(16) => 2,
            _ => 1,
        };
        drawing[from].to = [target(one), target(two)].into_iter().take(arrows).collect();
    }
}

proptest! {
    #![proptest_config(Config { cases: NETS, failure_persistence: None, ..Config::default() })]

    #[test]
    fn both_implementations_agree(drawing in drawing()) {
        let Some(found) = search(&drawing) else { return Ok(()) };
        let process = compile(&drawing);
        let stops = verdict_by(&[&process], false, STATES_MAX);
        agree(&drawing, &found, &stops)?;
        let swift = verdict_by(&[&process], true, STATES_MAX);
        prop_assert_eq!(stops.verdict, swift.verdict, "not stopping changes nothing");
        prop_assert!(swift.states <= stops.states);
        let length = |violation| stops.witnesses.iter().find(|witness| witness.violation == violation).map(|witness| witness.way.len());
        let flat = drawing.iter().all(|drawn| drawn.inside.is_none());
        if flat {
            prop_assert_eq!(length(Violation::Deadlock), found.stuck, "the way to a standstill is a shortest one");
            prop_assert_eq!(length(Violation::Unsafe), found.doubled, "the way to two tokens is a shortest one");
            prop_assert_eq!(length(Violation::EndsTwice), found.twice, "the way to a second end is a shortest one");
        }
    }
}

fn agree(drawing: &Drawing, found: &Found, report: &Report) -> Result<(), TestCaseError> {
    prop_assert!(report.complete);
    let verdict = report.verdict;
    let is_activity = |ix: &usize| is_host(drawing[*ix].shape);
    let no_dead = (0..drawing.len()).filter(is_activity).all(|ix| found.happened.contains(&ix));
    prop_assert_eq!(verdict.safe, Some(found.safe), "safe");
    prop_assert_eq!(verdict.option_to_complete, Some(found.can_end), "option to complete");
    prop_assert_eq!(verdict.proper_completion, Some(found.ends_once), "proper completion");
    prop_assert_eq!(verdict.no_dead_activities, Some(no_dead), "no dead activities");
    prop_assert_eq!(report.witnesses.iter().any(|witness| witness.violation == Violation::Deadlock), found.stuck.is_some(), "stuck");
    let dead = report.witnesses.iter().filter(|witness| witness.violation == Violation::Dead).map(|witness| witness.at.node);
    prop_assert!(dead.into_iter().all(|node| !found.happened.contains(&node)), "what is told dead never happens");
    Ok(())
}
