//! The page on which a person consents. Every way it can end is a link.

use axum::body::Body;
use dovetail_catalog::Provider;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use url::Url;

use super::book::{Book, Consent};
use super::oauth1::verifier_of;
use crate::answer;
use crate::received::Received;

/// Names of the parameter with the redirect URI, without `_` and in lower case.
const REDIRECT: [&str; 3] = ["redirecturi", "redirecturl", "oauthcallback"];
/// Names of the parameter with the state.
const STATE: [&str; 3] = ["state", "payload", "customField"];

/// Shows who asks for what, and the links.
pub(crate) fn consent(book: &Book, provider: &Provider, request: &Received) -> Response<Body> {
    let pairs: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
    let value = |name: &str| pairs.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let target = pairs
        .iter()
        .find(|(key, _)| REDIRECT.contains(&key.replace('_', "").to_lowercase().as_str()))
        .and_then(|(_, value)| Url::parse(value).ok())
        .filter(|url| matches!(url.scheme(), "http" | "https"));
    let Some(target) = target else {
        return answer::error(
            StatusCode::BAD_REQUEST,
            "invalid_request",
            "The redirect URI is missing or no web address.",
        );
    };
    let state = STATE.iter().find_map(|name| Some((*name, value(name)?)));
    let back = |more: &[(&str, &str)]| {
        let mut url = target.clone();
        {
            let mut query = url.query_pairs_mut();
            for (name, value) in more {
                query.append_pair(name, value);
            }
            if let Some((name, state)) = &state {
                query.append_pair(name, state);
            }
        }
        url
    };
    let (allow, deny) = match value("oauth_token") {
        Some(token) => (
            back(&[("oauth_token", &token), ("oauth_verifier", &verifier_of(&token))]),
            back(&[("denied", &token)]),
        ),
        None => {
            let code = book.code(Consent {
                client_id: client_id(&pairs),
                redirect_uri: Some(redirect_uri(&pairs)),
                challenge: value("code_challenge"),
                scope: value("scope"),
            });
            let name = provider.authorization_code_param_in_callback.as_deref().unwrap_or("code");
            let mut more = vec![(name, code.as_str())];
            more.extend(provider.redirect_uri_metadata.iter().map(|name| (name.as_str(), "demo")));
            let denied = [("error", "access_denied"), ("error_description", "The user denied the request.")];
            (back(&more), back(&denied))
        }
    };
    let broken =
        back(&[("error", "server_error"), ("error_description", "The simulator was asked to fail.")]);
    html(provider, &value("scope").unwrap_or_default(), [&allow, &deny, &broken])
}

/// The redirect URI as it was sent: an exchange has to repeat it letter by letter.
fn redirect_uri(pairs: &[(String, String)]) -> String {
    pairs
        .iter()
        .find(|(key, _)| REDIRECT.contains(&key.replace('_', "").to_lowercase().as_str()))
        .map_or_else(String::new, |(_, value)| value.clone())
}

/// The client, also under the names that some providers have for it.
fn client_id(pairs: &[(String, String)]) -> Option<String> {
    pairs.iter().find(|(key, _)| key == "client_id").map(|(_, value)| value.clone())
}

/// One way on from a page.
pub(super) struct Way<'a> {
    pub(super) id: &'a str,
    pub(super) label: &'a str,
    pub(super) url: &'a Url,
}

/// A page with a question and some ways on.
pub(super) fn choice(host: &str, question: &str, ways: &[Way<'_>]) -> Response<Body> {
    let host = escape(host);
    let links: Vec<String> = ways
        .iter()
        .map(|way| {
            format!("<a id=\"{}\" href=\"{}\">{}</a>", way.id, escape(way.url.as_str()), escape(way.label))
        })
        .collect();
    let links = links.concat();
    let note = format!("Simulated {host}. Nothing here reaches {host}.");
    document(&host, &note, &format!("<h1>{}</h1><nav>{links}</nav>", escape(question)))
}

/// A whole page; its parts are HTML.
fn document(title: &str, note: &str, main: &str) -> Response<Body> {
    let body = format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <title>{title} (simulated)</title><style>{STYLE}</style>\
         <main><p class=\"note\">{note}</p>{main}</main></html>"
    );
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn html(provider: &Provider, scope: &str, [allow, deny, broken]: [&Url; 3]) -> Response<Body> {
    let name = escape(&provider.display_name);
    let scope = if scope.is_empty() { "nothing in particular".to_owned() } else { escape(scope) };
    let href = |url: &Url| escape(url.as_str());
    let note = format!("Simulated {name}. Nothing here reaches {name}.");
    let main = format!(
        "<h1>Allow access to your {name} account?</h1><p>Asked for: <code>{scope}</code></p>\
         <nav><a id=\"allow\" href=\"{}\">Allow</a><a id=\"deny\" href=\"{}\">Deny</a>\
         <a id=\"fail\" href=\"{}\">Fail with server_error</a></nav>",
        href(allow),
        href(deny),
        href(broken),
    );
    document(&name, &note, &main)
}

const STYLE: &str = ":root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}body{margin:0}\
    main{max-width:26rem;margin:3rem auto;padding:0 1.25rem}.note{font-size:.875rem;opacity:.75}\
    nav{display:grid;gap:.5rem;margin-top:1.5rem}a{padding:.625rem 1rem;border:1px solid;border-radius:8px;\
    text-align:center;text-decoration:none;color:inherit}#allow{background:#0b6b62;border-color:#0b6b62;color:#fff}\
    code{overflow-wrap:anywhere}";

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
