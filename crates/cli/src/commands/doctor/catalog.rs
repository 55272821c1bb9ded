//! The provider catalogue and its overlay.

use super::finding::Finding;
use crate::commands::open;
use crate::config::catalog::CatalogConfig;

/// Every defect of the overlay with file, line and reason.
pub fn check(config: &CatalogConfig) -> Vec<Finding> {
    let catalog = open::catalog(config.overlay.as_deref());
    let mut findings: Vec<_> = catalog
        .problems()
        .iter()
        .map(|problem| {
            Finding::fail(
                "catalogue",
                problem.to_string(),
                "Mend the file; it is read again when it changes.",
            )
        })
        .collect();
    if findings.is_empty() {
        findings.push(Finding::ok("catalogue", format!("{} providers", catalog.current().len())));
    }
    findings
}
