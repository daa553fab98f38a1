//! The second implementation: a net whose places are arrows (and a few counters) in numbered openings of sub-processes, and
//! whose transitions are written down from BPMN 2.0, chapter 13. It looks at every marking, with no haste and no cleverness.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::drawing::{Drawing, Shape};

/// Markings looked at; a drawing with more is not compared.
const MARKINGS_MAX: usize = 600;
/// Tokens on one arrow; a drawing with more is not compared.
const TOKENS_MAX: u32 = 5;

/// An opening of a scope: from the outermost, the boxes that were opened, each with a number.
type Opening = Vec<(usize, u32)>;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    /// An arrow: box and position.
    Arrow(usize, usize),
    /// A token at a start event.
    Start(usize),
    /// The opening itself exists.
    Open,
    /// Counters that hold no opening open.
    Ended(usize),
    Fired(usize),
}

type Marking = BTreeMap<(Opening, Place), u32>;

/// What the search found.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) safe: bool,
    pub(crate) can_end: bool,
    pub(crate) ends_once: bool,
    /// Boxes that happened.
    pub(crate) happened: BTreeSet<usize>,
    /// Steps to the first marking that only an event from around can move on, if there is one.
    pub(crate) stuck: Option<usize>,
    /// Steps to the first arrow with two tokens.
    pub(crate) doubled: Option<usize>,
    /// Steps to the first end that is reached twice.
    pub(crate) twice: Option<usize>,
}

struct Fired {
    marking: Marking,
    happened: Vec<usize>,
    twice: bool,
    rescues: bool,
}

struct Search<'d> {
    drawing: &'d Drawing,
}

/// Looks at every marking; None if there are too many.
pub(crate) fn search(drawing: &Drawing) -> Option<Found> {
    let search = Search { drawing };
    let mut first = Marking::new();
    search.open(&mut first, Vec::new(), None);
    let mut known: BTreeMap<Marking, (usize, usize)> = BTreeMap::from([(first.clone(), (0, 0))]);
    let mut after: Vec<Vec<(usize, bool)>> = Vec::new();
    let mut ahead = VecDeque::from([first]);
    let mut complete = Vec::new();
    let mut found = Found { safe: true, ends_once: true, ..Found::default() };
    while let Some(marking) = ahead.pop_front() {
        let steps = known[&marking].1;
        if marking.iter().any(|((_, place), count)| matches!(place, Place::Arrow(..)) && *count > 1) {
            found.safe = false;
            found.doubled.get_or_insert(steps);
        }
        let mut leads = Vec::new();
        for fired in search.fire(&marking) {
            if fired.twice {
                found.ends_once = false;
                found.twice.get_or_insert(steps + fired.happened.len());
            }
            let cost = fired.happened.len();
            found.happened.extend(fired.happened);
            let number = known.len();
            if fired.marking.iter().any(|((_, place), count)| matches!(place, Place::Arrow(..)) && *count > TOKENS_MAX)
                || number > MARKINGS_MAX
            {
                return None;
            }
            let number = known.entry(fired.marking.clone()).or_insert_with(|| {
                ahead.push_back(fired.marking);
                (number, steps + cost)
            });
            leads.push((number.0, fired.rescues));
        }
        if marking.is_empty() {
            complete.push(after.len());
        } else if leads.iter().all(|(_, rescues)| *rescues) {
            found.stuck.get_or_insert(steps);
        }
        after.push(leads);
    }
    found.can_end = (0..after.len()).all(|from| reaches(&after, from, &complete));
    Some(found)
}

fn reaches(after: &[Vec<(usize, bool)>], from: usize, goals: &[usize]) -> bool {
    let mut seen = BTreeSet::new();
    let mut ahead = vec![from];
    while let Some(at) = ahead.pop() {
        if goals.contains(&at) {
            return true;
        }
        if seen.insert(at) {
            ahead.extend(after[at].iter().map(|(to, _)| *to));
        }
    }
    false
}

