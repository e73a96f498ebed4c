//! States between revisions that a collection never had.

use std::collections::VecDeque;
use std::ops::Range;

/// More ranges than this are told apart no longer.
const MOST: usize = 4096;

/// Ranges of revisions, apart from one another and in order.
#[derive(Debug, Default)]
pub(crate) struct Skipped(VecDeque<Range<u64>>);

impl Skipped {
    pub(crate) fn add(&mut self, mut range: Range<u64>) {
        if range.is_empty() {
            return;
        }
        let after = self.0.partition_point(|known| known.start <= range.end);
        let before = self.0.partition_point(|known| known.end < range.start);
        for known in self.0.range(before..after) {
            range = range.start.min(known.start)..range.end.max(known.end);
        }
        self.0.drain(before..after);
        self.0.insert(before, range);
        if self.0.len() > MOST
            && let Some(oldest) = self.0.pop_front()
            && let Some(next) = self.0.front_mut()
        {
            next.start = oldest.start;
        }
    }

    /// The end of the range that the revision is in.
    pub(crate) fn end(&self, revision: u64) -> Option<u64> {
        let range = self.0.get(self.0.partition_point(|range| range.end <= revision))?;
        range.contains(&revision).then_some(range.end)
    }

    /// Forgets what lies before a revision.
    pub(crate) fn forget(&mut self, revision: u64) {
        while self.0.front().is_some_and(|range| range.end <= revision) {
            self.0.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_revision_is_in_a_range_that_was_added(
            ranges in prop::collection::vec((0_u64..60, 0_u64..6), 0..20),
            from in 0_u64..20,
        ) {
            let mut skipped = Skipped::default();
            let ranges: Vec<_> = ranges.into_iter().map(|(start, length)| start..start + length).collect();
            ranges.iter().cloned().for_each(|range| skipped.add(range));
            skipped.forget(from);
            for revision in from..70 {
                let expected = ranges.iter().any(|range| range.contains(&revision));
                prop_assert_eq!(skipped.end(revision).is_some(), expected, "{} {:?}", revision, skipped);
            }
        }
    }

    #[test]
    fn more_than_can_be_told_apart() {
        let mut skipped = Skipped::default();
        (0..MOST as u64 + 10).for_each(|number| skipped.add(3 * number..3 * number + 1));
        assert_eq!(skipped.0.len(), MOST);
        assert_eq!((skipped.end(2), skipped.end(29), skipped.end(32)), (Some(31), Some(31), None));
    }
}
