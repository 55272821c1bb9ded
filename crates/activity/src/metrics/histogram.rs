//! Histograms with labels.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, PoisonError, RwLock,
        atomic::{AtomicU64, Ordering},
    },
};

use super::text;
use crate::limits::SERIES_PER_METRIC;

/// Microseconds in a second: sums are kept as whole microseconds so that they fit an atomic.
const MICROS: f64 = 1_000_000.0;

/// One histogram for each combination of `N` label values.
#[derive(Debug)]
pub struct HistogramVec<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    bounds: &'static [f64],
    series: RwLock<BTreeMap<[Box<str>; N], Arc<Series>>>,
}

#[derive(Debug)]
struct Series {
    /// One counter for each bound and one for everything above; not cumulative.
    buckets: Vec<AtomicU64>,
    sum_micros: AtomicU64,
}

impl<const N: usize> HistogramVec<N> {
    pub(super) const fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        bounds: &'static [f64],
    ) -> Self {
        Self { name, help, labels, bounds, series: RwLock::new(BTreeMap::new()) }
    }

    /// Counts one observation of `seconds`.
    pub fn observe(&self, values: [&str; N], seconds: f64) {
        let series = self.series(values);
        let position = self.bounds.iter().position(|bound| seconds <= *bound).unwrap_or(self.bounds.len());
        if let Some(bucket) = series.buckets.get(position) {
            bucket.fetch_add(1, Ordering::Relaxed);
        }
        series.sum_micros.fetch_add((seconds.max(0.0) * MICROS) as u64, Ordering::Relaxed);
    }

    fn series(&self, values: [&str; N]) -> Arc<Series> {
        let key = values.map(Box::from);
        if let Some(found) = self.series.read().unwrap_or_else(PoisonError::into_inner).get(&key) {
            return Arc::clone(found);
        }
        let mut series = self.series.write().unwrap_or_else(PoisonError::into_inner);
        let key = if series.len() < SERIES_PER_METRIC || series.contains_key(&key) {
            key
        } else {
            [(); N].map(|()| Box::from("other"))
        };
        let fresh = || {
            Arc::new(Series {
                buckets: (0..=self.bounds.len()).map(|_| AtomicU64::new(0)).collect(),
                sum_micros: AtomicU64::new(0),
            })
        };
        Arc::clone(series.entry(key).or_insert_with(fresh))
    }

    pub(super) fn render(&self, page: &mut String) {
        text::head(page, self.name, self.help, "histogram");
        for (values, series) in &*self.series.read().unwrap_or_else(PoisonError::into_inner) {
            let labels = text::labels(&self.labels, values);
            let mut total = 0;
            for (bound, bucket) in self.bounds.iter().zip(&series.buckets) {
                total += bucket.load(Ordering::Relaxed);
                text::line(page, format_args!("{}_bucket{{{labels},le=\"{bound}\"}} {total}", self.name));
            }
            total += series.buckets.last().map_or(0, |bucket| bucket.load(Ordering::Relaxed));
            text::line(page, format_args!("{}_bucket{{{labels},le=\"+Inf\"}} {total}", self.name));
            let sum = series.sum_micros.load(Ordering::Relaxed) as f64 / MICROS;
            text::line(page, format_args!("{}_sum{{{labels}}} {sum}", self.name));
            text::line(page, format_args!("{}_count{{{labels}}} {total}", self.name));
        }
    }
}
