//! Tracks: parallel lines within a channel, so that what does not belong together does not overlap.

use std::collections::BTreeMap;

/// What lies on one track of a channel: lines of one key may run together, all others keep apart.
pub(super) type Key = usize;

/// The channels of one direction.
#[derive(Clone, Debug, Default)]
pub(super) struct Channels {
    /// Extent of each key in each channel, in grid steps.
    extents: BTreeMap<(usize, Key), (usize, usize)>,
    /// Track of each key in each channel.
    tracks: BTreeMap<(usize, Key), usize>,
    /// Number of tracks of each channel.
    counts: BTreeMap<usize, usize>,
}

impl Channels {
    /// A line of `key` in `channel`, from one grid step to another.
    pub(super) fn add(&mut self, channel: usize, key: Key, from: usize, to: usize) {
        let (low, high) = (from.min(to), from.max(to));
        let extent = self.extents.entry((channel, key)).or_insert((low, high));
        *extent = (extent.0.min(low), extent.1.max(high));
    }

    /// Gives each key the first track on which nothing else lies in its extent.
    pub(super) fn assign(&mut self) {
        let mut ends: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
        let mut sorted: Vec<_> = self.extents.iter().map(|(&(channel, key), &(low, high))| (channel, low, high, key)).collect();
        sorted.sort_unstable();
        for (channel, low, high, key) in sorted {
            let tracks = ends.entry(channel).or_default();
            let track = tracks.iter().position(|&end| end < low).unwrap_or(tracks.len());
            if track == tracks.len() {
                tracks.push(high);
            } else {
                tracks[track] = high;
            }
            self.tracks.insert((channel, key), track);
        }
        self.counts = ends.into_iter().map(|(channel, tracks)| (channel, tracks.len())).collect();
    }

    pub(super) fn track(&self, channel: usize, key: Key) -> i32 {
        self.tracks.get(&(channel, key)).map_or(0, |&track| i32::try_from(track).unwrap_or(0))
    }

    pub(super) fn count(&self, channel: usize) -> i32 {
        self.counts.get(&channel).map_or(0, |&count| i32::try_from(count).unwrap_or(0))
    }
}
