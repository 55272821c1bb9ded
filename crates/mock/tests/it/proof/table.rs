//! The table `docs/providers.md`: what is proven of each provider.

use std::fs;

use dovetail_catalog::Listing;

/// One cell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mark {
    Yes,
    /// The definition has no such part.
    Absent,
    /// Checked by a script of the product.
    Script,
    No(String),
}

impl Mark {
    fn cell(&self) -> &str {
        match self {
            Self::Yes => "yes",
            Self::Absent => "–",
            Self::Script => "script",
            Self::No(_) => "NO",
        }
    }
}

impl From<Result<(), String>> for Mark {
    fn from(outcome: Result<(), String>) -> Self {
        outcome.map_or_else(Self::No, |()| Self::Yes)
    }
}

/// One provider.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) mode: &'static str,
    pub(crate) loads: Mark,
    pub(crate) form: Mark,
    pub(crate) verifies: Mark,
    pub(crate) proxies: Mark,
    pub(crate) guide: Mark,
}

impl Row {
    pub(crate) fn unreadable(listing: &Listing) -> Self {
        Self {
            id: listing.id().to_owned(),
            name: listing.display_name().to_owned(),
            mode: listing.auth_mode().as_str(),
            loads: Mark::No("it does not load".to_owned()),
            form: Mark::Absent,
            verifies: Mark::Absent,
            proxies: Mark::Absent,
            guide: Mark::Absent,
        }
    }

    fn marks(&self) -> [&Mark; 5] {
        [&self.loads, &self.form, &self.verifies, &self.proxies, &self.guide]
    }

    /// What is not as it should be, with the provider's id.
    pub(crate) fn failures(&self) -> Vec<String> {
        let reason = |mark: &&Mark| match mark {
            Mark::No(reason) => Some(format!("{} ({}): {reason}", self.id, self.mode)),
            _ => None,
        };
        self.marks().iter().filter_map(reason).collect()
    }
}

const HEADS: [&str; 5] = ["loads", "form", "verifies", "proxies", "guide"];

fn write(rows: &[Row]) -> String {
    let mut out = String::from(
        "# What is proven of each provider\n\n\
         Written by `crates/mock/tests/it/proof.rs`, which checks every definition against the simulator over a socket; \
         `UPDATE_PROVIDERS=1 cargo test -p dovetail-mock --test it proof` writes it anew.\n\n\
         - **loads**: the definition is read with all its types.\n\
         - **form**: every field has a label; good values are taken, bad and missing ones refused.\n\
         - **verifies**: the verification request is what the definition says, and the simulator takes it. `–`: it has \
         none; `script`: code checks the credentials.\n\
         - **proxies**: a proxied GET arrives with exactly the right URL and headers. `–`: it has no base URL.\n\
         - **guide**: somebody wrote down where the values are; `–`: the page is made from the fields.\n\n\
         Signed requests (OAuth 1, NetSuite tokens, AWS) are judged by arithmetic of the simulator's own.\n\n",
    );
    out.push_str(&format!("{} providers.\n\n| | {} |\n| --- |", rows.len(), HEADS.join(" | ")));
    out.push_str(&" ---: |".repeat(HEADS.len()));
    for (label, mark) in [("yes", Mark::Yes), ("–", Mark::Absent), ("script", Mark::Script)] {
        out.push_str(&format!("\n| {label} |"));
        for column in 0..HEADS.len() {
            let count = rows.iter().filter(|row| *row.marks()[column] == mark).count();
            out.push_str(&format!(" {count} |"));
        }
    }
    out.push_str(&format!("\n\n| provider | name | mode | {} |\n", HEADS.join(" | ")));
    out.push_str(&format!("| --- | --- | --- |{}\n", " --- |".repeat(HEADS.len())));
    for row in rows {
        let cells: Vec<&str> = row.marks().iter().map(|mark| mark.cell()).collect();
        let name = row.name.replace('|', "\\|");
        out.push_str(&format!("| {} | {name} | {} | {} |\n", row.id, row.mode, cells.join(" | ")));
    }
    out
}

/// Fails when the table in the repository is not this one; writes it when asked to.
#[expect(clippy::disallowed_methods, reason = "how a test is told to write its snapshot")]
pub(crate) fn compare(rows: &[Row]) {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/providers.md");
    let fresh = write(rows);
    if std::env::var_os("UPDATE_PROVIDERS").is_some() {
        fs::write(path, &fresh).unwrap();
    }
    let known = fs::read_to_string(path).unwrap_or_default();
    assert!(
        known == fresh,
        "docs/providers.md is not what was proven: UPDATE_PROVIDERS=1 cargo test -p dovetail-mock --test it proof"
    );
}
