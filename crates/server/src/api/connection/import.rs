//! `POST /connection`: the flat import, untested and without tags (spec: http-api.md 2.9).

use std::time::Duration;

use dovetail_catalog::parse_expiration;
use dovetail_model::{
    Act, AuthMode, BasicCredentials, ClientOverride, Credentials, Oauth1Credentials, Oauth2CcCredentials,
    Oauth2Credentials, Scope, Secret, SecretJson, TbaCredentials, Timestamp, UrlOverride,
};
use dovetail_store::integrations;
use http::StatusCode;
use serde_json::{Map, Value};

use crate::actions::import_connection::{Given, Import, Test, store};
use crate::api::connections::OpenObject;
use crate::api::shapes::{FURTHEST_MS, Submitted, webhook_url};
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::{API_KEY_CHARS, BASIC_CHARS, OAUTH2_TOKEN_CHARS};
use crate::validate::rules::MAX_NAME;
use crate::validate::{self, Schema as _, field, object, string};
use crate::wire::{Answer, ApiError, ApiResult, ErrorCode};

/// Longest single value of this route, in characters: the longest token that any import takes.
const VALUE_CHARS: usize = OAUTH2_TOKEN_CHARS;

/// What is answered to whoever is shown no secrets, not even those just sent.
const OPEN_FIELDS: [&str; 3] = ["provider_config_key", "metadata", "webhook_url_override"];

/// Imports a connection in the older, flat form. Deprecated: `POST /connections`.
#[utoipa::path(
    post, path = "/connection", tag = "connections",
    request_body(content = Object, example = json!({
        "provider_config_key": "coda-prod", "connection_id": "conn-42", "api_key": "a key of the user's"
    })),
    responses(
        (status = 201, body = Object, description = "The request body and `connection_id`"),
        (status = 400, description = "`missing_provider_config`, `unknown_provider_config`, `missing_api_key`, ..."),
        (status = 401, description = "`missing_auth_header`, `invalid_secret_key_format`, `unknown_account`"),
        (status = 403, description = "`forbidden`"),
        (status = 404, description = "`unknown_provider_template`"),
    ),
)]
pub(super) async fn import(call: Call) -> ApiResult<Answer<Value>> {
    let caller = Auth::key().scope(Scope::CONNECTIONS_CREATE).limited().check(&call).await?;
    let fields = call.json().and_then(Value::as_object).cloned().unwrap_or_default();
    let fields = Flat { fields: &fields };
    let key = fields.required("provider_config_key", ErrorCode::MissingProviderConfig)?;
    let schema = object((
        field("connection_id", string().min(1).max(MAX_NAME).optional()),
        field("metadata", OpenObject.optional()),
        field("connection_config", OpenObject.optional()),
        field("webhook_url_override", webhook_url(&call.app.egress).optional()),
    ))
    .loose();
    let (connection_id, metadata, config, url) = validate::body(&schema, call.json())?;
    caller.permits(Act::Integration { key: &key })?;
    let integration = {
        let mut db = call.app.store.read().await?;
        integrations::by_key(&mut db, caller.environment_id(), &key).await?
    };
    let integration = integration.ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderConfigLegacy))?;
    let provider = call
        .app
        .catalog
        .current()
        .shared(&integration.provider)
        .ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderTemplate))?;
    let config = scopes_as_list(config.unwrap_or_default());
    let given = fields.given(provider.auth_mode(), &config, call.app.now())?;
    let import = Import {
        provider_config_key: key,
        connection_id,
        submitted: Submitted::complete(Credentials::None),
        metadata,
        config,
        tags: None,
        end_user: None,
        webhook_url: UrlOverride::from_field(url),
    };
    let imported = store(&call.app, &caller, &integration, &provider, given, import, Test::Skip).await?;
    let mut echo = fields.fields.clone();
    if caller.permits(Act::Secrets).is_err() {
        echo.retain(|name, _| OPEN_FIELDS.contains(&name.as_str()));
    }
    echo.insert("connection_id".to_owned(), Value::from(imported.connection.info.connection_id));
    Ok(Answer(StatusCode::CREATED, Value::Object(echo)))
}

/// A comma separated override of scopes becomes a list, as `POST /connections` takes it.
fn scopes_as_list(mut config: Map<String, Value>) -> Map<String, Value> {
    if let Some(Value::String(scopes)) = config.get("oauth_scopes_override") {
        let list: Vec<Value> = scopes.split(',').map(Value::from).collect();
        config.insert("oauth_scopes_override".to_owned(), Value::from(list));
    }
    config
}

/// The flat body.
struct Flat<'a> {
    fields: &'a Map<String, Value>,
}

