//! Bodies of the routes that write integrations.

use dovetail_model::{AuthMode, IntegrationClient, Secret};

use crate::actions::integrations::{Credentials, Draft, Patch};
use crate::validate::{
    Schema, Tagged, boolean, field, literal, object, record, rules, string, tagged, variant,
};

/// Most characters of one value of `integration_config` (spec: http-api.md 2.5).
const MAX_CONFIG_VALUE: usize = 8192;

/// The body of `POST /integrations`.
pub(super) fn draft() -> impl Schema<Out = Draft> {
    object((
        field("provider", rules::provider_name()),
        field("unique_key", rules::integration_key()),
        field("display_name", rules::display_name().optional()),
        field("forward_webhooks", boolean().optional()),
        field("credentials", credentials().optional()),
        field("integration_config", config().optional()),
        field("custom", record(string(), string()).optional()),
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
        field("custom", record(string(), string()).optional()),
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
    record(string(), string().max(MAX_CONFIG_VALUE))
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
        field("client_secret", string().min(1)),
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
        field("app_link", string().min(1)),
        field("private_key", rules::rsa_private_key()),
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
        field("client_secret", string().min(1)),
        field("app_id", string().min(1).max(255)),
        field("app_link", string().min(1)),
        field("private_key", rules::rsa_private_key()),
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
