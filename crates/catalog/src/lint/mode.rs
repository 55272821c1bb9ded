//! What each auth mode needs (providers.md section 7).

use dovetail_model::AuthMode;

use super::Rules;
use crate::definition::{ClientRegistration, Provider, SignatureProtocol};

pub(super) fn check(provider: &Provider, rules: &mut Rules) {
    let mode = provider.auth_mode();
    let mut need = |is_there: bool, key: &str, what: &str| {
        if !is_there {
            rules.add(
                &["auth_mode"],
                format!("{} needs `{key}`: {what}", mode.as_str()),
                format!("Add `{key}` from the provider's documentation."),
            );
        }
    };
    let has_token_url = provider.token_url.is_some();
    match mode {
        AuthMode::Oauth2 | AuthMode::McpOauth2 => {
            let outbound = provider.installation.is_some();
            need(
                provider.authorization_url.is_some() || outbound,
                "authorization_url",
                "where the end user is sent",
            );
            need(has_token_url, "token_url", "where the code is exchanged");
        }
        AuthMode::Oauth2Cc | AuthMode::TwoStep | AuthMode::App | AuthMode::Custom | AuthMode::Bill => {
            need(has_token_url, "token_url", "where the token comes from");
            if mode == AuthMode::TwoStep {
                need(provider.token_response.is_some(), "token_response", "where the token is in the answer");
                need(!provider.credentials.is_empty(), "credentials", "what the form asks for");
            }
        }
        AuthMode::Oauth1 => {
            need(provider.request_url.is_some(), "request_url", "where the request token comes from");
            need(provider.authorization_url.is_some(), "authorization_url", "where the end user is sent");
            need(has_token_url, "token_url", "where the access token comes from");
        }
        AuthMode::Jwt => {
            need(provider.token.is_some(), "token", "what is signed");
            need(provider.signature.is_some(), "signature", "how it is signed");
            need(!provider.credentials.is_empty(), "credentials", "what the form asks for");
        }
        AuthMode::Signature => {
            let wsse = provider.signature.as_ref().is_some_and(|s| s.protocol == SignatureProtocol::Wsse);
            need(wsse, "signature.protocol", "WSSE is the one there is");
        }
        AuthMode::ApiKey => key_is_sent(provider, rules),
        AuthMode::Basic
        | AuthMode::None
        | AuthMode::Tba
        | AuthMode::AwsSigv4
        | AuthMode::InstallPlugin
        | AuthMode::McpOauth2Generic => {}
    }
    if provider.client_registration == Some(ClientRegistration::Dynamic)
        && provider.registration_url.is_none()
    {
        rules.add(
            &["client_registration"],
            "dynamic registration needs `registration_url`",
            "Add the registration endpoint of the authorization server (RFC 7591).",
        );
    }
    if mode == AuthMode::None && provider.credentials.iter().any(|(_, rule)| !rule.automated) {
        rules.add(
            &["credentials"],
            "NONE asks for no credentials",
            "Remove them, or choose another `auth_mode`.",
        );
    }
}

/// The key must be somewhere in what is sent; else it is asked for in vain.
fn key_is_sent(provider: &Provider, rules: &mut Rules) {
    let proxy = &provider.proxy;
    // Where the integration says where the key goes, the definition does not.
    if !provider.integration_config.is_empty() || proxy.base_url.is_none() {
        return;
    }
    let is_key = |name: &str| {
        let name = name.strip_prefix("credentials.").unwrap_or(name);
        name == "apiKey" || provider.credentials.contains(name)
    };
    let body = proxy.body.as_ref().map(crate::template::Tree::templates).unwrap_or_default();
    let is_sent = proxy
        .base_url
        .iter()
        .chain(proxy.headers.iter().map(|(_, template)| template))
        .chain(proxy.query.iter().map(|(_, template)| template))
        .chain(body)
        .any(|template| template.names().into_iter().any(is_key));
    if !is_sent {
        rules.add(
            &["proxy"],
            "the key is asked for and never sent",
            "Put `${apiKey}` where the API expects it: `proxy.headers`, `proxy.query` or `proxy.body`.",
        );
    }
}