impl Search<'_> {
    /// Opens a scope under the first free number.
    fn open(&self, marking: &mut Marking, within: Opening, holder: Option<usize>) {
        let mut opening = within;
        if let Some(holder) = holder {
            let number = (0..).find(|&number| !marking.contains_key(&(with(&opening, holder, number), Place::Open))).unwrap();
            opening = with(&opening, holder, number);
        }
        marking.insert((opening.clone(), Place::Open), 1);
        let starts = self.drawing.iter().enumerate().filter(|(_, drawn)| drawn.inside == holder && drawn.shape == Shape::Start);
        starts.for_each(|(start, _)| add(marking, &opening, Place::Start(start)));
    }

    fn fire(&self, marking: &Marking) -> Vec<Fired> {
        if let Some(fired) = self.close(marking) {
            return fired;
        }
        let mut all = Vec::new();
        for (opening, place) in marking.keys() {
            match place {
                Place::Arrow(from, position) => {
                    let at = self.drawing[*from].to[*position];
                    all.extend(self.arrived(marking, opening, place, at));
                }
                Place::Start(start) => {
                    let rest = less(marking, opening, place);
                    all.push(fired(self.all_ways(rest, opening, *start), vec![*start]));
                }
                Place::Open => {
                    all.extend(self.around(marking, opening));
                    all.extend(self.beside(marking, opening));
                }
                Place::Ended(_) | Place::Fired(_) => {}
            }
        }
        all
    }

    /// An opening with no token in it ends at once: the innermost first.
    fn close(&self, marking: &Marking) -> Option<Vec<Fired>> {
        let holds = |opening: &Opening, (other, place): &(Opening, Place)| {
            other.starts_with(opening)
                && (matches!(place, Place::Arrow(..) | Place::Start(_)) || (*place == Place::Open && other.len() > opening.len()))
        };
        let empty = |opening: &Opening| !marking.keys().any(|key| holds(opening, key));
        let opening =
            marking.keys().filter(|(_, place)| *place == Place::Open).map(|(opening, _)| opening).find(|opening| empty(opening))?;
        let rest = without(marking, opening);
        let Some(((holder, _), within)) = opening.split_last() else { return Some(vec![fired(rest, Vec::new())]) };
        let within = within.to_vec();
        match self.drawing[*holder].shape {
            Shape::Inside { again } => {
                let mut ways = vec![fired(self.all_ways(rest.clone(), &within, *holder), Vec::new())];
                if again {
                    let mut more = rest;
                    self.open(&mut more, within, Some(*holder));
                    ways.push(fired(more, Vec::new()));
                }
                Some(ways)
            }
            _ => Some(vec![fired(rest, Vec::new())]),
        }
    }

    fn arrived(&self, marking: &Marking, opening: &Opening, place: &Place, at: usize) -> Vec<Fired> {
        let rest = || less(marking, opening, place);
        let incoming = self.incoming(at);
        match self.drawing[at].shape {
            Shape::Task => {
                let mut all = vec![fired(self.all_ways(rest(), opening, at), vec![at])];
                all.extend(self.borders(at).flat_map(|border| self.border(marking, opening, border, &rest())));
                all
            }
            Shape::Vote { any } => {
                let ways = outcomes(any).into_iter().map(|position| fired(put(rest(), opening, (at, position)), vec![at]));
                ways.chain(self.borders(at).flat_map(|border| self.border(marking, opening, border, &rest()))).collect()
            }
            Shape::Exclusive => self.ways(at).into_iter().map(|arrow| fired(put(rest(), opening, arrow), vec![at])).collect(),
            Shape::Parallel if incoming.len() > 1 => {
                let there = |arrow: &&(usize, usize)| marking.contains_key(&(opening.clone(), Place::Arrow(arrow.0, arrow.1)));
                if incoming.iter().filter(there).count() < incoming.len() {
                    return Vec::new();
                }
                vec![fired(self.all_ways(take(marking, opening, &incoming), opening, at), vec![at])]
            }
            Shape::Inclusive if incoming.len() > 1 => self.inclusive(marking, opening, at, &incoming),
            Shape::Inclusive => self.some_ways(&rest(), opening, at),
            Shape::End => {
                let (marking, twice) = ended(rest(), opening, at);
                vec![Fired { twice, ..fired(marking, vec![at]) }]
            }
            Shape::Terminate => {
                let mut rest = rest();
                rest.retain(|(other, place), _| !other.starts_with(opening) || (other == opening && *place == Place::Open));
                vec![fired(rest, vec![at])]
            }
            Shape::Error => vec![self.error(&rest(), opening, at)],
            Shape::Inside { again } => {
                let mut opened = rest();
                self.open(&mut opened, opening.clone(), Some(at));
                let mut all = vec![fired(opened, vec![at])];
                if again {
                    all.push(fired(self.all_ways(rest(), opening, at), Vec::new()));
                }
                all
            }
            Shape::Parallel | Shape::Start | Shape::Boundary { .. } | Shape::Beside { .. } => {
                vec![fired(self.all_ways(rest(), opening, at), vec![at])]
            }
        }
    }

    /// BPMN 2.0, table 13.3: every token elsewhere that can come to an empty arrow can also come to one that has a token.
    fn inclusive(&self, marking: &Marking, opening: &Opening, at: usize, incoming: &[(usize, usize)]) -> Vec<Fired> {
        let full = |arrow: &(usize, usize)| marking.contains_key(&(opening.clone(), Place::Arrow(arrow.0, arrow.1)));
        let (arrived, missing): (Vec<_>, Vec<_>) = incoming.iter().copied().partition(full);
        let elsewhere: BTreeSet<usize> = marking
            .keys()
            .filter_map(|(other, place)| match place {
                Place::Arrow(from, position) if other == opening => Some(self.drawing[*from].to[*position]),
                Place::Start(start) if other == opening => Some(*start),
                Place::Open if other.len() == opening.len() + 1 && other.starts_with(opening) => {
                    let holder = other.last().unwrap().0;
                    matches!(self.drawing[holder].shape, Shape::Inside { .. }).then_some(holder)
                }
                _ => None,
            })
            .collect();
        let waits = elsewhere.iter().filter(|&&token| token != at).any(|&token| {
            let comes = |arrows: &[(usize, usize)]| arrows.iter().any(|arrow| self.comes(token, arrow.0, at));
            comes(&missing) && !comes(&arrived)
        });
        if waits { Vec::new() } else { self.some_ways(&take(marking, opening, &arrived), opening, at) }
    }

    /// Whether a token can walk from one box to another without passing a third.
    fn comes(&self, from: usize, to: usize, not_through: usize) -> bool {
        let mut seen = BTreeSet::from([not_through]);
        let mut ahead = vec![from];
        while let Some(at) = ahead.pop() {
            if seen.insert(at) {
                ahead.extend(&self.drawing[at].to);
                ahead.extend(self.borders(at));
            }
        }
        to != not_through && seen.contains(&to)
    }

    /// An error goes outwards to the first sub-process with an error event; if there is none, the case ends.
    fn error(&self, rest: &Marking, opening: &Opening, at: usize) -> Fired {
        for inner in (1..=opening.len()).rev() {
            let (holder, within) = (opening[inner - 1].0, opening[..inner - 1].to_vec());
            let catches = |border: &usize| matches!(self.drawing[*border].shape, Shape::Boundary { error: true, .. });
            if let Some(border) = self.borders(holder).find(catches) {
                let rest = without(rest, &opening[..inner].to_vec());
                return fired(self.all_ways(rest, &within, border), vec![at, border]);
            }
        }
        fired(Marking::new(), vec![at])
    }

    /// Events at the border of the sub-process that an opening is of.
    fn around(&self, marking: &Marking, opening: &Opening) -> Vec<Fired> {
        let Some(((holder, _), within)) = opening.split_last() else { return Vec::new() };
        let within = within.to_vec();
        let throws = |border: usize| {
            let inside = |ix: usize| self.is_inside(ix, *holder) && self.drawing[ix].shape == Shape::Error;
            matches!(self.drawing[border].shape, Shape::Boundary { error: true, .. }) && (0..self.drawing.len()).any(inside)
        };
        let interrupted = without(marking, opening);
        let borders = self.borders(*holder).filter(|&border| !throws(border));
        let all = borders.flat_map(|border| self.border(marking, &within, border, &interrupted));
        all.map(|fired| Fired { rescues: true, ..fired }).collect()
    }

    fn border(&self, marking: &Marking, opening: &Opening, border: usize, interrupted: &Marking) -> Vec<Fired> {
        let Shape::Boundary { interrupting, .. } = self.drawing[border].shape else { return Vec::new() };
        if interrupting {
            return vec![fired(self.all_ways(interrupted.clone(), opening, border), vec![border])];
        }
        if marking.contains_key(&(opening.clone(), Place::Fired(border))) {
            return Vec::new();
        }
        let mut more = marking.clone();
        add(&mut more, opening, Place::Fired(border));
        vec![fired(self.all_ways(more, opening, border), vec![border])]
    }

    /// Event sub-processes of an opening, until one has interrupted it.
    fn beside(&self, marking: &Marking, opening: &Opening) -> Vec<Fired> {
        let holder = opening.last().map(|(holder, _)| *holder);
        let events = (0..self.drawing.len()).filter(|&ix| self.drawing[ix].inside == holder);
        let interrupts = |ix: usize| matches!(self.drawing[ix].shape, Shape::Beside { interrupting: true });
        let open =
            marking.keys().filter(|(other, place)| *place == Place::Open && other.len() == opening.len() + 1 && other.starts_with(opening));
        if open.into_iter().any(|(other, _)| interrupts(other.last().unwrap().0)) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for event in events {
            let mut after = marking.clone();
            match self.drawing[event].shape {
                Shape::Beside { interrupting: true } => {
                    after = without(marking, opening);
                    after.insert((opening.clone(), Place::Open), 1);
                }
                Shape::Beside { interrupting: false } if !marking.contains_key(&(opening.clone(), Place::Fired(event))) => {
                    add(&mut after, opening, Place::Fired(event));
                }
                _ => continue,
            }
            self.open(&mut after, opening.clone(), Some(event));
            all.push(Fired { rescues: true, ..fired(after, vec![event]) });
        }
        all
    }

    fn is_inside(&self, ix: usize, holder: usize) -> bool {
        let mut at = self.drawing[ix].inside;
        while let Some(around) = at {
            if around == holder {
                return true;
            }
            at = self.drawing[around].inside;
        }
        false
    }

    fn borders(&self, at: usize) -> impl Iterator<Item = usize> + '_ {
        let of = move |ix: &usize| matches!(self.drawing[*ix].shape, Shape::Boundary { at: host, .. } if host == at);
        (0..self.drawing.len()).filter(of)
    }

    fn incoming(&self, at: usize) -> Vec<(usize, usize)> {
        let all = (0..self.drawing.len()).flat_map(|from| self.ways(from));
        all.filter(|(from, position)| self.drawing[*from].to[*position] == at).collect()
    }

    fn ways(&self, at: usize) -> Vec<(usize, usize)> {
        (0..self.drawing[at].to.len()).map(|position| (at, position)).collect()
    }

    fn all_ways(&self, rest: Marking, opening: &Opening, at: usize) -> Marking {
        self.ways(at).into_iter().fold(rest, |marking, arrow| put(marking, opening, arrow))
    }

    fn some_ways(&self, rest: &Marking, opening: &Opening, at: usize) -> Vec<Fired> {
        let ways = self.ways(at);
        if ways.is_empty() {
            return vec![fired(rest.clone(), vec![at])];
        }
        let chosen = |bits: u32| {
            let taken = ways.iter().filter(|(_, position)| bits & (1 << position) != 0);
            fired(taken.fold(rest.clone(), |marking, &arrow| put(marking, opening, arrow)), vec![at])
        };
        (1..1_u32 << ways.len()).map(chosen).collect()
    }
}

