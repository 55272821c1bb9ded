//! Values that several pages show.

use std::fmt::Write as _;

use dovetail_model::{AuthMode, CredentialState, RefreshState, Timestamp};

use super::format::When;
use super::limits::{MAX_PAGE, PAGE_ROWS};

/// A dot and a word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Status {
    /// `good`, `warn`, `bad`, `busy` or nothing.
    pub tone: &'static str,
    /// The word.
    pub word: String,
    /// Since when.
    pub at: Option<When>,
}

/// A name and a value of a key-value list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Item {
    /// The name.
    pub name: String,
    /// The value, or what stands for it.
    pub value: String,
    /// Whether the value is hidden.
    pub masked: bool,
}

/// A value of a filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    /// As sent.
    pub value: String,
    /// As read.
    pub label: String,
    /// Whether it is chosen.
    pub chosen: bool,
}

impl Choice {
    /// Values and labels, with the chosen one marked.
    pub(crate) fn all<'a>(choices: impl Iterator<Item = (&'a str, &'a str)>, chosen: &str) -> Vec<Self> {
        choices
            .map(|(value, label)| Self {
                value: value.to_owned(),
                label: label.to_owned(),
                chosen: value == chosen,
            })
            .collect()
    }
}

/// An entry of a timeline.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    /// `good`, `warn`, `bad` or nothing.
    pub tone: &'static str,
    /// What happened.
    pub title: String,
    /// More of it, in a sentence.
    pub text: String,
    /// The page that tells all of it.
    pub href: Option<String>,
    /// When.
    pub at: When,
}

/// The pages of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Pages {
    /// The page before.
    pub previous: Option<String>,
    /// The page after.
    pub next: Option<String>,
    /// `Rows 26 to 50`.
    pub label: String,
}

/// Which page of a list is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageNumber(u32);

impl PageNumber {
    /// Reads `?page=`, counted from 1; anything odd is the first page.
    pub(crate) fn parse(text: &str) -> Self {
        Self(text.parse().unwrap_or(1).clamp(1, MAX_PAGE))
    }

    /// Rows before this page.
    pub(crate) fn offset(self) -> u32 {
        (self.0 - 1) * PAGE_ROWS
    }

    /// Counted from zero.
    pub(crate) fn index(self) -> u32 {
        self.0 - 1
    }

    /// The links around this page. `rows` are shown, `more` says whether others follow; `query` holds the filters.
    pub(crate) fn links(self, path: &str, query: &Query, rows: usize, more: bool) -> Pages {
        let link = |page: u32| {
            query.with("page", &if page == 1 { String::new() } else { page.to_string() }).of(path)
        };
        let first = self.offset() as usize + 1;
        Pages {
            previous: (self.0 > 1).then(|| link(self.0 - 1)),
            next: more.then(|| link(self.0 + 1)),
            label: if rows == 0 { String::new() } else { format!("Rows {first} to {}", first + rows - 1) },
        }
    }
}

/// A query string: names and values, empty ones left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Query(Vec<(&'static str, String)>);

impl Query {
    /// With a value set, or removed when it is empty.
    pub(crate) fn with(&self, name: &'static str, value: &str) -> Self {
        let mut pairs: Vec<_> = self.0.iter().filter(|(given, _)| *given != name).cloned().collect();
        if !value.is_empty() {
            pairs.push((name, value.to_owned()));
        }
        Self(pairs)
    }

    /// The address of `path` with this query.
    pub(crate) fn of(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (at, (name, value)) in self.0.iter().enumerate() {
            let mark = if at == 0 { '?' } else { '&' };
            let value: String = url::form_urlencoded::byte_serialize(value.as_bytes()).collect();
            // Writing to a String does not fail.
            if write!(address, "{mark}{name}={value}").is_err() {
                break;
            }
        }
        address
    }
}

