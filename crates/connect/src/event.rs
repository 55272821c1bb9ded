//! The `auth` webhook: what a product is told about a connection (webhooks.md A2.1).

use std::collections::BTreeMap;

use dovetail_model::{AuthMode, EndUser, Tags};
use serde::Serialize;
use serde_json::Value;

/// What happened to the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum AuthOperation {
    /// It was made.
    Creation,
    /// It was linked again.
    Override,
    /// Its credentials were refreshed or tested.
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

/// One `auth` event. Fields are in the order of the wire: sorted by name (webhooks.md A3).
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AuthEvent<'a> {
    /// Auth mode of the provider.
    pub auth_mode: AuthMode,
    /// Public id of the connection.
    pub connection_id: &'a str,
    /// The end user, when a connect session with one made the connection.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user: Option<EventEndUser<'a>>,
    /// Name of the environment.
    pub environment: &'a str,
    /// What went wrong, when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<EventError<'a>>,
    from: &'static str,
    /// What happened.
    pub operation: AuthOperation,
    /// Name of the provider.
    pub provider: &'a str,
    /// Key of the integration.
    pub provider_config_key: &'a str,
    /// Whether it succeeded.
    pub success: bool,
    /// The connection's tags; `None` when it has no row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<&'a Tags>,
    #[serde(rename = "type")]
    kind: &'static str,
}

/// The end user of an event; fields sorted by name.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EventEndUser<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    end_user_email: Option<&'a str>,
    end_user_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    organization_id: Option<&'a str>,
    tags: BTreeMap<&'a str, &'a str>,
}

/// The failure of an event.
#[derive(Clone, Debug, Serialize)]
pub struct EventError<'a> {
    /// A sentence.
    pub description: &'a str,
    /// A word for machines.
    #[serde(rename = "type")]
    pub kind: &'a str,
}

impl<'a> From<&'a EndUser> for EventEndUser<'a> {
    fn from(user: &'a EndUser) -> Self {
        Self {
            end_user_email: user.email.as_deref(),
            end_user_id: &user.id,
            organization_id: user.organization.as_ref().map(|organization| organization.id.as_str()),
            tags: user.tags.iter().flatten().map(|(key, value)| (key.as_str(), value.as_str())).collect(),
        }
    }
}

/// Where an event's connection lives.
#[derive(Clone, Copy, Debug)]
pub struct EventPlace<'a> {
    /// Name of the environment.
    pub environment: &'a str,
    /// Key of the integration.
    pub integration: &'a str,
    /// Name of the provider.
    pub provider: &'a str,
    /// Auth mode of the provider.
    pub auth_mode: AuthMode,
    /// Public id of the connection.
    pub connection_id: &'a str,
}

impl<'a> AuthEvent<'a> {
    /// A connection was made or linked again.
    pub fn linked(
        place: EventPlace<'a>,
        operation: AuthOperation,
        tags: &'a Tags,
        end_user: Option<&'a EndUser>,
    ) -> Self {
        Self::new(place, operation, Some(tags), end_user, None)
    }

    /// Something that was tried with a connection failed.
    pub fn failed(
        place: EventPlace<'a>,
        operation: AuthOperation,
        tags: Option<&'a Tags>,
        error: EventError<'a>,
    ) -> Self {
        Self::new(place, operation, tags, None, Some(error))
    }

    fn new(
        place: EventPlace<'a>,
        operation: AuthOperation,
        tags: Option<&'a Tags>,
        end_user: Option<&'a EndUser>,
        error: Option<EventError<'a>>,
    ) -> Self {
        Self {
            auth_mode: place.auth_mode,
            connection_id: place.connection_id,
            end_user: end_user.map(EventEndUser::from),
            environment: place.environment,
            success: error.is_none(),
            error,
            from: "nango",
            operation,
            provider: place.provider,
            provider_config_key: place.integration,
            tags,
            kind: "auth",
        }
    }

    /// The body as a JSON value.
    #[expect(
        clippy::expect_used,
        clippy::missing_panics_doc,
        reason = "plain structs with string keys always serialise"
    )]
    pub fn to_value(&self) -> Value {
        serde_json::to_value(self).expect("the event serialises")
    }
}

#[cfg(test)]
mod tests {
    use dovetail_model::Organization;

    use super::*;

    const PLACE: EventPlace<'_> = EventPlace {
        environment: "dev",
        integration: "github-demo",
        provider: "github",
        auth_mode: AuthMode::Oauth2,
        connection_id: "conn-42",
    };

    #[test]
    fn the_body_is_that_of_the_wire_example() {
        let tags = Tags::parse([("end_user_id", "u_7")]).unwrap();
        let event = AuthEvent::linked(PLACE, AuthOperation::Creation, &tags, None);
        assert_eq!(
            event.to_value().to_string(),
            r#"{"authMode":"OAUTH2","connectionId":"conn-42","environment":"dev","from":"nango","operation":"creation","provider":"github","providerConfigKey":"github-demo","success":true,"tags":{"end_user_id":"u_7"},"type":"auth"}"#
        );
    }

    #[test]
    fn an_end_user_is_named_without_empty_members() {
        let user = EndUser {
            id: "u".into(),
            display_name: Some("Pia".into()),
            email: None,
            tags: None,
            organization: Some(Organization { id: "o".into(), display_name: None }),
        };
        let event =
            AuthEvent::linked(PLACE, AuthOperation::Override, &Tags::default(), Some(&user)).to_value();
        assert_eq!(event["endUser"].to_string(), r#"{"endUserId":"u","organizationId":"o","tags":{}}"#);
    }

    #[test]
    fn a_failure_says_why() {
        let error = EventError { kind: "connection_test_failed", description: "Coda answered 401." };
        let event = AuthEvent::failed(PLACE, AuthOperation::Refresh, None, error).to_value();
        assert_eq!(event["success"], false);
        assert_eq!(
            event["error"].to_string(),
            r#"{"description":"Coda answered 401.","type":"connection_test_failed"}"#
        );
        assert_eq!(event.get("tags"), None);
    }
}