/// The arrows that a vote can come out at, with every ballot of up to three people; without any, the first.
fn outcomes(any: bool) -> BTreeSet<usize> {
    let ballots = (0..=3_u32).flat_map(|people| (0..1_u32 << people).map(move |ballot| (people, ballot.count_ones())));
    let passes = |(people, in_favour): (u32, u32)| people == 0 || if any { in_favour > 0 } else { in_favour == people };
    ballots.map(|ballot| usize::from(!passes(ballot))).collect()
}

fn fired(marking: Marking, happened: Vec<usize>) -> Fired {
    Fired { marking, happened, twice: false, rescues: false }
}

fn with(opening: &Opening, holder: usize, number: u32) -> Opening {
    opening.iter().copied().chain([(holder, number)]).collect()
}

fn add(marking: &mut Marking, opening: &Opening, place: Place) {
    *marking.entry((opening.clone(), place)).or_default() += 1;
}

fn put(mut marking: Marking, opening: &Opening, arrow: (usize, usize)) -> Marking {
    add(&mut marking, opening, Place::Arrow(arrow.0, arrow.1));
    marking
}

fn less(marking: &Marking, opening: &Opening, place: &Place) -> Marking {
    let mut rest = marking.clone();
    let key = (opening.clone(), place.clone());
    if let Some(count) = rest.get_mut(&key) {
        *count -= 1;
        if *count == 0 {
            rest.remove(&key);
        }
    }
    rest
}

fn take(marking: &Marking, opening: &Opening, arrows: &[(usize, usize)]) -> Marking {
    arrows.iter().fold(marking.clone(), |rest, arrow| less(&rest, opening, &Place::Arrow(arrow.0, arrow.1)))
}

fn without(marking: &Marking, opening: &Opening) -> Marking {
    marking.iter().filter(|((other, _), _)| !other.starts_with(opening)).map(|(key, count)| (key.clone(), *count)).collect()
}

/// The marking after an end event, and whether the event was reached before.
fn ended(mut marking: Marking, opening: &Opening, at: usize) -> (Marking, bool) {
    let count = marking.entry((opening.clone(), Place::Ended(at))).or_default();
    let twice = *count > 0;
    *count = 1;
    (marking, twice)
}
