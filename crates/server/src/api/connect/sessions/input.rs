//! The bodies of session requests: shapes, and the deprecated place of the webhook target.

use std::collections::BTreeMap;

use dovetail_egress::Client;
use dovetail_model::{EndUser, IntegrationDefaults, IntegrationOverrides, Organization, Tags, UrlOverride};
use serde_json::{Map, Value};

use crate::api::shapes::{end_user, organization, tags, webhook_url};
use crate::validate::rules::{connection_id, integration_key};
use crate::validate::{self, Cx, Schema, array, field, object, record, string};
use crate::wire::ApiResult;

/// Where integrations used to carry a webhook target.
const DEPRECATED_WEBHOOK_URL: &str = "webhook_url";

/// A session as a caller describes it.
#[derive(Clone, Debug, Default)]
pub(crate) struct SessionInput {
    pub(crate) end_user: Option<EndUser>,
    pub(crate) organization: Option<Organization>,
    pub(crate) tags: Option<Tags>,
    pub(crate) allowed_integrations: Option<Vec<String>>,
    pub(crate) defaults: Option<Vec<(String, IntegrationDefaults)>>,
    pub(crate) overrides: Option<Vec<(String, IntegrationOverrides)>>,
    pub(crate) webhook_url: UrlOverride,
}

/// The connection that a reconnect session is bound to.
#[derive(Clone, Debug)]
pub(crate) struct ReconnectTarget {
    pub(crate) connection_id: String,
    pub(crate) integration_id: String,
}

/// Reads the body of `POST /connect/sessions`. With `tags` and without `end_user` the tags stand in for the person.
pub(crate) fn read_session(body: Option<&Value>, egress: &Client) -> ApiResult<SessionInput> {
    let has = |key: &str| body.is_some_and(|body| body.get(key).is_some());
    if has("tags") && !has("end_user") {
        validate::body(&session(end_user().optional(), tags().map(Some), egress), body)
    } else {
        validate::body(&session(end_user().map(Some), tags().optional(), egress), body)
    }
}

/// Reads the body of `POST /connect/sessions/reconnect`.
pub(crate) fn read_reconnect(
    body: Option<&Value>,
    egress: &Client,
) -> ApiResult<(ReconnectTarget, SessionInput)> {
    let schema = object((
        field("connection_id", connection_id()),
        field("integration_id", integration_key()),
        field("end_user", end_user().optional()),
        field("organization", organization().optional()),
        field("integrations_config_defaults", defaults(egress).optional()),
        field("overrides", overrides().optional()),
        field("webhook_url_override", webhook_url(egress).optional()),
        field("tags", tags().optional()),
    ));
    let (connection_id, integration_id, end_user, organization, defaults, overrides, url, tags) =
        validate::body(&schema, body)?;
    let input = SessionInput {
        end_user,
        organization,
        tags,
        allowed_integrations: None,
        defaults,
        overrides,
        webhook_url: UrlOverride::from_field(url),
    };
    Ok((ReconnectTarget { connection_id, integration_id }, hoist_webhook_url(input)))
}

fn session(
    end_user: impl Schema<Out = Option<EndUser>>,
    tags: impl Schema<Out = Option<Tags>>,
    egress: &Client,
) -> impl Schema<Out = SessionInput> {
    object((
        field("end_user", end_user),
        field("organization", organization().optional()),
        field("tags", tags),
        field("allowed_integrations", array(integration_key()).optional()),
        field("integrations_config_defaults", defaults(egress).optional()),
        field("overrides", overrides().optional()),
        field("webhook_url_override", webhook_url(egress).optional()),
    ))
    .map(|(end_user, organization, tags, allowed_integrations, defaults, overrides, url)| {
        hoist_webhook_url(SessionInput {
            end_user,
            organization,
            tags,
            allowed_integrations,
            defaults,
            overrides,
            webhook_url: UrlOverride::from_field(url),
        })
    })
}

fn defaults(egress: &Client) -> impl Schema<Out = Vec<(String, IntegrationDefaults)>> {
    record(
        string(),
        object((
            field("user_scopes", string().optional()),
            field("authorization_params", record(string(), string()).optional()),
            field("connection_config", OpenConfig { egress: egress.clone() }.optional()),
        ))
        .map(|(user_scopes, authorization_params, connection_config)| IntegrationDefaults {
            user_scopes,
            authorization_params: authorization_params
                .map(|pairs| pairs.into_iter().collect::<BTreeMap<_, _>>()),
            connection_config,
        }),
    )
}

