//! Dynamic client registration (RFC 7591).

use dovetail_catalog::BodyFormat;
use dovetail_model::{RegisteredClient, Secret, Timestamp};
use serde_json::{Value, json};

use super::client::Names;
use super::discovery::guarded;
use crate::obtain::{ObtainError, Party};
use crate::token_request::TokenRequest;

/// Registers a public client of the integration.
pub(super) async fn register(
    party: &Party<'_>,
    endpoint: &str,
    redirect_uri: &str,
    scope: Option<&str>,
) -> Result<RegisteredClient, ObtainError> {
    let names = Names::of(party.integration);
    let mut request = TokenRequest::post(guarded(endpoint)?, BodyFormat::Json);
    request.set("redirect_uris", json!([redirect_uri]));
    request.set("token_endpoint_auth_method", "none");
    request.set("grant_types", json!(["authorization_code", "refresh_token"]));
    request.set("response_types", json!(["code"]));
    request.set("client_name", names.name);
    if let Some(uri) = names.uri {
        request.set("client_uri", uri);
    }
    if let Some(logo) = names.logo {
        request.set("logo_uri", logo);
    }
    if let Some(scope) = scope.filter(|scope| !scope.is_empty()) {
        request.set("scope", scope);
    }
    for (name, values) in party.provider.registration_params.iter() {
        request.set(name, json!(values));
    }
    let answer = request.send(party).await?;
    let text = |name: &str| answer.body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let id = text("client_id").ok_or_else(|| {
        answer.refusal().unwrap_or_else(|| ObtainError::Unreadable("it holds no client id".to_owned()))
    })?;
    let secret = text("client_secret").unwrap_or_default();
    // 0 means that it does not expire (RFC 7591 section 3.2.1).
    let expires = answer.body.get("client_secret_expires_at").and_then(Value::as_i64).filter(|at| *at > 0);
    Ok(RegisteredClient {
        id: id.to_owned(),
        secret: Secret::new(secret),
        method: text("token_endpoint_auth_method").map(str::to_owned),
        expires_at: expires.filter(|_| !secret.is_empty()).map(|at| Timestamp(at.saturating_mul(1_000))),
    })
}
