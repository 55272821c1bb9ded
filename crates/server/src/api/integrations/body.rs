//! Bodies of the routes that write integrations.

use dovetail_model::{AuthMode, IntegrationClient, Secret};

use crate::actions::integrations::{Credentials, Draft, Patch};
use crate::limits::{INTEGRATION_CONFIG_CHARS, INTEGRATION_SECRET_CHARS, MAX_INTEGRATION_VALUES};
use crate::validate::{
    Schema, Tagged, boolean, field, literal, object, record, rules, string, tagged, variant,
};

/// The body of `POST /integrations`.
pub(super) fn draft() -> impl Schema<Out = Draft> {
    object((
        field("provider", rules::provider_name()),
        field("unique_key", rules::integration_key()),
        field("display_name", rules::display_name().optional()),
        field("forward_webhooks", boolean().optional()),
        field("credentials", credentials().optional()),
        field("integration_config", config().optional()),
        field("custom", free_values().optional()),
    ))
    .map(
        |(provider, unique_key, display_name, forward_webhooks, credentials, integration_config, custom)| {
            Draft {
                provider,
                unique_key,
                display_name,
                forward_webhooks: forward_webhooks.unwrap_or(true),
                credentials,
                integration_config,
                custom,
            }
        },
    )
}

/// The body of `PATCH /integrations/{uniqueKey}`.
pub(super) fn patch() -> impl Schema<Out = Patch> {
    object((
        field("unique_key", rules::integration_key().optional()),
        field("display_name", rules::display_name().optional()),
        field("credentials", credentials().optional()),
        field("forward_webhooks", boolean().optional()),
        field("integration_config", config().optional()),
        field("custom", free_values().optional()),
    ))
    .map(|(unique_key, display_name, credentials, forward_webhooks, integration_config, custom)| {
        Patch { unique_key, display_name, credentials, forward_webhooks, integration_config, custom }
    })
}

/// The body of `POST /integrations/quickstart`.
pub(super) fn quickstart() -> impl Schema<Out = Draft> {
    object((
        field("provider", rules::provider_name()),
        field("unique_key", rules::integration_key()),
        field("display_name", rules::display_name().optional()),
        field("forward_webhooks", boolean().optional()),
    ))
    .map(|(provider, unique_key, display_name, forward_webhooks)| Draft {
        provider,
        unique_key,
        display_name,
        forward_webhooks: forward_webhooks.unwrap_or(true),
        credentials: None,
        integration_config: None,
        custom: None,
    })
}

fn config() -> impl Schema<Out = Vec<(String, String)>> {
    record(string(), string().max(INTEGRATION_CONFIG_CHARS))
}

/// Free values, few and of bounded length: all are sealed and opened together.
fn free_values() -> impl Schema<Out = Vec<(String, String)>> {
    record(string().max(rules::MAX_NAME), string().max(INTEGRATION_SECRET_CHARS)).refine(|values, cx| {
        if values.len() > MAX_INTEGRATION_VALUES {
            cx.custom(format!("An integration has at most {MAX_INTEGRATION_VALUES} values"), &[]);
        }
    })
}

/// Credentials of an integration, tagged by `type`.
fn credentials() -> Tagged<Credentials> {
    tagged(
        "type",
        "invalid credentials object",
        vec![
            variant("OAUTH1", oauth("OAUTH1", AuthMode::Oauth1)),
            variant("OAUTH2", oauth("OAUTH2", AuthMode::Oauth2)),
            variant("TBA", oauth("TBA", AuthMode::Tba)),
            variant("APP", app()),
            variant("CUSTOM", custom()),
        ],
    )
}

fn oauth(tag: &'static str, mode: AuthMode) -> impl Schema<Out = Credentials> + Send + Sync {
    object((
        field("type", literal(tag)),
        field("client_id", string().min(1).max(255)),
        field("client_secret", string().min(1).max(INTEGRATION_SECRET_CHARS)),
        field("scopes", rules::oauth_scopes().optional()),
        field("webhook_secret", string().max(255).optional()),
    ))
    .map(move |((), client_id, client_secret, scopes, webhook_secret)| Credentials {
        mode,
        client: IntegrationClient::Oauth {
            client_id,
            client_secret: Secret::new(client_secret),
            scopes,
            webhook_secret: webhook_secret.map(Secret::new),
        },
    })
}

fn app() -> impl Schema<Out = Credentials> + Send + Sync {
    object((
        field("type", literal("APP")),
        field("app_id", string().min(1).max(255)),
        field("app_link", string().min(1).max(INTEGRATION_SECRET_CHARS)),
        field("private_key", rules::rsa_private_key().max(INTEGRATION_SECRET_CHARS)),
    ))
    .map(|((), app_id, app_link, private_key)| Credentials {
        mode: AuthMode::App,
        client: IntegrationClient::App { app_id, app_link, private_key: Secret::new(private_key) },
    })
}

fn custom() -> impl Schema<Out = Credentials> + Send + Sync {
    object((
        field("type", literal("CUSTOM")),
        field("client_id", string().min(1).max(255)),
        field("client_secret", string().min(1).max(INTEGRATION_SECRET_CHARS)),
        field("app_id", string().min(1).max(255)),
        field("app_link", string().min(1).max(INTEGRATION_SECRET_CHARS)),
        field("private_key", rules::rsa_private_key().max(INTEGRATION_SECRET_CHARS)),
    ))
    .map(|((), client_id, client_secret, app_id, app_link, private_key)| Credentials {
        mode: AuthMode::Custom,
        client: IntegrationClient::Custom {
            client_id,
            client_secret: Secret::new(client_secret),
            app_id,
            app_link,
            private_key: Secret::new(private_key),
        },
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// Vector 13.
    #[test]
    fn all_issues_of_a_body_are_reported_in_field_order() {
        let body = json!({"provider": "nope", "unique_key": "bad_é", "display_name": false, "credentials": {"type": "X"}});
        let issues = draft().check(Some(&body)).unwrap_err();
        assert_eq!(
            json!(issues),
            json!([
                {"code": "invalid_format", "message": "Invalid string: must match pattern /^[a-zA-Z0-9~:.@ _-]+$/", "path": ["unique_key"]},
                {"code": "invalid_type", "message": "Invalid input: expected string, received boolean", "path": ["display_name"]},
                {"code": "invalid_union", "message": "invalid credentials object", "path": ["credentials", "type"]},
            ])
        );
    }

    #[test]
    fn a_quickstart_body_takes_no_credentials() {
        let body = json!({"provider": "github", "unique_key": "gh", "credentials": {}});
        let issues = quickstart().check(Some(&body)).unwrap_err();
        assert_eq!(issues[0].message, "Unrecognized key: \"credentials\"");
    }
}