/// An auth mode in plain words.
pub(crate) fn mode_label(mode: AuthMode) -> &'static str {
    match mode.as_str() {
        "API_KEY" => "API key",
        "BASIC" => "User name and password",
        "NONE" => "None",
        "OAUTH2" => "OAuth 2",
        "OAUTH1" => "OAuth 1",
        "OAUTH2_CC" => "OAuth 2 client credentials",
        "APP" => "App installation",
        "CUSTOM" => "App and OAuth",
        "TBA" => "Token based",
        "JWT" => "Signed token",
        "TWO_STEP" => "Exchanged token",
        "BILL" => "Login session",
        "SIGNATURE" => "Signed login",
        "AWS_SIGV4" => "AWS role",
        "MCP_OAUTH2" | "MCP_OAUTH2_GENERIC" => "MCP with OAuth 2",
        "INSTALL_PLUGIN" => "Installed plug-in",
        other => other,
    }
}

/// A category of the catalogue in plain words: `dev-tools` is `Dev tools`.
pub(crate) fn category_label(category: &str) -> String {
    let words = category.replace('-', " ").replace("e commerce", "e-commerce");
    let known = ["crm", "hr", "ats", "erp", "lms", "mcp", "ai", "iam", "hris"];
    if known.contains(&words.as_str()) {
        return words.to_uppercase();
    }
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// How a connection stands. `failing` is whether an active problem is noted.
pub(crate) fn connection_status(
    failing: bool,
    state: CredentialState,
    refresh: RefreshState,
    now: Timestamp,
) -> Status {
    let status = |tone, word: &str, at: Option<Timestamp>| Status {
        tone,
        word: word.to_owned(),
        at: at.map(|at| When::new(at, now)),
    };
    match (refresh, state) {
        (RefreshState::Exhausted { at, .. }, _) => status("bad", "Has to be linked again", Some(at)),
        (RefreshState::Failing(failure), _) => status("warn", "Refresh is failing", Some(failure.since)),
        (_, CredentialState::Refused { at, .. }) => status("bad", "Refused by the service", Some(at)),
        _ if failing => status("bad", "Failing", None),
        (_, CredentialState::Verified { at }) => status("good", "Working, checked", Some(at)),
        (_, CredentialState::Unverified) => status("", "Not checked", None),
    }
}

#[cfg(test)]
mod tests {
    use dovetail_model::{RefreshFailure, RefreshProblem};

    use super::*;

    #[test]
    fn pages_link_to_their_neighbours_and_keep_the_filters() {
        let query = Query::default().with("q", "a b").with("status", "");
        let pages = PageNumber::parse("2").links("/x", &query, 25, true);
        assert_eq!(pages.previous.as_deref(), Some("/x?q=a+b"));
        assert_eq!(pages.next.as_deref(), Some("/x?q=a+b&page=3"));
        assert_eq!(pages.label, "Rows 26 to 50");
        let only = PageNumber::parse("x").links("/x", &query, 3, false);
        assert_eq!((only.previous, only.next), (None, None));
        assert_eq!(PageNumber::parse("0"), PageNumber::parse("1"));
        assert_eq!(PageNumber::parse("99999999").offset(), (MAX_PAGE - 1) * PAGE_ROWS);
    }

    #[test]
    fn a_connection_is_told_by_its_worst_trouble() {
        let now = Timestamp(1_000_000);
        let verified = CredentialState::Verified { at: Timestamp(0) };
        let good = connection_status(false, verified, RefreshState::Healthy, now);
        assert_eq!((good.tone, good.word.as_str()), ("good", "Working, checked"));
        let refused = CredentialState::Refused { at: now, status: Some(401) };
        assert_eq!(connection_status(false, refused, RefreshState::Healthy, now).tone, "bad");
        let failure = RefreshFailure {
            failures: 2,
            days: 1,
            since: now,
            last: now,
            next: now,
            problem: RefreshProblem::Revoked,
        };
        let dead = RefreshState::Exhausted { at: now, failure };
        assert_eq!(connection_status(false, verified, dead, now).word, "Has to be linked again");
        assert_eq!(connection_status(true, verified, RefreshState::Healthy, now).word, "Failing");
    }
}
