//! What has to be kept between the two steps.

use dovetail_model::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Key of [`Progress::more`]: when the browser was sent away, in epoch milliseconds.
const BEGAN: &str = "began";

/// How far a provider's clock may be behind ours when it dates an installation, in milliseconds.
const SKEW_MS: i64 = 120_000;

/// Kept sealed, and used once. Holds secrets: its `Debug` shows none.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// The redirect URI of the first step; the exchange repeats it exactly.
    #[serde(default)]
    pub redirect_uri: String,
    /// Configuration of the connection so far.
    #[serde(default)]
    pub config: Map<String, Value>,
    /// Names of values of it that were sent with this attempt.
    #[serde(default)]
    pub sent: Vec<String>,
    /// Values that the product set.
    #[serde(default)]
    pub owner_config: Map<String, Value>,
    /// PKCE verifier (RFC 7636).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verifier: Option<String>,
    /// OAuth 1 request token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_token: Option<String>,
    /// Its secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_token_secret: Option<String>,
    /// The issuer that an `iss` of the callback has to equal (RFC 9207), where it is known exactly.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// Whether the issuer announced that it always sends `iss`.
    #[serde(default)]
    pub sends_issuer: bool,
    /// What else a mode keeps.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub more: Map<String, Value>,
}

impl std::fmt::Debug for Progress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Progress").field("redirect_uri", &self.redirect_uri).finish_non_exhaustive()
    }
}

impl Progress {
    /// The bytes to seal.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a struct of texts always serialises")]
    pub fn to_bytes(&self) -> Zeroizing<Vec<u8>> {
        Zeroizing::new(serde_json::to_vec(self).expect("a struct of texts serialises"))
    }

    /// Remembers when the browser was sent away.
    pub(crate) fn begin(&mut self, now: Timestamp) {
        self.more.insert(BEGAN.to_owned(), Value::from(now.0));
    }

    /// Whether something that the provider dates happened since the browser was sent away.
    pub(crate) fn is_since(&self, at: Timestamp) -> bool {
        let began = self.more.get(BEGAN).and_then(Value::as_i64).unwrap_or(i64::MAX);
        at.0 >= began.saturating_sub(SKEW_MS)
    }

    /// From opened bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_reads_back_and_shows_no_secret() {
        let progress = Progress { verifier: Some("hush".to_owned()), ..Progress::default() };
        assert_eq!(Progress::from_bytes(&progress.to_bytes()).as_ref(), Some(&progress));
        assert!(!format!("{progress:?}").contains("hush"));
        assert_eq!(Progress::from_bytes(b"?"), None);
    }
}
