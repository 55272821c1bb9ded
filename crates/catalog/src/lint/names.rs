//! The names a definition's own parts supply to its templates (providers.md 4.4).

use std::collections::HashSet;

use dovetail_model::AuthMode;

use crate::{definition::Provider, fields::base_field_names};

/// What scripts write into the connection config (providers.md section 10).
const SCRIPTS: &[(&str, &[&str])] = &[
    ("adobeUmapi", &["clientId"]),
    ("attio", &["workspace_id"]),
    ("basecamp", &["accounts", "accountId"]),
    ("calendly", &["organizationId"]),
    ("candis", &["organizationId"]),
    ("checkrPartner", &["accountHierarchyEnabled"]),
    ("docusign", &["baseUri", "accountId"]),
    ("githubAppOauth", &["handle"]),
    ("googleCalendar", &["emailAddressHash"]),
    ("googleMail", &["emailAddressHash"]),
    ("gusto", &["companyUuid"]),
    ("highlevel", &["companyId", "locationId"]),
    ("hubspot", &["portalId"]),
    ("jira", &["cloudId", "baseUrl", "accountId"]),
    ("atlassianGovernmentCloud", &["cloudId", "baseUrl", "accountId"]),
    ("atlassianServicAccount", &["cloudId", "baseUrl", "accountId"]),
    ("jobber", &["accountId"]),
    ("linear", &["organizationId"]),
    ("mailchimp", &["dc"]),
    ("microsoftTeams", &["tenantId"]),
    ("microsoftTeamsBot", &["botFrameworkAccessToken"]),
    ("onedrive", &["tenantId", "sharepointAccessToken"]),
    ("procore", &["companyId"]),
    ("sage200", &["company_id", "site_id"]),
    ("sellsy", &["corpid"]),
    ("snowflake", &["username"]),
    ("sophosCentral", &["tenantId", "dataRegion"]),
    ("workable", &["subdomain"]),
    ("xero", &["tenant_id"]),
    ("zoho", &["extension"]),
];

/// Names by group.
pub(super) struct Names<'a> {
    /// Of `connectionConfig.x`.
    config: HashSet<&'a str>,
    /// Of `credentials.x`, and flat.
    credentials: HashSet<&'a str>,
    /// Of `assertionOption.x`.
    assertion: HashSet<&'a str>,
    has_steps: bool,
}

impl<'a> Names<'a> {
    pub(super) fn of(provider: &'a Provider) -> Self {
        let mut config: HashSet<&str> = provider
            .connection_config
            .iter()
            .map(|(name, _)| name)
            .chain(provider.proxy.connection_config.iter().map(|(name, _)| name))
            .collect();
        for list in [
            &provider.redirect_uri_metadata,
            &provider.token_response_metadata,
            &provider.webhook_response_metadata,
            &provider.connection_configuration,
            &provider.refresh_token_response_metadata,
        ] {
            config.extend(list.iter().map(String::as_str));
        }
        let script = provider.post_connection().and_then(|name| name.strip_suffix("PostConnection"));
        if let Some((_, written)) = SCRIPTS.iter().find(|(name, _)| Some(*name) == script) {
            config.extend(written.iter().copied());
        }
        let mut credentials: HashSet<&str> = provider
            .credentials
            .iter()
            .chain(provider.integration_config.iter())
            .map(|(name, _)| name)
            .chain(base_field_names(provider))
            .chain(provider.token_response_headers.iter().map(String::as_str))
            .collect();
        let stored: &[&str] = match provider.auth_mode() {
            AuthMode::Oauth2
            | AuthMode::McpOauth2
            | AuthMode::McpOauth2Generic
            | AuthMode::App
            | AuthMode::Custom => &["access_token", "refresh_token", "expires_at"],
            AuthMode::Oauth1 => &["oauth_token", "oauth_token_secret"],
            AuthMode::InstallPlugin => &["username", "password"],
            AuthMode::AwsSigv4 => &["access_key_id", "secret_access_key", "session_token"],
            AuthMode::ApiKey | AuthMode::Basic | AuthMode::None => &[],
            AuthMode::Oauth2Cc
            | AuthMode::TwoStep
            | AuthMode::Jwt
            | AuthMode::Tba
            | AuthMode::Bill
            | AuthMode::Signature => &["token", "refresh_token", "assertion"],
        };
        credentials.extend(stored.iter().copied());
        if provider.token_response_headers.iter().any(|name| name.eq_ignore_ascii_case("set-cookie")) {
            credentials.insert("_cookies");
        }
        let assertion = provider.assertion_option.iter().map(|(name, _)| name).collect();
        Self { config, credentials, assertion, has_steps: !provider.additional_steps.is_empty() }
    }

    /// Whether something can give `name` a value. `flat` are the names of the place itself.
    pub(super) fn supply(&self, name: &str, flat: &[&str]) -> bool {
        // Dotted names may be keys with dots, or paths into a value: the beginning must be known.
        let known = |set: &HashSet<&str>, rest: &str| {
            set.contains(rest) || rest.match_indices('.').any(|(at, _)| set.contains(&rest[..at]))
        };
        if flat.contains(&name) {
            return true;
        }
        if let Some(rest) =
            name.strip_prefix("connectionConfig.").or_else(|| name.strip_prefix("connection_config."))
        {
            return known(&self.config, rest);
        }
        if let Some(rest) = name.strip_prefix("credentials.") {
            // Whatever the service answered.
            return known(&self.credentials, rest) || rest.starts_with("raw.");
        }
        if let Some(rest) = name.strip_prefix("assertionOption.") {
            return known(&self.assertion, rest);
        }
        let is_step = |name: &str| {
            name.strip_prefix("step").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
        };
        if is_step(name) {
            return self.has_steps;
        }
        name.starts_with("metadata.") || known(&self.credentials, name)
    }

    /// Names of this group, for a suggestion.
    pub(super) fn like(&self, name: &str) -> Option<String> {
        let (prefix, rest, set) = if let Some(rest) = name.strip_prefix("connectionConfig.") {
            ("connectionConfig.", rest, &self.config)
        } else if let Some(rest) = name.strip_prefix("credentials.") {
            ("credentials.", rest, &self.credentials)
        } else {
            ("", name, &self.credentials)
        };
        set.iter()
            .map(|known| (crate::catalog::slips_between(&rest.to_lowercase(), &known.to_lowercase()), *known))
            .min()
            .filter(|(slips, _)| *slips <= 2)
            .map(|(_, known)| format!("{prefix}{known}"))
    }
}
