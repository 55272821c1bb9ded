//! The `auth` webhook: a connection came to be, came back, or stopped working
//! (webhooks.md A2.1).

use dovetail_model::{AuthMode, EndUser, Tags, WebhookSettings};
use serde_json::{Map, Value, json};

use crate::canonical::canonical;

/// What happened to the connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthOperation {
    /// It was linked for the first time, or the attempt to do so broke.
    Creation,
    /// It was linked again.
    Override,
    /// Its credentials could not be refreshed, or can be again.
    Refresh,
}

impl AuthOperation {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Creation => "creation",
            Self::Override => "override",
            Self::Refresh => "refresh",
        }
    }
}

/// Why an operation failed, as the receiver is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthFailure {
    /// A short kind, for instance `connection_validation_failed`.
    pub kind: String,
    /// A sentence for people, without secrets.
    pub description: String,
}

/// The facts of one `auth` webhook.
#[derive(Debug, Clone)]
pub struct AuthEvent<'a> {
    /// What happened.
    pub operation: AuthOperation,
    /// The connection's id, or the one that was attempted.
    pub connection_id: &'a str,
    /// The integration's id.
    pub provider_config_key: &'a str,
    /// The definition's id, `unknown` if not available.
    pub provider: &'a str,
    /// How the account is linked.
    pub auth_mode: AuthMode,
    /// The environment's name.
    pub environment: &'a str,
    /// None: it went well.
    pub failure: Option<AuthFailure>,
    /// The connection's tags; none at all if there is no connection.
    pub tags: Option<&'a Tags>,
    /// Of connections that came through a connect session with an end user.
    pub end_user: Option<&'a EndUser>,
}

impl AuthEvent<'_> {
    /// Whether the environment wants to hear of this (webhooks.md A1). Of refreshes the turns are
    /// told: the first failure, giving up, and that it works again; `override` has no switch.
    pub fn is_wanted(&self, settings: &WebhookSettings) -> bool {
        match self.operation {
            AuthOperation::Creation => settings.on_auth_creation,
            AuthOperation::Override => true,
            AuthOperation::Refresh => settings.on_auth_refresh_error,
        }
    }

    /// The body that is signed and sent.
    pub fn body(&self) -> String {
        let mut body = json!({
            "from": "nango",
            "type": "auth",
            "operation": self.operation.as_str(),
            "connectionId": self.connection_id,
            "providerConfigKey": self.provider_config_key,
            "provider": self.provider,
            "authMode": self.auth_mode.as_str(),
            "environment": self.environment,
            "success": self.failure.is_none(),
        });
        if let Some(tags) = self.tags {
            body["tags"] = json!(tags);
        }
        if let Some(end_user) = self.end_user {
            body["endUser"] = end_user_body(end_user);
        }
        if let Some(failure) = &self.failure {
            body["error"] = json!({ "type": failure.kind, "description": failure.description });
        }
        canonical(&body)
    }
}

fn end_user_body(end_user: &EndUser) -> Value {
    let mut body = Map::new();
    body.insert("endUserId".to_owned(), json!(end_user.id));
    if let Some(email) = &end_user.email {
        body.insert("endUserEmail".to_owned(), json!(email));
    }
    if let Some(organization) = &end_user.organization {
        body.insert("organizationId".to_owned(), json!(organization.id));
    }
    body.insert("tags".to_owned(), json!(end_user.tags.clone().unwrap_or_default()));
    Value::Object(body)
}

#[cfg(test)]
mod tests {
    use super::*;
    use dovetail_model::Organization;

    fn event(tags: &Tags) -> AuthEvent<'_> {
        AuthEvent {
            operation: AuthOperation::Creation,
            connection_id: "conn-42",
            provider_config_key: "github-demo",
            provider: "github",
            auth_mode: AuthMode::Oauth2,
            environment: "dev",
            failure: None,
            tags: Some(tags),
            end_user: None,
        }
    }

    #[test]
    fn a_creation_has_the_body_of_the_specification() {
        let tags = Tags::parse([("end_user_id", "u_7")]).unwrap();
        assert_eq!(
            event(&tags).body(),
            r#"{"authMode":"OAUTH2","connectionId":"conn-42","environment":"dev","from":"nango","operation":"creation","provider":"github","providerConfigKey":"github-demo","success":true,"tags":{"end_user_id":"u_7"},"type":"auth"}"#
        );
    }

    #[test]
    fn a_failure_names_its_kind_and_the_end_user() {
        let end_user = EndUser {
            id: "u".to_owned(),
            display_name: Some("Pia".to_owned()),
            email: Some("p@example.com".to_owned()),
            tags: None,
            organization: Some(Organization { id: "o".to_owned(), display_name: None }),
        };
        let tags = Tags::default();
        let failed = AuthEvent {
            operation: AuthOperation::Refresh,
            failure: Some(AuthFailure {
                kind: "connection_test_failed".to_owned(),
                description: "No.".to_owned(),
            }),
            tags: None,
            end_user: Some(&end_user),
            ..event(&tags)
        };
        assert_eq!(
            failed.body(),
            r#"{"authMode":"OAUTH2","connectionId":"conn-42","endUser":{"endUserEmail":"p@example.com","endUserId":"u","organizationId":"o","tags":{}},"environment":"dev","error":{"description":"No.","type":"connection_test_failed"},"from":"nango","operation":"refresh","provider":"github","providerConfigKey":"github-demo","success":false,"type":"auth"}"#
        );
    }

    #[test]
    fn switches_decide_what_is_told() {
        let tags = Tags::default();
        let all = WebhookSettings::for_new_environment();
        let none = WebhookSettings::default();
        let creation = event(&tags);
        let again = AuthEvent { operation: AuthOperation::Override, ..event(&tags) };
        let failure = Some(AuthFailure { kind: "unknown".to_owned(), description: String::new() });
        let refreshed = AuthEvent { operation: AuthOperation::Refresh, ..event(&tags) };
        let broken = AuthEvent { failure, ..refreshed.clone() };
        let wanted = |event: &AuthEvent<'_>| (event.is_wanted(&all), event.is_wanted(&none));
        assert_eq!(wanted(&creation), (true, false));
        assert_eq!(wanted(&again), (true, true));
        assert_eq!(wanted(&refreshed), (true, false));
        assert_eq!(wanted(&broken), (true, false));
    }
}
