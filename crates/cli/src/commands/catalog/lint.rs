//! `dovetail catalog lint`: what is wrong with definitions and guides, and how to mend it.

use std::process::ExitCode;

use anyhow::Context as _;
use dovetail_catalog::{lint, repository_catalogue};
use serde_json::json;

use crate::args::CatalogLintArgs;
use crate::commands::say;

/// Checks a folder; fails when there is anything to mend.
pub fn run(args: &CatalogLintArgs) -> anyhow::Result<ExitCode> {
    let folder = args.folder.clone().or_else(repository_catalogue).context(
        "name a folder: dovetail catalog lint FOLDER (without one it checks ./catalog of this repository)",
    )?;
    let outcome = lint(&folder).with_context(|| format!("{} cannot be read", folder.display()))?;
    let counts = format!(
        "{} definitions, {} guides, {} lists of scopes",
        outcome.providers, outcome.guides, outcome.scopes
    );
    if args.json {
        say::line(serde_json::to_string_pretty(&json!({
            "findings": outcome.findings,
            "providers": outcome.providers,
            "guides": outcome.guides,
            "scopes": outcome.scopes,
        }))?);
    } else if outcome.findings.is_empty() {
        say::line(format!("{counts}: nothing to mend."));
    } else {
        for finding in &outcome.findings {
            say::line(finding.to_string());
        }
        say::line(format!("{counts}: {} to mend.", outcome.findings.len()));
    }
    Ok(if outcome.findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
