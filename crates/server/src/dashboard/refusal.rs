//! Refusals of the rooms below, as sentences for a form.

use super::error::PageError;
use crate::wire::ApiError;

/// A request that was understood and refused.
#[derive(Debug)]
pub(crate) struct Refusal {
    /// The sentence, or the messages of all issues.
    pub text: String,
    issues: Vec<(String, String)>,
}

impl Refusal {
    /// Keeps a 4xx; anything else fails the page.
    pub(crate) fn of(error: ApiError) -> Result<Self, PageError> {
        if error.http_status().is_server_error() {
            return Err(PageError::Api(error));
        }
        let issues: Vec<(String, String)> =
            error.issues().iter().map(|issue| (issue.path.join("."), issue.message.clone())).collect();
        let text = if issues.is_empty() {
            error.text().to_owned()
        } else {
            issues.iter().map(|(_, message)| format!("{message}.")).collect::<Vec<_>>().join(" ")
        };
        Ok(Self { text, issues })
    }

    /// The message at a field.
    pub(crate) fn field(&self, path: &str) -> Option<&str> {
        self.issues.iter().find(|(at, _)| at == path).map(|(_, message)| message.as_str())
    }
}
