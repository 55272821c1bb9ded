//! Connections as answers show them (spec: http-api.md 1.12).

use dovetail_catalog::Provider;
use dovetail_model::{
    ConnectionInfo, ConnectionProblem, ConnectionRowId, Credentials, EndUser, OperationId, RefreshTokens,
    Tags, Timestamp, redact_path, redact_refresh_tokens,
};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// How timestamps are written: the wire has two forms, and each route its own (1.10).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dates {
    /// `2026-02-03T04:05:06.789+00:00`.
    Offset,
    /// `2026-02-03T04:05:06.789Z`.
    Zulu,
}

impl Dates {
    fn write(self, at: Timestamp) -> String {
        match self {
            Self::Offset => at.iso_offset(),
            Self::Zulu => at.iso_z(),
        }
    }
}

/// An item of the list. Never holds credentials or configuration.
pub(crate) fn summary(info: &ConnectionInfo) -> Value {
    json!({
        "id": info.id,
        "connection_id": info.connection_id,
        "provider_config_key": info.provider_config_key,
        "provider": info.provider,
        "errors": problems(info),
        "end_user": info.end_user,
        "tags": info.tags,
        "metadata": info.metadata,
        "created": info.created_at.iso_offset(),
    })
}

/// A whole connection. Fields are in the order of the wire.
#[derive(Debug, Serialize)]
pub(crate) struct ConnectionFull {
    id: ConnectionRowId,
    connection_id: String,
    provider_config_key: String,
    provider: String,
    errors: Vec<Problem>,
    end_user: Option<EndUser>,
    tags: Tags,
    metadata: Option<Map<String, Value>>,
    connection_config: Map<String, Value>,
    webhook_url_override: Option<String>,
    created_at: String,
    updated_at: String,
    last_fetched_at: Option<String>,
    credentials: Value,
}

impl ConnectionFull {
    /// With the given credentials, which are `{}` for callers that may not read them.
    pub(crate) fn new(
        info: &ConnectionInfo,
        config: Map<String, Value>,
        credentials: Value,
        dates: Dates,
    ) -> Self {
        let info = info.clone();
        Self {
            id: info.id,
            errors: problems(&info),
            connection_id: info.connection_id,
            provider_config_key: info.provider_config_key,
            provider: info.provider,
            end_user: info.end_user,
            tags: info.tags,
            metadata: info.metadata,
            connection_config: config,
            webhook_url_override: info.webhook_url,
            created_at: dates.write(info.created_at),
            updated_at: dates.write(info.updated_at),
            last_fetched_at: info.last_fetched_at.map(|at| dates.write(at)),
            credentials,
        }
    }

    /// The same with an object where there is no metadata.
    pub(crate) fn with_metadata(mut self) -> Self {
        self.metadata.get_or_insert_default();
        self
    }
}

/// An active problem, as the wire shows it.
#[derive(Debug, Serialize)]
struct Problem {
    #[serde(rename = "type")]
    kind: &'static str,
    log_id: OperationId,
}

/// Credentials for a caller that may read them. Refresh tokens are left out unless asked for; of `TWO_STEP` also the
/// one at the place where the provider answers it.
pub(crate) fn credentials(
    credentials: &Credentials,
    provider: Option<&Provider>,
    refresh: RefreshTokens,
) -> Value {
    let mut wire = credentials.to_wire(refresh);
    if refresh == RefreshTokens::Redact
        && matches!(credentials, Credentials::TwoStep(_))
        && let Some(path) =
            provider.and_then(|provider| provider.token_response.as_ref()?.refresh_token.as_deref())
        && let Some(raw) = wire.get_mut("raw")
    {
        redact_path(raw, path);
    }
    wire
}

/// Configuration for an answer: without refresh tokens unless asked for.
pub(crate) fn config(config: Map<String, Value>, refresh: RefreshTokens) -> Map<String, Value> {
    let mut wire = Value::Object(config);
    if refresh == RefreshTokens::Redact {
        redact_refresh_tokens(&mut wire);
    }
    match wire {
        Value::Object(config) => config,
        _ => Map::new(),
    }
}

fn problems(info: &ConnectionInfo) -> Vec<Problem> {
    let problem = |problem: &ConnectionProblem| Problem {
        kind: problem.kind.as_str(),
        log_id: problem.operation.clone(),
    };
    info.errors.iter().map(problem).collect()
}