impl Flat<'_> {
    fn text(&self, name: &str) -> Option<String> {
        self.fields.get(name).and_then(Value::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
    }

    /// A text that must be there; one that is too long cannot be meant.
    fn required(&self, name: &str, missing: ErrorCode) -> ApiResult<String> {
        let text = self.text(name).ok_or_else(|| ApiError::new(missing))?;
        if text.chars().count() > VALUE_CHARS {
            return Err(ApiError::invalid_body(format!("{name} is longer than {VALUE_CHARS} characters.")));
        }
        Ok(text)
    }

    fn bounded(text: String, name: &str, most: usize) -> ApiResult<String> {
        if text.chars().count() > most {
            return Err(ApiError::invalid_body(format!("{name} is longer than {most} characters.")));
        }
        Ok(text)
    }

    fn given(&self, mode: AuthMode, config: &Map<String, Value>, now: Timestamp) -> ApiResult<Given> {
        Ok(Given::Complete(match mode {
            AuthMode::Oauth2 | AuthMode::McpOauth2 | AuthMode::McpOauth2Generic => {
                let access_token = self.required("access_token", ErrorCode::MissingAccessToken)?;
                Credentials::Oauth2(Oauth2Credentials {
                    access_token: Secret::new(access_token),
                    refresh_token: self.text("refresh_token").map(Secret::new),
                    expires_at: self.expiry(now)?,
                    raw: self.raw(),
                    config_override: self.client_override(),
                })
            }
            AuthMode::Oauth2Cc => Credentials::Oauth2Cc(Oauth2CcCredentials {
                token: Secret::new(self.required("access_token", ErrorCode::MissingAccessToken)?),
                client_id: self.text("oauth_client_id_override").unwrap_or_default(),
                client_secret: Secret::new(self.text("oauth_client_secret_override").unwrap_or_default()),
                client_certificate: None,
                client_private_key: None,
                expires_at: self.expiry(now)?,
                raw: self.raw(),
            }),
            AuthMode::Oauth1 => Credentials::Oauth1(Oauth1Credentials {
                oauth_token: Secret::new(self.required("oauth_token", ErrorCode::MissingOauthToken)?),
                oauth_token_secret: Secret::new(
                    self.required("oauth_token_secret", ErrorCode::MissingOauthTokenSecret)?,
                ),
                raw: self.raw(),
            }),
            AuthMode::Basic => {
                let username = self.required("username", ErrorCode::MissingBasicUsername)?;
                let password = self.text("password").unwrap_or_default();
                Credentials::Basic(BasicCredentials {
                    username: Self::bounded(username, "username", BASIC_CHARS)?,
                    password: Secret::new(Self::bounded(password, "password", BASIC_CHARS)?),
                })
            }
            AuthMode::ApiKey => {
                let key = self.required("api_key", ErrorCode::MissingApiKey)?;
                Credentials::api_key(Self::bounded(key, "api_key", API_KEY_CHARS)?)
            }
            AuthMode::Tba => {
                let account = config.get("accountId").and_then(Value::as_str).unwrap_or_default();
                if account.is_empty() {
                    return Err(ApiError::new(ErrorCode::MissingAccountId));
                }
                let missing =
                    |name: &str| ApiError::invalid_body(format!("The parameter {name} is missing."));
                Credentials::Tba(TbaCredentials {
                    token_id: self.text("token_id").ok_or_else(|| missing("token_id"))?,
                    token_secret: Secret::new(
                        self.text("token_secret").ok_or_else(|| missing("token_secret"))?,
                    ),
                    config_override: self.client_override().unwrap_or_default(),
                })
            }
            AuthMode::App => {
                let app_id = self.required("app_id", ErrorCode::MissingAppId)?;
                let installation_id = self.required("installation_id", ErrorCode::MissingInstallationId)?;
                return Ok(Given::Installation { app_id, installation_id });
            }
            AuthMode::None => Credentials::None,
            _ => return Err(ApiError::new(ErrorCode::UnknownOauthType)),
        }))
    }

    /// The expiry, which the caller must have thought of.
    fn expiry(&self, now: Timestamp) -> ApiResult<Option<Timestamp>> {
        let at = self.given_expiry(now)?;
        if at.is_some_and(|at| at.millis().abs() > FURTHEST_MS) {
            return Err(ApiError::new(ErrorCode::InvalidExpiresAt));
        }
        Ok(at)
    }

    fn given_expiry(&self, now: Timestamp) -> ApiResult<Option<Timestamp>> {
        if let Some(given) = self.fields.get("expires_at").filter(|given| !given.is_null()) {
            let at =
                parse_expiration(given, now).ok_or_else(|| ApiError::new(ErrorCode::InvalidExpiresAt))?;
            return Ok(Some(at));
        }
        let seconds = self.fields.get("expires_in").and_then(|given| match given {
            Value::String(text) => text.trim().parse().ok(),
            other => other.as_u64(),
        });
        if let Some(seconds) = seconds {
            return Ok(Some(now.plus(Duration::from_secs(seconds))));
        }
        if self.fields.get("no_expiration") == Some(&Value::Bool(true)) {
            return Ok(None);
        }
        Err(ApiError::new(ErrorCode::MissingExpiresAt))
    }

    fn client_override(&self) -> Option<ClientOverride> {
        let client_id = self.text("oauth_client_id_override");
        let client_secret = self.text("oauth_client_secret_override").map(Secret::new);
        (client_id.is_some() || client_secret.is_some())
            .then_some(ClientOverride { client_id, client_secret })
    }

    /// What the service answered, when the caller has kept it; else what was sent.
    fn raw(&self) -> SecretJson {
        match self.fields.get("raw") {
            Some(raw @ Value::Object(_)) => SecretJson::new(raw.clone()),
            _ => SecretJson::new(Value::Object(self.fields.clone())),
        }
    }
}
