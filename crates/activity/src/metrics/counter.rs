//! Counters with labels.

use std::sync::atomic::{AtomicU64, Ordering};

use super::series::Series;
use super::text;

/// One counter for each combination of `N` label values.
#[derive(Debug)]
pub struct CounterVec<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    series: Series<N, AtomicU64>,
}

impl<const N: usize> CounterVec<N> {
    pub(super) const fn new(name: &'static str, help: &'static str, labels: [&'static str; N]) -> Self {
        Self { name, help, labels, series: Series::new() }
    }

    /// Adds one.
    pub fn increment(&self, values: [&str; N]) {
        self.add(values, 1);
    }

    /// Adds `amount`. Beyond [`crate::limits::SERIES_PER_METRIC`] combinations everything new counts as `other`.
    pub fn add(&self, values: [&str; N], amount: u64) {
        self.series.with(values, AtomicU64::default, |counter| counter.fetch_add(amount, Ordering::Relaxed));
    }

    /// The current value of one combination; 0 when it was never counted.
    pub fn value(&self, values: [&str; N]) -> u64 {
        self.series.get(values, |counter| counter.load(Ordering::Relaxed)).unwrap_or_default()
    }

    pub(super) fn render(&self, page: &mut String) {
        text::head(page, self.name, self.help, "counter");
        self.series.each(|values, counter| {
            let labels = text::labels(&self.labels, values);
            text::line(page, format_args!("{}{{{labels}}} {}", self.name, counter.load(Ordering::Relaxed)));
        });
    }
}
