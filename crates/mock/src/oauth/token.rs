//! The token endpoint (RFC 6749 section 5).

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::Provider;
use dovetail_catalog::template::sha256_hex;
use http::{Response, StatusCode};
use serde_json::{Map, Value, json};

use super::book::{Book, Consent, Refusal};
use super::param;
use crate::answer::json_response;
use crate::demo::{ACCESS_TOKEN, Demo};
use crate::limits::TOKEN_SECONDS;
use crate::received::Received;

/// Gives tokens for a code, a refresh token, or a client's own credentials.
pub(crate) fn answer(book: &Book, provider: &Provider, request: &Received) -> Response<Body> {
    let grant = param(request, "grant_type").unwrap_or_default();
    let name = provider.authorization_code_param_in_callback.as_deref();
    let code =
        param(request, "code").or_else(|| param(request, "auth_code")).or_else(|| param(request, name?));
    let refresh = match (code, param(request, "refresh_token")) {
        (Some(code), _) if grant != "refresh_token" => match exchange(book, request, &code) {
            Ok(refresh) => Some(refresh),
            Err(refusal) => return refused(refusal),
        },
        (_, Some(token)) => match book.redeem(&token) {
            Ok(refresh) => Some(refresh),
            Err(Refusal::Unknown) => return refused(("invalid_grant", "The refresh token is not known.")),
            Err(Refusal::Reused) => {
                return refused((
                    "invalid_grant",
                    "The refresh token was used before. Its family is revoked.",
                ));
            }
        },
        (_, None) if grant == "authorization_code" => {
            return refused(("invalid_request", "`code` is missing."));
        }
        (_, None) if grant == "refresh_token" => {
            return refused(("invalid_request", "`refresh_token` is missing."));
        }
        // Client credentials, assertions and logins: whoever asks gets a token.
        _ => None,
    };
    json_response(StatusCode::OK, &body(book, provider, refresh))
}

type Refused = (&'static str, &'static str);

/// Checks a code against the consent that it stands for.
fn exchange(book: &Book, request: &Received, code: &str) -> Result<String, Refused> {
    let consent = book.consent(code).ok_or(("invalid_grant", "The code is not known."))?;
    let Consent { client_id, redirect_uri, challenge, .. } = consent;
    let sent = param(request, "redirect_uri");
    if sent.is_some() && sent != redirect_uri {
        return Err(("invalid_grant", "`redirect_uri` is not that of the authorization."));
    }
    let client = client(request);
    if client.is_some() && client_id.is_some() && client != client_id {
        return Err(("invalid_client", "The code was given to another client."));
    }
    let verifier = param(request, "code_verifier");
    if challenge.is_some() && verifier.as_deref().map(s256) != challenge {
        return Err(("invalid_grant", "`code_verifier` does not fit the challenge."));
    }
    book.redeem(code).map_err(|_| ("invalid_grant", "The code was used before. What came of it is revoked."))
}

/// The client that asks: a parameter, or the user of a Basic header.
fn client(request: &Received) -> Option<String> {
    param(request, "client_id").or_else(|| {
        let encoded = request.header("authorization")?.strip_prefix("Basic ")?;
        let pair = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
        let id = pair.split(':').next()?;
        // The pair may be form-encoded (RFC 6749 section 2.3.1).
        let spaced = id.replace('+', " ");
        percent_encoding::percent_decode_str(&spaced).decode_utf8().ok().map(|text| text.into_owned())
    })
}

/// S256 of a verifier (RFC 7636 section 4.2).
fn s256(verifier: &str) -> String {
    let bytes: Vec<u8> = sha256_hex(verifier.as_bytes())
        .as_bytes()
        .chunks(2)
        .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect();
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(bytes)
}

/// The answer in the provider's shape.
fn body(book: &Book, provider: &Provider, refresh: Option<String>) -> Value {
    let mut tokens = Map::new();
    tokens.insert("access_token".to_owned(), book.number(ACCESS_TOKEN).into());
    tokens.insert("token_type".to_owned(), "Bearer".into());
    tokens.insert("expires_in".to_owned(), TOKEN_SECONDS.into());
    if let Some(refresh) = refresh {
        tokens.insert("refresh_token".to_owned(), refresh.into());
    }
    let mut answer = match provider.alternate_access_token_response_path.as_deref() {
        Some(path) => nested(path, Value::Object(tokens)),
        None => tokens,
    };
    answer.insert("ok".to_owned(), true.into());
    let demo = Demo::of(provider);
    for name in &provider.token_response_metadata {
        let known = demo.connection_config.get(name).cloned();
        let value = known.unwrap_or_else(|| json!("demo"));
        let (first, rest) = name.split_once('.').unwrap_or((name, ""));
        let value = if rest.is_empty() { value } else { Value::Object(nested(rest, value)) };
        answer.entry(first).or_insert(value);
    }
    Value::Object(answer)
}

fn nested(path: &str, leaf: Value) -> Map<String, Value> {
    let mut parts = path.rsplit('.');
    let mut map = Map::new();
    map.insert(parts.next().unwrap_or_default().to_owned(), leaf);
    parts.fold(map, |inner, name| Map::from_iter([(name.to_owned(), Value::Object(inner))]))
}

fn refused((code, description): Refused) -> Response<Body> {
    let status = if code == "invalid_client" { StatusCode::UNAUTHORIZED } else { StatusCode::BAD_REQUEST };
    json_response(status, &json!({ "error": code, "error_description": description }))
}
