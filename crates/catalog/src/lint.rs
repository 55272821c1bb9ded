//! `dovetail catalog lint`: what a contributor who adds a provider sees first. Every finding names file, line and key,
//! says what is wrong and how to mend it. One file a family of rules.

mod fields;
mod files;
mod finding;
mod guide;
mod mode;
mod names;
mod scopes;
mod templates;
mod urls;
mod verification;

use std::{
    io,
    path::{Path, PathBuf},
};

use serde_json::{Map, Value};

pub use finding::LintFinding;

use crate::{
    catalog::Catalog,
    definition::Provider,
    embedded::embedded,
    guide::GuideText,
    load::{self, Reading},
    merge::merge,
    source::Entries,
    yaml,
};
use files::{Found, Kind};
use finding::Report;

/// What was looked at, and what is wrong with it.
#[derive(Debug, Default)]
pub struct LintOutcome {
    /// In the order of the files.
    pub findings: Vec<LintFinding>,
    /// Definitions that were looked at.
    pub providers: usize,
    /// Guides that were looked at.
    pub guides: usize,
    /// Lists of scopes that were looked at.
    pub scopes: usize,
}

/// One definition under the rules.
struct Subject<'a> {
    provider: &'a Provider,
    /// Top-level keys that stand in the file itself: an alias has its other keys from elsewhere.
    own: &'a Map<String, Value>,
    /// The whole catalogue, with the files under the rules in it.
    catalog: &'a Catalog,
}

/// Checks a folder of `<id>/{provider,guide,scopes}.yaml`, or a `providers.yaml` of many, over the definitions of the
/// binary. Errors are those of reading the folder.
pub fn lint(root: &Path) -> io::Result<LintOutcome> {
    let found = files::find(root)?;
    let mut report = Report::default();
    for (path, problem) in &found.strays {
        report.add_file(path, problem, "Remove it, or rename it to what it is meant to be.");
    }
    let read: Vec<(Found, String, Reading)> = found
        .files
        .into_iter()
        .map(|file| {
            let text = std::fs::read_to_string(&file.path)?;
            let reading = read(&file, &text);
            Ok((file, text, reading))
        })
        .collect::<io::Result<_>>()?;

    let mut outcome = LintOutcome::default();
    let mut own = Entries::default();
    for (file, _, reading) in &read {
        for problem in &reading.problems {
            report.findings.push(LintFinding::of_problem(problem));
        }
        let refused = reading.refused.as_ref().map_or(1, Vec::len);
        match file.kind {
            Kind::Provider | Kind::Many => outcome.providers += reading.entries.providers.len() + refused,
            Kind::Guide => outcome.guides += 1,
            Kind::Scopes => outcome.scopes += 1,
        }
        own.providers.extend(reading.entries.providers.iter().cloned());
        own.scopes.extend(reading.entries.scopes.iter().cloned());
    }
    let base = embedded().unwrap_or_default();
    let (catalog, refused) = merge([&base, &own]);
    for (_, problem) in refused {
        // The reader of one file does not know its lines here.
        let text =
            read.iter().find(|(file, ..)| file.name() == problem.file).map(|(_, text, _)| text.as_str());
        let mut finding = LintFinding::of_problem(&problem);
        if let Some(text) = text.filter(|_| problem.line == 0) {
            finding.line = yaml::nearest_line(text, std::slice::from_ref(&problem.key)).max(1);
        }
        let mend = "Name an entry that exists, and whose own `alias` does not lead back here.";
        mend.clone_into(&mut finding.mend);
        report.findings.push(finding);
    }
    let unread: Vec<String> =
        read.iter().filter_map(|(_, _, reading)| reading.refused.clone()).flatten().collect();
    for (file, text, reading) in &read {
        report.open(file.name(), text);
        for raw in &reading.entries.providers {
            let (Some(provider), Ok(own)) = (catalog.get(&raw.id), serde_json::from_str(raw.text.as_str()))
            else {
                continue;
            };
            let subject = Subject { provider, own: &own, catalog: &catalog };
            report.entry((file.kind == Kind::Many).then_some(&*raw.id));
            check_definition(&subject, &mut report, &read);
        }
        match file.kind {
            Kind::Guide if reading.problems.is_empty() => {
                if let Ok(text) = yaml::read::<GuideText>("", text) {
                    guide::check_text(&file.id, &text, &catalog, &unread, &mut report);
                }
            }
            Kind::Scopes if reading.problems.is_empty() => {
                if let Ok(list) = yaml::read::<load::ScopesText>("", text) {
                    scopes::check(&file.id, &list, &catalog, &mut report);
                }
            }
            _ => {}
        }
    }
    report.findings.sort_by(|a, b| (&a.file, a.line, &a.key).cmp(&(&b.file, b.line, &b.key)));
    report.findings.dedup();
    outcome.findings = report.findings;
    Ok(outcome)
}

fn read(file: &Found, text: &str) -> Reading {
    let name = file.name();
    match file.kind {
        Kind::Provider => load::provider_file(&name, text, &file.id),
        Kind::Many => load::providers_file(&name, text),
        Kind::Guide => load::guide_file(&name, text),
        Kind::Scopes => load::scopes_file(&name, text, &file.id),
    }
}

/// Every rule about one definition. What an alias has from its target is told there, once.
fn check_definition(subject: &Subject<'_>, report: &mut Report, read: &[(Found, String, Reading)]) {
    let mut found = rules(subject, read);
    if let Some(target) = subject.own.get("alias").and_then(Value::as_str)
        && let Some(provider) = subject.catalog.get(target)
    {
        let of_target = rules(&Subject { provider, ..*subject }, read);
        found.retain(|rule| {
            rule.path.first().is_some_and(|key| subject.own.contains_key(key)) || !of_target.contains(rule)
        });
    }
    for rule in found {
        // Nothing of it stands here: the alias brought it.
        let inherited = rule.path.first().is_some_and(|key| !subject.own.contains_key(key));
        let path = if inherited && subject.own.contains_key("alias") {
            vec!["alias".to_owned()]
        } else {
            rule.path.clone()
        };
        report.add(&path, rule.problem, rule.mend);
    }
}

/// A finding before it has a place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Broken {
    path: Vec<String>,
    problem: String,
    mend: String,
}

/// Collects what rules find in one definition.
#[derive(Default)]
struct Rules(Vec<Broken>);

impl Rules {
    fn add(&mut self, path: &[&str], problem: impl Into<String>, mend: impl Into<String>) {
        let path = path.iter().map(|key| (*key).to_owned()).collect();
        self.0.push(Broken { path, problem: problem.into(), mend: mend.into() });
    }
}

fn rules(subject: &Subject<'_>, read: &[(Found, String, Reading)]) -> Vec<Broken> {
    let mut rules = Rules::default();
    fields::check(subject.provider, &mut rules);
    mode::check(subject.provider, &mut rules);
    templates::check(subject.provider, &mut rules);
    urls::check(subject.provider, &mut rules);
    verification::check(subject.provider, &mut rules);
    let covering = guide::covering(subject.provider.id(), read);
    guide::check_definition(subject, covering.as_ref(), &mut rules);
    rules.0
}

/// Where the repository's own catalogue is, as seen from the current folder, if it is there.
pub fn repository_catalogue() -> Option<PathBuf> {
    let folder = PathBuf::from("catalog");
    folder.join("CORRECTIONS.md").is_file().then_some(folder)
}
