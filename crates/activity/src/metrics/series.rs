//! Values by label combination, found without allocating.

use std::sync::{PoisonError, RwLock};

use crate::limits::SERIES_PER_METRIC;

/// One `V` for each combination of `N` label values.
#[derive(Debug)]
pub(super) struct Series<const N: usize, V>(RwLock<Vec<Entry<N, V>>>);

/// A combination and its value; entries are sorted by combination.
type Entry<const N: usize, V> = ([Box<str>; N], V);

impl<const N: usize, V> Series<N, V> {
    pub(super) const fn new() -> Self {
        Self(RwLock::new(Vec::new()))
    }

    /// Shows the value of a combination to `act`; `fresh` makes one that is not there. Beyond
    /// [`SERIES_PER_METRIC`] combinations everything new counts as `other`.
    pub(super) fn with<T>(
        &self,
        values: [&str; N],
        fresh: impl FnOnce() -> V,
        act: impl FnOnce(&V) -> T,
    ) -> T {
        {
            let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = place(&entries, values).ok().and_then(|at| entries.get(at)) {
                return act(&entry.1);
            }
        }
        let mut entries = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let is_full = entries.len() >= SERIES_PER_METRIC && place(&entries, values).is_err();
        let values = if is_full { ["other"; N] } else { values };
        let at = place(&entries, values).unwrap_or_else(|at| {
            entries.insert(at, (values.map(Box::from), fresh()));
            at
        });
        act(&entries[at].1)
    }

    /// The value of a combination, if it was ever counted.
    pub(super) fn get<T>(&self, values: [&str; N], act: impl FnOnce(&V) -> T) -> Option<T> {
        let entries = self.0.read().unwrap_or_else(PoisonError::into_inner);
        place(&entries, values).ok().and_then(|at| entries.get(at)).map(|entry| act(&entry.1))
    }

    /// Shows every value in order.
    pub(super) fn each(&self, mut act: impl FnMut(&[Box<str>; N], &V)) {
        for (values, value) in &*self.0.read().unwrap_or_else(PoisonError::into_inner) {
            act(values, value);
        }
    }
}

fn place<const N: usize, V>(entries: &[Entry<N, V>], values: [&str; N]) -> Result<usize, usize> {
    entries.binary_search_by(|(known, _)| known.iter().map(|text| &**text).cmp(values))
}
