//! A value that goes up and down.

use std::sync::atomic::{AtomicI64, Ordering};

use super::text;

/// One gauge without labels.
#[derive(Debug)]
pub struct Gauge {
    name: &'static str,
    help: &'static str,
    value: AtomicI64,
}

impl Gauge {
    pub(super) const fn new(name: &'static str, help: &'static str) -> Self {
        Self { name, help, value: AtomicI64::new(0) }
    }

    /// Sets the value.
    pub fn set(&self, value: i64) {
        self.value.store(value, Ordering::Relaxed);
    }

    pub(super) fn render(&self, page: &mut String) {
        text::head(page, self.name, self.help, "gauge");
        text::line(page, format_args!("{} {}", self.name, self.value.load(Ordering::Relaxed)));
    }
}
