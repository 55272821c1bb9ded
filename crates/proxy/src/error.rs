//! Why a call was not forwarded or not answered, and what the caller is told (proxy.md
//! section 15). The provider's own errors are answers, not these.

use dovetail_catalog::outgoing::OutgoingError;
use dovetail_egress::EgressError;
use dovetail_model::Refusal;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use thiserror::Error;

use crate::request_headers::HeaderIssue;

/// A call that got no answer from the provider.
#[derive(Debug, Clone, Error)]
pub enum ProxyError {
    /// The caller's own fields break rules.
    #[error("invalid headers")]
    InvalidHeaders(Vec<HeaderIssue>),
    /// Base URLs of callers are switched off.
    #[error("Base URL override is disabled by server configuration.")]
    OverrideDisabled,
    /// The caller's base URL is not allowed.
    #[error("This base URL override is not allowed by server configuration.")]
    OverrideNotAllowed {
        /// The rule that refused it.
        reason: &'static str,
    },
    /// The base URL of the integration or the connection is not allowed.
    #[error("This base URL is not allowed by server configuration.")]
    BaseNotAllowed {
        /// The rule that refused it.
        reason: &'static str,
    },
    /// The URL that came out, or one it redirects to, is not allowed.
    #[error("This outbound URL is not allowed by server configuration.")]
    UrlNotAllowed {
        /// The rule that refused it.
        reason: &'static str,
    },
    /// The connection's provider is gone from the catalogue.
    #[error("The provider of this connection is not in the catalogue.")]
    UnknownProvider,
    /// The request could not be built from definition, connection and call.
    #[error("The request could not be built: {0}.")]
    Build(#[from] OutgoingError),
    /// The caller wants another `Host` than that of the URL.
    #[error("Nango-Proxy-Host must be the host that is called.")]
    ForeignHost,
    /// The URL is not one that can be called.
    #[error("The URL of this call is not valid: {0}.")]
    InvalidUrl(&'static str),
    /// The body must be rewritten and is not the JSON that it says.
    #[error("The body is not valid JSON.")]
    InvalidJson,
    /// The body must be rewritten and is too large for that.
    #[error("The body is larger than {0} bytes and cannot be rewritten.")]
    BodyTooLarge(usize),
    /// The caller's body ended early.
    #[error("The request body ended early.")]
    BodyAborted,
    /// The provider did not answer.
    #[error(transparent)]
    Unreachable(EgressError),
    /// The limits of the caller's key do not permit the request.
    #[error("{0}")]
    Limited(Refusal),
    /// The stored credentials could not be renewed during the call.
    #[error("Failed to get connection credentials: '{0}'")]
    Refresh(String),
}

impl ProxyError {
    /// Status and code of the answer.
    pub fn wire(&self) -> (StatusCode, &'static str) {
        match self {
            Self::InvalidHeaders(_) | Self::ForeignHost => (StatusCode::BAD_REQUEST, "invalid_headers"),
            Self::OverrideDisabled => (StatusCode::BAD_REQUEST, "base_url_override_disabled"),
            Self::OverrideNotAllowed { .. } | Self::BaseNotAllowed { .. } | Self::UrlNotAllowed { .. } => {
                (StatusCode::BAD_REQUEST, "base_url_override_not_allowed")
            }
            Self::UnknownProvider => (StatusCode::BAD_REQUEST, "unknown_provider"),
            Self::Build(error) => (StatusCode::BAD_REQUEST, error.code()),
            Self::InvalidUrl(_) => (StatusCode::BAD_REQUEST, "invalid_url"),
            Self::InvalidJson => (StatusCode::BAD_REQUEST, "invalid_json"),
            Self::BodyTooLarge(_) => (StatusCode::PAYLOAD_TOO_LARGE, "request_too_large"),
            Self::BodyAborted => (StatusCode::BAD_REQUEST, "request_aborted"),
            Self::Limited(_) => (StatusCode::FORBIDDEN, "key_limited"),
            Self::Refresh(_) => (StatusCode::FAILED_DEPENDENCY, "server_error"),
            Self::Unreachable(error) => match error {
                EgressError::Timeout(_) => (StatusCode::GATEWAY_TIMEOUT, "provider_timeout"),
                EgressError::Dns { .. } => (StatusCode::BAD_GATEWAY, "dns_resolution_failed"),
                EgressError::TooManyRedirects => (StatusCode::BAD_GATEWAY, "too_many_redirects"),
                _ => (StatusCode::BAD_GATEWAY, "provider_unreachable"),
            },
        }
    }

    /// The JSON body of the answer. Network failures keep the `message`, `code` and `method`
    /// beside the envelope that existing handlers read.
    pub fn body(&self, method: &Method) -> Value {
        let (_, code) = self.wire();
        match self {
            Self::InvalidHeaders(issues) => {
                let errors: Vec<Value> = issues
                    .iter()
                    .map(|issue| json!({ "code": issue.code, "message": issue.message, "path": [issue.field] }))
                    .collect();
                json!({ "error": { "code": code, "errors": errors } })
            }
            Self::OverrideNotAllowed { reason }
            | Self::BaseNotAllowed { reason }
            | Self::UrlNotAllowed { reason } => {
                json!({ "error": { "code": code, "message": self.to_string(), "reason": reason } })
            }
            Self::Unreachable(error) => json!({
                "error": { "code": code, "message": error.to_string() },
                "message": error.to_string(),
                "code": error.code(),
                "method": method.as_str().to_ascii_lowercase(),
            }),
            _ => json!({ "error": { "code": code, "message": self.to_string() } }),
        }
    }
}

impl From<EgressError> for ProxyError {
    fn from(error: EgressError) -> Self {
        match error {
            EgressError::Blocked(reason) => Self::UrlNotAllowed { reason: reason.code() },
            EgressError::InvalidUrl(why) => Self::InvalidUrl(why),
            EgressError::RequestBody => Self::BodyAborted,
            other => Self::Unreachable(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_egress::{BlockReason, Phase};

    fn shown(error: ProxyError) -> String {
        let (status, _) = error.wire();
        format!("{} {}", status.as_u16(), error.body(&Method::GET))
    }

    #[test]
    fn every_error_has_its_status_and_body() {
        let issue = HeaderIssue { code: "invalid_type", message: "m".to_owned(), field: "connection-id" };
        let refused = std::io::ErrorKind::ConnectionRefused;
        let connect = EgressError::Connect { target: "a.test:443".to_owned(), kind: refused };
        let dns = EgressError::Dns { host: "a.test".to_owned(), temporary: false };
        let blocked = EgressError::Blocked(BlockReason::Hostname("localhost".to_owned()));
        let table = [
            ProxyError::InvalidHeaders(vec![issue]),
            ProxyError::OverrideDisabled,
            ProxyError::OverrideNotAllowed { reason: "denied_ip" },
            ProxyError::BaseNotAllowed { reason: "allowlist_miss" },
            ProxyError::from(blocked),
            ProxyError::UnknownProvider,
            ProxyError::from(OutgoingError::UnsupportedProvider),
            ProxyError::from(OutgoingError::MissingConnectionConfig { name: "subdomain".to_owned() }),
            ProxyError::ForeignHost,
            ProxyError::from(EgressError::InvalidUrl("w")),
            ProxyError::InvalidJson,
            ProxyError::BodyTooLarge(5),
            ProxyError::from(EgressError::RequestBody),
            ProxyError::Limited(Refusal::Method("POST".to_owned())),
            ProxyError::Refresh("no".to_owned()),
            ProxyError::from(connect),
            ProxyError::from(dns),
            ProxyError::from(EgressError::Timeout(Phase::ResponseHeader)),
            ProxyError::from(EgressError::TooManyRedirects),
            ProxyError::from(EgressError::Reset),
        ];
        insta::assert_snapshot!(table.into_iter().map(shown).collect::<Vec<_>>().join("\n"));
    }
}
