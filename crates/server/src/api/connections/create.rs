//! `POST /connections`: importing a connection (spec: http-api.md 2.7).

use dovetail_model::{Act, RefreshTokens, Scope, Tags, UrlOverride};
use http::StatusCode;
use serde_json::{Map, Value, json};

use super::metadata::OpenObject;
use crate::actions::import_connection::{Import, import};
use crate::api::shapes::connection::{self, ConnectionFull, Dates};
use crate::api::shapes::{end_user, import_credentials, tags, webhook_url};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::rules::MAX_NAME;
use crate::validate::{self, Cx, Issue, Schema, array, field, object, string};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Imports a connection with credentials that the product has already, or replaces those of an existing one.
///
/// Keys and passwords are tested against the service first. Metadata, tags and webhook target of an existing
/// connection are kept unless they are sent.
#[utoipa::path(
    post, path = "/connections", tag = "connections",
    request_body(content = Object, example = json!({
        "provider_config_key": "coda-prod", "credentials": {"type": "API_KEY", "apiKey": "k_live_1"}
    })),
    responses(
        (status = 201, body = Object),
        (status = 400, description = "`invalid_body`, `invalid_query_params`, `connection_test_failed`"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`not_found`: no such integration, or its provider is not in the catalogue"),
        (status = 503, description = "`connection_test_unavailable`: the service could not be asked; try again"),
    ),
)]
pub(super) async fn create(call: Call) -> ApiResult<Answer<ConnectionFull>> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_CREATE).limited().check(&call).await?;
    validate::no_query(&call.query)?;
    let schema = object((
        field("provider_config_key", string()),
        // Any text, as on the wire, but one that an index can hold.
        field("connection_id", string().min(1).max(MAX_NAME).optional()),
        field("credentials", import_credentials()),
        field("metadata", OpenObject.optional()),
        field("connection_config", Config.optional()),
        field("webhook_url_override", webhook_url(&call.app.egress).optional()),
        field("end_user", end_user().optional()),
        field("tags", tags().optional()),
    ));
    let (key, connection_id, submitted, metadata, config, url, end_user, tags) =
        validate::body(&schema, call.json())?;
    let tags = match (&end_user, tags) {
        (None, None) => None,
        (user, tags) => Some(merged_tags(Tags::derive(user.as_ref(), None), tags.unwrap_or_default())?),
    };
    let imported = import(
        &call.app,
        &caller,
        Import {
            provider_config_key: key,
            connection_id,
            submitted,
            metadata,
            config: config.unwrap_or_default(),
            tags,
            end_user,
            webhook_url: UrlOverride::from_field(url),
        },
    )
    .await?;
    let info = &imported.connection.info;
    // What was sent is answered, and what was obtained with it; but no secret to whoever is shown none.
    let (config, credentials) = if caller.permits(Act::Secrets).is_ok() {
        let credentials = connection::credentials(&imported.credentials, None, RefreshTokens::Keep);
        (imported.connection.open_config()?, credentials)
    } else {
        (imported.connection.public_config.clone(), json!({}))
    };
    let full = ConnectionFull::new(info, config, credentials, Dates::Zulu);
    Ok(Answer(StatusCode::CREATED, full.with_metadata()))
}

fn merged_tags(derived: Tags, explicit: Tags) -> ApiResult<Tags> {
    derived.overlaid(&explicit).map_err(|_| {
        let message = "Together with the tags derived from end_user there are more than 10 tags";
        ApiError::validation(ErrorCode::InvalidBody, vec![Issue::custom(message, ["tags"])])
    })
}

/// Configuration: any keys, one of which has a rule.
#[derive(Clone, Copy, Debug)]
struct Config;

impl Schema for Config {
    type Out = Map<String, Value>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        object((field("oauth_scopes_override", array(string()).optional()),)).loose().read(value, cx)?;
        value?.as_object().cloned()
    }
}
