//! Connections that wait for somebody at the provider: an owner who has to approve an app (auth-modes.md section 10), or
//! an installation that only the provider announces (section 4.5). What completes them is the provider's own, signed
//! word; an address that a browser brings never does.

use dovetail_catalog::capture_response;
use dovetail_catalog::template::sha256_hex;
use dovetail_model::{Credentials, IntegrationClient, Oauth2Credentials, Secret, SecretJson};
use serde_json::{Map, Value, json};

use crate::flow::{FlowError, FlowErrorKind, Progress};
use crate::modes::{custom, oauth2};
use crate::obtain::{ObtainError, Obtained, Party};

/// Key of the configuration: the connection waits.
pub const PENDING: &str = "pending";
/// Key of the configuration: the operation under which it was begun.
pub const PENDING_LOG: &str = "pendingLog";

/// Whether a connection with this configuration waits.
pub fn is_pending(config: &Map<String, Value>) -> bool {
    config.get(PENDING) == Some(&Value::Bool(true))
}

/// Credentials of a connection that has none yet.
pub fn no_credentials() -> Credentials {
    Credentials::Oauth2(Oauth2Credentials {
        access_token: Secret::default(),
        refresh_token: None,
        expires_at: None,
        raw: SecretJson::new(json!({})),
        config_override: None,
    })
}

/// Whether there is nothing in these credentials that a call could be made with.
pub fn is_empty(credentials: &Credentials) -> bool {
    matches!(credentials, Credentials::Oauth2(tokens) if tokens.access_token.is_empty())
}

/// What a provider of apps signs its webhooks with: everybody who knows the app's key can work it out, nobody else
/// (webhooks.md B5). `None` without an app.
pub fn app_webhook_secret(client: &IntegrationClient) -> Option<Secret> {
    match client {
        IntegrationClient::App { app_id, app_link, private_key }
        | IntegrationClient::Custom { app_id, app_link, private_key, .. } => {
            let text = format!("{app_id}{}{app_link}", private_key.expose());
            Some(Secret::new(sha256_hex(text.as_bytes())))
        }
        IntegrationClient::None | IntegrationClient::Oauth { .. } => None,
    }
}

/// The installation of an app that was approved: its token, beside the grant of the person who had asked for it.
pub async fn approve(
    party: Party<'_>,
    credentials: &Credentials,
    installation: &str,
) -> Result<Obtained, ObtainError> {
    let user = match credentials {
        Credentials::Oauth2(user) if !user.access_token.is_empty() => Some(user.clone()),
        Credentials::Custom(both) => both.user.clone(),
        _ => None,
    };
    custom::installed(party, installation, user).await
}

/// An installation that the provider announced with a code of its own. `event` is its signed message.
pub async fn install(party: Party<'_>, event: &Value, redirect_uri: &str) -> Result<Obtained, FlowError> {
    let provider = party.provider;
    let path = provider.authorization_code_param_in_webhook.as_deref().unwrap_or("code");
    let code = path.split('.').try_fold(event, |value, key| value.get(key)).and_then(Value::as_str);
    let code = code.filter(|code| !code.is_empty()).ok_or_else(|| {
        let message = format!("{} announced an installation without a code.", provider.display_name);
        FlowError::new(FlowErrorKind::Callback, message)
    })?;
    let mut config = party.connection_config.clone();
    // Some services say it at the top, some within what happened.
    for place in event.get("data").into_iter().chain([event]) {
        config.extend(capture_response(&provider.webhook_response_metadata, place));
    }
    if let Some(missing) = provider.webhook_response_metadata.iter().find(|name| !config.contains_key(*name))
    {
        let message = format!("{} announced an installation without `{missing}`.", provider.display_name);
        return Err(FlowError::new(FlowErrorKind::Callback, message));
    }
    let progress =
        Progress { redirect_uri: redirect_uri.to_owned(), config: config.clone(), ..Progress::default() };
    oauth2::redeem(Party { connection_config: &config, ..party }, &progress, code).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret(app_id: &str, key: &str, link: &str) -> String {
        let client = IntegrationClient::Custom {
            client_id: "c".to_owned(),
            client_secret: "s".into(),
            app_id: app_id.to_owned(),
            app_link: link.to_owned(),
            private_key: key.into(),
        };
        app_webhook_secret(&client).unwrap().expose().to_owned()
    }

    /// Vectors of auth-modes.md 28.1 and webhooks.md B7.
    #[test]
    fn the_webhook_secret_of_an_app_is_that_of_the_vectors() {
        let key = "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----";
        assert_eq!(
            secret("998877", key, "https://github.com/apps/dove-test"),
            "fefafe13589cf151cce842af931a2df4ccc351445a3efc1eeced35320d86a374"
        );
        let key = "-----BEGIN RSA PRIVATE KEY-----\nAAA\n-----END RSA PRIVATE KEY-----";
        assert_eq!(
            secret("4242", key, "https://github.com/apps/dovetail"),
            "3a936d7f5f89c3c4c9b775187a6e08d26afe9b5c2b604e047c2f2fc4baa804a0"
        );
    }

    #[test]
    fn only_true_is_pending() {
        let config = |value: Value| Map::from_iter([(PENDING.to_owned(), value)]);
        assert!(is_pending(&config(json!(true))));
        for other in [json!(false), json!("true"), json!(1), json!(null)] {
            assert!(!is_pending(&config(other)));
        }
        assert!(is_empty(&no_credentials()));
    }
}
