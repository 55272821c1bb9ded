//! `dovetail doctor`: looks at everything a server depends on and says how to mend what is wrong.

mod catalog;
mod database;
mod egress;
mod finding;
mod public_url;

use std::process::ExitCode;

use finding::{Finding, Level};

use super::{open, say};
use crate::args::ServeArgs;
use crate::config::{Config, ConfigErrors};

/// Runs every check; fails when one found something that stops the server.
pub fn run(args: &ServeArgs) -> anyhow::Result<ExitCode> {
    let findings = match open::config(args) {
        Ok(config) => open::runtime()?.block_on(check(&config)),
        Err(error) => match error.downcast::<ConfigErrors>() {
            Ok(errors) => errors
                .0
                .iter()
                .map(|problem| {
                    Finding::fail(
                        "settings",
                        problem.to_string(),
                        "Correct it; `dovetail config` explains every setting.",
                    )
                })
                .collect(),
            Err(error) => return Err(error),
        },
    };
    for finding in &findings {
        say::line(finding.to_string());
    }
    let failed = findings.iter().filter(|finding| finding.level == Level::Fail).count();
    let warned = findings.iter().filter(|finding| finding.level == Level::Warn).count();
    say::line(String::new());
    say::line(match (failed, warned) {
        (0, 0) => "All is well.".to_owned(),
        (0, n) => format!("It works; {n} to look at."),
        (n, _) => format!("{n} to mend before the server can work."),
    });
    Ok(if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check(config: &Config) -> Vec<Finding> {
    let mut findings = vec![Finding::ok("settings", "they are complete and consistent")];
    for warning in &config.warnings {
        findings.push(Finding::warn("settings", warning.clone(), "Change it unless it is meant."));
    }
    findings.extend(database::check(&config.storage).await);
    findings.extend(catalog::check(&config.catalog));
    findings.extend(egress::check(config).await);
    findings.extend(public_url::check(config).await);
    findings
}
