//! The authorization URL (auth-modes.md 4.1).

use aws_lc_rs::digest;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dovetail_catalog::template::{Context, Mode};
use dovetail_catalog::{Provider, SkipEncode};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::Value;
use url::Url;
use url::form_urlencoded::Serializer;

use crate::obtain::ObtainError;
use crate::token_request::{render_params, render_url};

/// What the URL is made from.
#[derive(Clone, Copy)]
pub(crate) struct AuthorizationUrl<'a> {
    pub(crate) provider: &'a Provider,
    pub(crate) context: &'a Context<'a>,
    pub(crate) client_id: &'a str,
    pub(crate) redirect_uri: &'a str,
    pub(crate) scopes: &'a [String],
    pub(crate) state: &'a str,
    /// PKCE challenge; `None` where the definition forbids it.
    pub(crate) challenge: Option<&'a str>,
    pub(crate) user_scopes: Option<&'a str>,
    /// Of the request or the session; `None` takes a parameter away.
    pub(crate) params: &'a [(String, Option<String>)],
}

/// Parameters that are the protocol's: no request may set them (auth-modes.md 3.1).
const RESERVED: [&str; 9] = [
    "response_type",
    "client_id",
    "redirect_uri",
    "state",
    "scope",
    "code_challenge",
    "code_challenge_method",
    "request",
    "request_uri",
];

/// Response modes whose answer reaches the callback: a fragment does not.
const RESPONSE_MODES: [&str; 2] = ["query", "form_post"];

/// The provider whose authorization asks for scopes of the user beside those of the app.
const WITH_USER_SCOPES: &str = "slack";

/// What may stand in a query as it is, when the definition says that scopes are not encoded.
const RAW: &AsciiSet = &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'&').add(b'<').add(b'>').add(b'`');

/// Parameters in order; setting one that is there replaces it in place.
#[derive(Default)]
struct Params(Vec<(String, String)>);

impl Params {
    fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.0.iter_mut().find(|(key, _)| key == name) {
            Some(pair) => pair.1 = value,
            None => self.0.push((name.to_owned(), value)),
        }
    }

    fn remove(&mut self, name: &str) {
        self.0.retain(|(key, _)| key != name);
    }
}

/// The URL that the browser is sent to.
pub(crate) fn authorization_url(ask: &AuthorizationUrl<'_>) -> Result<Url, ObtainError> {
    let provider = ask.provider;
    let missing = || ObtainError::Unbuildable("the definition has no authorization URL".to_owned());
    let base = render_url(provider.authorization_url.as_ref().ok_or_else(missing)?, ask.context)?;
    let mut params = Params::default();
    for (name, value) in base.query_pairs() {
        params.set(&name, value.into_owned());
    }
    params.set("response_type", "code");
    params.set("client_id", ask.client_id);
    params.set("redirect_uri", ask.redirect_uri);
    let separator = provider.scope_separator.as_deref().unwrap_or(" ");
    params.set("scope", ask.scopes.join(separator));
    params.set("state", ask.state);
    for (name, value) in render_params(&provider.authorization_params, Mode::Tree, ask.context)? {
        params.set(&name, text(&value));
    }
    // A definition may add parameters, but never move these.
    params.set("redirect_uri", ask.redirect_uri);
    params.set("state", ask.state);
    if let Some(challenge) = ask.challenge {
        params.set("code_challenge", challenge);
        params.set("code_challenge_method", "S256");
    }
    if let Some(scopes) = ask.user_scopes.filter(|_| provider.id() == WITH_USER_SCOPES) {
        params.set("user_scope", scopes);
    }
    for (name, value) in ask.params {
        let foreign_mode =
            name == "response_mode" && value.as_deref().is_some_and(|mode| !RESPONSE_MODES.contains(&mode));
        if RESERVED.contains(&name.as_str()) || foreign_mode {
            continue;
        }
        match value {
            Some(value) => params.set(name, value.as_str()),
            None => params.remove(name),
        }
    }
    finish(provider, &base, params, ask.scopes, separator)
}

fn finish(
    provider: &Provider,
    base: &Url,
    mut params: Params,
    scopes: &[String],
    separator: &str,
) -> Result<Url, ObtainError> {
    if provider.authorization_url_skip_empty {
        params.0.retain(|(_, value)| !value.is_empty());
    }
    let raw_scopes = provider.authorization_url_skip_encode.contains(&SkipEncode::Scopes);
    if raw_scopes {
        params.remove("scope");
    }
    for (old, new) in provider.authorization_url_replacements.iter() {
        let (old, new) = (old.trim_end_matches('='), new.trim_end_matches('='));
        if new.is_empty() {
            params.remove(old);
        } else if let Some(pair) = params.0.iter_mut().find(|(name, _)| name == old) {
            new.clone_into(&mut pair.0);
        }
    }
    let mut query = Serializer::new(String::new()).extend_pairs(&params.0).finish();
    if raw_scopes {
        let joined =
            scopes.iter().map(|scope| utf8_percent_encode(scope, RAW).to_string()).collect::<Vec<_>>();
        query.push_str("&scope=");
        query.push_str(&joined.join(&utf8_percent_encode(separator, RAW).to_string()));
    }
    let mut url = base.clone();
    match &provider.authorization_url_fragment {
        // The provider's page reads its parameters behind the fragment's sign.
        Some(fragment) => {
            url.set_query(None);
            url.set_fragment(Some(&format!("{fragment}?{query}")));
        }
        None => {
            url.set_query(Some(&query));
            url.set_fragment(None);
        }
    }
    Ok(url)
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
pub(crate) fn pkce_challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(digest::digest(&digest::SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_of_pkce_holds() {
        assert_eq!(
            pkce_challenge("6d0c1f7a9be24488c2a35e1190f4d7761b3a5c8e2f40d917"),
            "XiQqV3BGEGHRXl5nfxJP9BDdNC6QAm1VjnOi9z1DGZk"
        );
    }
}
