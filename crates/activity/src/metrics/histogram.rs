//! Histograms with labels.

use std::sync::atomic::{AtomicU64, Ordering};

use super::series::Series;
use super::text;

/// Microseconds in a second: sums are kept as whole microseconds so that they fit an atomic.
const MICROS: f64 = 1_000_000.0;

/// One histogram for each combination of `N` label values.
#[derive(Debug)]
pub struct HistogramVec<const N: usize> {
    name: &'static str,
    help: &'static str,
    labels: [&'static str; N],
    bounds: &'static [f64],
    series: Series<N, Buckets>,
}

#[derive(Debug)]
struct Buckets {
    /// One counter for each bound and one for everything above; not cumulative.
    counts: Vec<AtomicU64>,
    sum_micros: AtomicU64,
}

impl<const N: usize> HistogramVec<N> {
    pub(super) const fn new(
        name: &'static str,
        help: &'static str,
        labels: [&'static str; N],
        bounds: &'static [f64],
    ) -> Self {
        Self { name, help, labels, bounds, series: Series::new() }
    }

    /// Counts one observation of `seconds`.
    pub fn observe(&self, values: [&str; N], seconds: f64) {
        let position = self.bounds.iter().position(|bound| seconds <= *bound).unwrap_or(self.bounds.len());
        let fresh = || Buckets {
            counts: (0..=self.bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_micros: AtomicU64::new(0),
        };
        self.series.with(values, fresh, |buckets| {
            if let Some(count) = buckets.counts.get(position) {
                count.fetch_add(1, Ordering::Relaxed);
            }
            buckets.sum_micros.fetch_add((seconds.max(0.0) * MICROS) as u64, Ordering::Relaxed);
        });
    }

    pub(super) fn render(&self, page: &mut String) {
        text::head(page, self.name, self.help, "histogram");
        self.series.each(|values, buckets| {
            let labels = text::labels(&self.labels, values);
            let mut total = 0;
            for (bound, count) in self.bounds.iter().zip(&buckets.counts) {
                total += count.load(Ordering::Relaxed);
                text::line(page, format_args!("{}_bucket{{{labels},le=\"{bound}\"}} {total}", self.name));
            }
            total += buckets.counts.last().map_or(0, |count| count.load(Ordering::Relaxed));
            text::line(page, format_args!("{}_bucket{{{labels},le=\"+Inf\"}} {total}", self.name));
            let sum = buckets.sum_micros.load(Ordering::Relaxed) as f64 / MICROS;
            text::line(page, format_args!("{}_sum{{{labels}}} {sum}", self.name));
            text::line(page, format_args!("{}_count{{{labels}}} {total}", self.name));
        });
    }
}
