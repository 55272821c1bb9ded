//! Counters with labels.

use std::{
    collections::BTreeMap,
    sync::{
        PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::text;
use crate::limits::SERIES_PER_METRIC;

/// One counter for each combination of `N` label values.
#[derive(Debug)]
pub struct CounterVec<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    series: RwLock<BTreeMap<[Box<str>; N], AtomicU64>>,
}

impl<const N: usize> CounterVec<N> {
    pub(super) const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { name, help, labels, series: RwLock::new(BTreeMap::new()) }
    }

    /// Adds one.
    pub fn increment(&self, values: [&str; N]) {
        self.add(values, 1);
    }

    /// Adds `amount`. Beyond [`SERIES_PER_METRIC`] combinations everything new counts as `other`.
    pub fn add(&self, values: [&str; N], amount: u64) {
        let key = values.map(Box::from);
        {
            let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(counter) = series.get(&key) {
                counter.fetch_add(amount, Ordering::Relaxed);
                return;
            }
        }
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        let key = if series.len() < SERIES_PER_METRIC || series.contains_key(&key) {
            key
        } else {
            [(); N].map(|()| Box::from("other"))
        };
        series.entry(key).or_default().fetch_add(amount, Ordering::Relaxed);
    }

    /// The current value of one combination; 0 when it was never counted.
    pub fn value(&self, values: [&str; N]) -> u64 {
        let series = self.series.read().unwrap_or_else(PoisonError::into_inner);
        series.get(&values.map(Box::from)).map_or(0, |counter| counter.load(Ordering::Relaxed))
    }

    pub(super) fn render(&self, page: &mut String) {
        text::head(page, self.name, self.help, "counter");
        for (values, counter) in &*self.series.read().unwrap_or_else(PoisonError::into_inner) {
            let labels = text::labels(&self.labels, values);
            text::line(page, format_args!("{}{{{labels}}} {}", self.name, counter.load(Ordering::Relaxed)));
        }
    }
}
