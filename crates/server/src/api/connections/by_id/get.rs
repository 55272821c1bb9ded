//! `GET /connections/{connectionId}` (spec: http-api.md 2.7).

mod fresh;

use dovetail_model::{Act, RefreshTokens, Scope};
use dovetail_store::CachedConnection;
use serde_json::json;

use super::path_id;
use crate::api::shapes::connection::{self, ConnectionFull, Dates};
use crate::auth::Auth;
use crate::call::Call;
use crate::validate::rules::integration_key;
use crate::validate::{self, Schema as _, field, flag, object};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode, ok};

/// One connection with its credentials, for callers that may read them. For others `credentials` is `{}`: without the
/// scope, with a key that is never shown secrets, and in a sealed environment.
///
/// Credentials that are about to expire are refreshed first. When that is not possible, the answer is
/// `invalid_credentials`; its `payload.reason` says why, its `payload.connection` what is known of the connection.
#[utoipa::path(
    get, path = "/connections/{connectionId}", tag = "connections",
    params(
        ("connectionId" = String, Path),
        ("provider_config_key" = String, Query, description = "Key of the integration"),
        ("force_refresh" = Option<bool>, Query, description = "Refresh the credentials even if they are valid"),
        ("refresh_token" = Option<bool>, Query, description = "Answer refresh tokens as well"),
        ("refresh_github_app_jwt_token" = Option<bool>, Query, description = "Sign the JWT of an app anew"),
    ),
    responses(
        (status = 200, body = Object),
        (status = 400, description = "`invalid_query_params`, `invalid_uri_params`, `unknown_provider_config`; `invalid_credentials`: the provider refused to refresh them"),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`, `key_limited`, `environment_sealed`: the key may not read credentials, and a flag asks for them; or it does not reach the integration"),
        (status = 404, description = "`not_found`"),
        (status = 424, description = "`invalid_credentials`: they have expired, or refreshing failed a moment ago or for good"),
    ),
)]
pub(in crate::api) async fn get(call: Call) -> ApiResult<Answer<ConnectionFull>> {
    read(&call, path_id).await
}

/// `GET /connections/metadata`: the connection whose id is `metadata`.
pub(in crate::api) async fn metadata_named(call: Call) -> ApiResult<Answer<ConnectionFull>> {
    read(&call, |_| Ok("metadata".to_owned())).await
}

async fn read(
    call: &Call,
    id: impl FnOnce(&crate::call::Head) -> ApiResult<String>,
) -> ApiResult<Answer<ConnectionFull>> {
    let scopes = [Scope::CONNECTIONS_READ, Scope::CONNECTIONS_READ_CREDENTIALS];
    let caller = Auth::key().one_of(&scopes).limited().check(call).await?;
    let schema = object((
        field("provider_config_key", integration_key()),
        field("force_refresh", flag().optional()),
        field("refresh_token", flag().optional()),
        field("refresh_github_app_jwt_token", flag().optional()),
    ));
    let (key, force_refresh, refresh_token, refresh_jwt) = validate::query(&schema, &call.query)?;
    let id = id(call)?;
    let may_read_credentials = caller.may(Scope::CONNECTIONS_READ_CREDENTIALS);
    let asked = |flag: Option<bool>| flag == Some(true);
    if !may_read_credentials && (asked(force_refresh) || asked(refresh_token) || asked(refresh_jwt)) {
        return Err(caller.secrets_refused(Scope::CONNECTIONS_READ_CREDENTIALS));
    }
    let refresh = if asked(refresh_token) { RefreshTokens::Keep } else { RefreshTokens::Redact };
    let environment = caller.environment_id();
    caller.permits(Act::Integration { key: &key })?;
    let stored = match call.app.store.cached_connection(environment, &key, &id).await? {
        CachedConnection::Found(stored) if caller.reach.has(&stored.info) => stored,
        CachedConnection::NoIntegration => return Err(ApiError::new(ErrorCode::UnknownProviderConfig)),
        CachedConnection::Found(_) | CachedConnection::NoConnection => {
            return Err(ApiError::not_found("There is no such connection of this integration."));
        }
    };
    if !may_read_credentials {
        // Secret values of the configuration are credentials too.
        let config = connection::config(stored.public_config.clone(), refresh);
        return Ok(ok(ConnectionFull::new(&stored.info, config, json!({}), Dates::Offset)));
    }
    let wish = fresh::wish(&stored, call.app.now(), asked(force_refresh));
    let stored = match wish {
        None => stored,
        Some(wish) => fresh::refreshed(&call.app, stored, wish, refresh).await?,
    };
    let mut config = connection::config(stored.open_config()?, refresh);
    let mut credentials = stored.open_credentials()?;
    if asked(refresh_jwt) {
        fresh::sign_jwt(&call.app, &stored, &mut credentials).await?;
    }
    // Clients look for it there.
    if let Some(jwt) = fresh::jwt(&credentials) {
        config.insert("jwtToken".to_owned(), jwt.expose().into());
    }
    call.app.store.touch_connection(stored.info.id, stored.info.last_fetched_at);
    let catalog = call.app.catalog.current();
    let wire = connection::credentials(&credentials, catalog.get(&stored.info.provider), refresh);
    Ok(ok(ConnectionFull::new(&stored.info, config, wire, Dates::Offset)))
}
