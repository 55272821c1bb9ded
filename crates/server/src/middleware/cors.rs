//! Cross-origin access: the API is open to every origin, the dashboard to none (spec: http-api.md 1.4).

use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};

use super::security_headers::is_static_file;
use crate::state::AppState;

const METHODS: HeaderValue = HeaderValue::from_static("GET,HEAD,PUT,PATCH,POST,DELETE");
const ALLOWED: HeaderValue = HeaderValue::from_static(
    "Authorization, Content-Type, Accept, Origin, X-Requested-With, Nango-Activity-Log-Id, Nango-Is-Dry-Run, Nango-Is-Sync, Provider-Config-Key, Connection-Id, Sentry-Trace, Baggage",
);
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Authorization, Etag, Content-Type, Content-Length, X-Nango-Signature, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset",
);
/// Seconds a browser may remember a preflight answer.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");
/// The same for `/connect/telemetry`, which one fixed page calls.
const TELEMETRY_MAX_AGE: HeaderValue = HeaderValue::from_static("36000");
const TELEMETRY_ALLOWED: HeaderValue = HeaderValue::from_static("Authorization, Content-type");
const TELEMETRY_EXPOSED: HeaderValue = HeaderValue::from_static("content-type");
const PREFLIGHT: HeaderName = HeaderName::from_static("access-control-request-method");

/// Whether a browser asks what it may ask.
pub(super) fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(PREFLIGHT)
}

/// Marks an answer of the API as readable by every origin.
pub(super) fn open_to_all(headers: &mut HeaderMap) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Which rules a path is under.
#[derive(Clone, Copy)]
pub(super) enum Rules {
    /// No other origin may read it: the dashboard, and the files of our own pages.
    Own,
    /// Only the Connect page's origin, with credentials.
    Telemetry,
    /// Every origin.
    Open,
}

impl Rules {
    pub(super) fn of(path: &str) -> Self {
        match path {
            "/connect/telemetry" => Self::Telemetry,
            path if path == "/dashboard" || path.starts_with("/dashboard/") => Self::Own,
            path if is_static_file(path) => Self::Own,
            _ => Self::Open,
        }
    }

    /// The answer where these rules give one: `OPTIONS` has no handlers.
    pub(super) fn answer(self, method: &Method) -> Option<Response> {
        let is_ours = matches!(self, Self::Open | Self::Telemetry) && *method == Method::OPTIONS;
        is_ours.then(|| StatusCode::NO_CONTENT.into_response())
    }

    /// Adds what the rules say.
    pub(super) fn write(self, headers: &mut HeaderMap, is_preflight: bool, app: &AppState) {
        match self {
            Self::Own => {}
            Self::Open => {
                open_to_all(headers);
                if is_preflight {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
                    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED);
                    headers.insert(header::ACCESS_CONTROL_MAX_AGE, MAX_AGE);
                }
            }
            Self::Telemetry => {
                if let Ok(origin) = HeaderValue::from_str(&app.config.public_origin()) {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
                }
                headers.insert(header::VARY, HeaderValue::from_static("Origin"));
                headers.insert(header::ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
                headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, TELEMETRY_EXPOSED);
                if is_preflight {
                    headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("POST"));
                    headers.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, TELEMETRY_ALLOWED);
                    headers.insert(header::ACCESS_CONTROL_MAX_AGE, TELEMETRY_MAX_AGE);
                }
            }
        }
    }
}
