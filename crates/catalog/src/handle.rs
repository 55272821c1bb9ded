//! The catalogue as the program holds it: one current state, replaced as a whole.

use std::{
    fmt,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use arc_swap::ArcSwap;
use tokio_util::sync::CancellationToken;

use crate::{
    catalog::Catalog, embedded, limits::PROBLEMS, merge::merge, overlay::Overlay, problem::Problem,
    source::Entries,
};

/// A cheap handle on the current catalogue.
#[derive(Clone)]
pub struct CatalogHandle(Arc<Inner>);

struct Inner {
    current: ArcSwap<Catalog>,
    problems: ArcSwap<Vec<Problem>>,
    overlay: Option<Mutex<Overlay>>,
}

impl CatalogHandle {
    /// The embedded definitions, with those of `overlay` (a folder, or one file of many definitions) over them.
    /// Files that cannot be used are left out; see [`CatalogHandle::problems`].
    pub fn open(overlay: Option<PathBuf>) -> Self {
        let handle = Self(Arc::new(Inner {
            current: ArcSwap::from_pointee(Catalog::default()),
            problems: ArcSwap::from_pointee(Vec::new()),
            overlay: overlay.map(|root| Mutex::new(Overlay::new(root))),
        }));
        if handle.0.overlay.is_some() {
            handle.refresh(true);
        } else {
            let (embedded, mut problems) = embedded();
            let (catalog, refused) = merge([&embedded]);
            problems.extend(refused.into_iter().map(|(_, problem)| problem));
            handle.publish(catalog, problems);
        }
        handle
    }

    /// The embedded definitions alone.
    pub fn embedded() -> Self {
        Self::open(None)
    }

    /// The catalogue as it is now. Hold it for one request, not longer.
    pub fn current(&self) -> Arc<Catalog> {
        self.0.current.load_full()
    }

    /// What is wrong with the files at present; empty when all is well.
    pub fn problems(&self) -> Arc<Vec<Problem>> {
        self.0.problems.load_full()
    }

    /// Reads the whole overlay again. Blocks on the disk for milliseconds.
    pub fn reload(&self) {
        self.refresh(true);
    }

    /// Follows the overlay until `cancel`, looking every `every`. Returns at once when there is no overlay.
    pub async fn watch(self, every: Duration, cancel: CancellationToken) {
        if self.0.overlay.is_none() {
            return;
        }
        let mut ticks = tokio::time::interval(every);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = ticks.tick() => {
                    let handle = self.clone();
                    if let Err(error) = tokio::task::spawn_blocking(move || handle.refresh(false)).await {
                        tracing::error!(%error, "the catalogue could not be reloaded");
                    }
                }
            }
        }
    }

    /// Reads what changed in the overlay, or everything, and publishes the outcome.
    fn refresh(&self, everything: bool) {
        let Some(overlay) = &self.0.overlay else { return };
        // A panic elsewhere cannot leave the overlay half-written in a way that matters: it is read again.
        let mut overlay = overlay.lock().unwrap_or_else(PoisonError::into_inner);
        if !overlay.refresh(everything) {
            return;
        }
        let (embedded, mut problems) = embedded();
        let (catalog, found) = overlay.build(&embedded);
        problems.extend(found);
        self.publish(catalog, problems);
    }

    fn publish(&self, catalog: Catalog, mut problems: Vec<Problem>) {
        problems.truncate(PROBLEMS);
        for problem in &problems {
            tracing::warn!(
                catalog.file = %problem.file,
                catalog.line = problem.line,
                catalog.key = %problem.key,
                "catalogue file refused: {}", problem.reason
            );
        }
        tracing::info!(
            catalog.providers = catalog.len(),
            catalog.problems = problems.len(),
            "catalogue loaded"
        );
        self.0.current.store(Arc::new(catalog));
        self.0.problems.store(Arc::new(problems));
    }
}

/// What was compiled in. The crate's tests hold it free of problems.
fn embedded() -> (Entries, Vec<Problem>) {
    match embedded::embedded() {
        Ok(entries) => (entries, Vec::new()),
        Err(problem) => (Entries::default(), vec![problem]),
    }
}

impl fmt::Debug for CatalogHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatalogHandle").field("providers", &self.current().len()).finish_non_exhaustive()
    }
}
