//! Findings, and the places they name.

use std::{fmt, path::Path};

use serde::Serialize;

use crate::{problem::Problem, yaml};

/// One thing to mend.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LintFinding {
    /// The file.
    pub file: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// Dotted key; empty where the whole entry is meant.
    pub key: String,
    /// What is wrong.
    pub problem: String,
    /// How to mend it.
    pub mend: String,
}

impl LintFinding {
    pub(super) fn of_problem(problem: &Problem) -> Self {
        let (reason, mend) = mend_of(&problem.reason);
        Self {
            file: problem.file.clone(),
            line: problem.line,
            key: problem.key.clone(),
            problem: reason,
            mend,
        }
    }
}

impl fmt::Display for LintFinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        write!(f, "{}\n    -> {}", self.problem, self.mend)
    }
}

/// Findings of the whole run, and the place that is looked at now.
#[derive(Default)]
pub(super) struct Report {
    pub(super) findings: Vec<LintFinding>,
    file: String,
    text: String,
    entry: Option<String>,
}

impl Report {
    pub(super) fn open(&mut self, file: String, text: &str) {
        (self.file, self.text, self.entry) = (file, text.to_owned(), None);
    }

    /// The entry of a file of many.
    pub(super) fn entry(&mut self, id: Option<&str>) {
        self.entry = id.map(str::to_owned);
    }

    pub(super) fn add(&mut self, path: &[String], problem: impl Into<String>, mend: impl Into<String>) {
        let path: Vec<String> = self.entry.iter().chain(path).cloned().collect();
        self.findings.push(LintFinding {
            file: self.file.clone(),
            line: yaml::nearest_line(&self.text, &path).max(1),
            key: path.join("."),
            problem: problem.into(),
            mend: mend.into(),
        });
    }

    /// A finding of the file that is open, about a line that holds `marker`.
    pub(super) fn add_at(
        &mut self,
        marker: &str,
        key: &str,
        problem: impl Into<String>,
        mend: impl Into<String>,
    ) {
        let line = self.text.lines().position(|line| line.contains(marker)).map_or(1, |at| at as u64 + 1);
        self.findings.push(LintFinding {
            file: self.file.clone(),
            line,
            key: key.to_owned(),
            problem: problem.into(),
            mend: mend.into(),
        });
    }

    pub(super) fn add_file(&mut self, path: &Path, problem: &str, mend: &str) {
        self.findings.push(LintFinding {
            file: path.display().to_string(),
            line: 0,
            key: String::new(),
            problem: problem.to_owned(),
            mend: mend.to_owned(),
        });
    }
}

/// The reason in few words, and what to do about it. An unknown key is told with the one that was meant.
pub(super) fn mend_of(reason: &str) -> (String, String) {
    let Some((problem, known)) = reason.split_once(", expected one of ") else {
        return (
            reason.to_owned(),
            "The keys and their values are described in catalog/README.md.".to_owned(),
        );
    };
    let word = problem.split('`').nth(1).unwrap_or_default();
    let near = known
        .split(", ")
        .map(|name| name.trim_matches('`'))
        .map(|name| (crate::catalog::slips_between(word, name), name))
        .min()
        .filter(|(slips, _)| *slips * 2 <= word.len().max(2));
    let mend = match near {
        Some((_, name)) => format!("Did you mean `{name}`?"),
        None if known.len() <= 120 => format!("Use one of {known}."),
        None => "Remove it; the keys are described in catalog/README.md.".to_owned(),
    };
    (problem.to_owned(), mend)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_key_is_told_with_the_one_that_was_meant() {
        // The YAML reader names the known ones with and without marks.
        let reason = "unknown field `proxi`, expected one of display_name, proxy, `docs`";
        assert_eq!(mend_of(reason), ("unknown field `proxi`".to_owned(), "Did you mean `proxy`?".to_owned()));
        let (_, mend) = mend_of("unknown variant `X`, expected one of `GET`, `POST`");
        assert_eq!(mend, "Use one of `GET`, `POST`.");
    }
}
