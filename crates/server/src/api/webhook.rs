//! `POST /webhook/{environmentUuid}/{providerConfigKey}`: what services announce (spec: http-api.md 2.13, webhooks.md B).
//!
//! Only what links accounts is read so far: approvals and installations of apps. A message counts when it is signed; an
//! unsigned one is refused, whatever it says.

mod github;
mod sentry;
mod signed;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use dovetail_catalog::Provider;
use dovetail_model::{Environment, Integration};
use dovetail_store::{environments, integrations};
use http::StatusCode;
use serde_json::{Value, json};
use utoipa::OpenApi;

use crate::call::Call;
use crate::limits::MAX_STRANGERS_BODY;
use crate::state::AppState;
use crate::validate::rules::integration_key;
use crate::validate::{self, field, object, string};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Routes of this area.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/webhook/{environmentUuid}/{providerConfigKey}", post(receive))
        .layer(DefaultBodyLimit::max(MAX_STRANGERS_BODY))
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(receive))]
pub struct Docs;

/// A message, and where it came to.
struct Message<'a> {
    call: &'a Call,
    environment: &'a Environment,
    integration: &'a Integration,
    provider: &'a Provider,
    body: &'a Value,
}

/// What the service is answered. Its failures are plain texts, not the envelope.
enum Reply {
    /// It was understood, whether or not there was anything to do.
    Done,
    /// The signature is not there, or wrong.
    Unsigned(&'static str),
    /// It says nothing that can be used.
    Useless(&'static str),
}

impl IntoResponse for Reply {
    fn into_response(self) -> Response {
        let (status, body) = match self {
            Self::Done => (StatusCode::OK, json!({"status": "success"})),
            Self::Unsigned(text) => (StatusCode::UNAUTHORIZED, json!({ "error": text })),
            Self::Useless(text) => (StatusCode::BAD_REQUEST, json!({ "error": text })),
        };
        Answer(status, body).into_response()
    }
}

/// Takes a message of a service. Nobody is authenticated but by its signature.
#[utoipa::path(
    post, path = "/webhook/{environmentUuid}/{providerConfigKey}", tag = "webhooks",
    params(
        ("environmentUuid" = String, Path, description = "The environment"),
        ("providerConfigKey" = String, Path, description = "Key of the integration"),
    ),
    request_body(content = Object, example = json!({"action": "created", "installation": {"id": 77}, "requester": {"login": "ana"}})),
    responses(
        (status = 200, description = "The message was understood"),
        (status = 204, description = "Nothing is done with messages of this service"),
        (status = 400, description = "`invalid_uri_params`; or a plain `error`: no connection waits for this"),
        (status = 401, description = "A plain `error`: the signature is missing or wrong"),
        (status = 404, description = "`unknown_environment`, `unknown_provider_config`"),
    ),
)]
async fn receive(call: Call) -> ApiResult<Response> {
    let path =
        object((field("environmentUuid", string().uuid()), field("providerConfigKey", integration_key())));
    let (uuid, key) = validate::params(&path, &call.params)?;
    let app = &call.app;
    let uuid: uuid::Uuid = uuid.parse().map_err(|_| ApiError::new(ErrorCode::UnknownEnvironment))?;
    let (environment, integration) = {
        let mut db = app.store.read().await?;
        let environment = environments::by_uuid(&mut db, uuid)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::UnknownEnvironment))?;
        let integration = integrations::by_key(&mut db, environment.id, &key)
            .await?
            .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderConfigNotFound))?;
        (environment, integration)
    };
    let Some(provider) = app.catalog.current().shared(&integration.provider) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let body = call.json().cloned().unwrap_or_default();
    let message = Message {
        call: &call,
        environment: &environment,
        integration: &integration,
        provider: &provider,
        body: &body,
    };
    let reply = match provider.webhook_routing() {
        Some("githubAppWebhookRouting" | "githubAppOauthWebhookRouting") => github::receive(message).await?,
        Some("sentryOauthWebhookRouting") => sentry::receive(message).await?,
        _ => return Ok(StatusCode::NO_CONTENT.into_response()),
    };
    Ok(reply.into_response())
}