fn overrides() -> impl Schema<Out = Vec<(String, IntegrationOverrides)>> {
    record(
        string(),
        object((field("docs_connect", string().optional()),))
            .loose()
            .map(|(docs_connect,)| IntegrationOverrides { docs_connect }),
    )
}

/// Configuration with any keys, of which two have rules.
#[derive(Clone, Debug)]
struct OpenConfig {
    egress: Client,
}

impl Schema for OpenConfig {
    type Out = Map<String, Value>;

    fn read(&self, value: Option<&Value>, cx: &mut Cx) -> Option<Self::Out> {
        object((
            field("oauth_scopes_override", string().optional()),
            field(DEPRECATED_WEBHOOK_URL, webhook_url(&self.egress).optional()),
        ))
        .loose()
        .read(value, cx)?;
        value?.as_object().cloned()
    }
}

/// Moves a webhook target from the deprecated place to its own field, unless that field was sent.
fn hoist_webhook_url(mut input: SessionInput) -> SessionInput {
    let mut found = None;
    for (_, defaults) in input.defaults.iter_mut().flatten() {
        let Some(config) = &mut defaults.connection_config else { continue };
        let Some(url) = config.shift_remove(DEPRECATED_WEBHOOK_URL) else { continue };
        if config.is_empty() {
            defaults.connection_config = None;
        }
        found = found.or_else(|| url.as_str().filter(|url| !url.is_empty()).map(str::to_owned));
    }
    if let (UrlOverride::Keep, Some(url)) = (&input.webhook_url, found) {
        input.webhook_url = UrlOverride::Set(url);
    }
    input
}

#[cfg(test)]
mod tests {
    use dovetail_egress::EgressConfig;
    use serde_json::json;

    use super::*;

    fn read(body: Value) -> Result<SessionInput, Value> {
        let client = Client::new(EgressConfig::default()).unwrap();
        read_session(Some(&body), &client).map_err(|error| json!(error.issues()))
    }

    #[test]
    fn a_session_needs_a_person_or_tags() {
        assert_eq!(
            read(json!({})).unwrap_err(),
            json!([{"code": "invalid_type", "message": "Invalid input: expected object, received undefined", "path": ["end_user"]}])
        );
        assert_eq!(
            read(json!({"end_user": {}})).unwrap_err(),
            json!([{"code": "invalid_type", "message": "Invalid input: expected string, received undefined", "path": ["end_user", "id"]}])
        );
        assert!(read(json!({"tags": {}})).is_ok());
    }

    #[test]
    fn the_deprecated_webhook_target_moves_to_its_field() {
        let input = read(json!({
            "tags": {},
            "integrations_config_defaults": {
                "a": {"connection_config": {"webhook_url": ""}},
                "b": {"connection_config": {"webhook_url": "https://hooks.acme.test", "x": "1"}}
            }
        }))
        .unwrap();
        assert_eq!(input.webhook_url, UrlOverride::Set("https://hooks.acme.test".to_owned()));
        let defaults = input.defaults.unwrap();
        assert_eq!(defaults[0].1.connection_config, None);
        assert_eq!(json!(defaults[1].1.connection_config), json!({"x": "1"}));
    }

    #[test]
    fn an_explicit_target_wins_even_when_empty() {
        let with = |url: &str| {
            read(json!({
                "tags": {}, "webhook_url_override": url,
                "integrations_config_defaults": {"a": {"connection_config": {"webhook_url": "https://old.acme.test"}}}
            }))
            .unwrap()
            .webhook_url
        };
        assert_eq!(with(""), UrlOverride::Clear);
        assert_eq!(with("https://new.acme.test"), UrlOverride::Set("https://new.acme.test".to_owned()));
    }

    #[test]
    fn an_invalid_nested_target_is_reported_at_its_place() {
        let issues = read(json!({
            "tags": {}, "integrations_config_defaults": {"a": {"connection_config": {"webhook_url": "nope"}}}
        }))
        .unwrap_err();
        assert_eq!(
            issues[0]["path"],
            json!(["integrations_config_defaults", "a", "connection_config", "webhook_url"])
        );
    }
}
