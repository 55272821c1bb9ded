//! The token endpoint (RFC 6749 section 5).

use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::template::sha256_hex;
use dovetail_catalog::{BodyFormat, Provider, TokenCall, TokenProof};
use dovetail_model::{AuthMode, Timestamp};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Map, Value, json};

use super::book::{Book, Consent, Refusal};
use super::param;
use crate::answer::json_response;
use crate::demo::{ACCESS_TOKEN, Demo, SESSION};
use crate::limits::TOKEN_SECONDS;
use crate::received::Received;

/// Gives tokens for a code, a refresh token, or a client's own credentials.
pub(crate) fn answer(book: &Book, provider: &Provider, request: &Received, now: Timestamp) -> Response<Body> {
    if provider.auth_mode() == AuthMode::Bill {
        return login(provider, request);
    }
    let param = |request: &Received, name: &str| own_param(provider, request, name);
    let grant = param(request, "grant_type").unwrap_or_default();
    let name = provider.authorization_code_param_in_callback.as_deref();
    let code =
        param(request, "code").or_else(|| param(request, "auth_code")).or_else(|| param(request, name?));
    let sent_refresh = param(request, "refresh_token");
    let is_refresh = code.is_none() && sent_refresh.is_some();
    let refresh = match (code, sent_refresh) {
        (Some(code), _) if grant != "refresh_token" => match exchange(book, provider, request, &code) {
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
    let call = provider.token_client.as_ref().map(|special| {
        if grant == "refresh_token" || is_refresh { special.refresh() } else { &special.exchange }
    });
    let call = call.map(|call| following(call, request));
    let body = body(book, provider, refresh);
    let Some(call) = call else { return json_response(StatusCode::OK, &body) };
    let body = shaped(body, call, now);
    if call.body_format == Some(BodyFormat::Xml) {
        return xml(&body);
    }
    json_response(StatusCode::OK, &body)
}

/// The call that this request is: the one that follows, at its own address.
fn following<'a>(call: &'a TokenCall, request: &Received) -> &'a TokenCall {
    let next = call.then.as_deref();
    let path =
        |next: &&TokenCall| next.url.as_ref().is_some_and(|url| url.source().ends_with(request.url.path()));
    next.filter(path).unwrap_or(call)
}

/// A parameter under the name that this endpoint has for it.
fn own_param(provider: &Provider, request: &Received, name: &str) -> Option<String> {
    let special = provider.token_client.as_ref();
    let calls = special.into_iter().flat_map(|special| [&special.exchange, special.refresh()]);
    let renamed = calls.filter_map(|call| call.names.get(name)).find(|renamed| !renamed.is_empty());
    param(request, name).or_else(|| param(request, renamed?))
}

/// The answer under the names that this endpoint has for its members.
fn shaped(body: Value, call: &TokenCall, now: Timestamp) -> Value {
    let Value::Object(mut body) = body else { return body };
    let shape = &call.answer;
    for (name, value) in shape.success.iter() {
        body.insert(name.to_owned(), value.as_str().into());
    }
    if shape.keeps_token {
        body.shift_remove("access_token");
        body.shift_remove("refresh_token");
        return Value::Object(body);
    }
    if shape.names.contains("expires_at") {
        let end = now.0.saturating_add(i64::try_from(TOKEN_SECONDS * 1_000).unwrap_or(0));
        body.shift_remove("expires_in");
        body.insert("expires_at".to_owned(), Timestamp(end).iso_z().into());
    }
    let renamed = |(name, value): (String, Value)| (shape.names.get(&name).cloned().unwrap_or(name), value);
    let body: Map<String, Value> = body.into_iter().map(renamed).collect();
    match &shape.below {
        None => Value::Object(body),
        Some(path) => Value::Object(nested(path, Value::Object(body))),
    }
}

/// An answer as a document of elements.
fn xml(body: &Value) -> Response<Body> {
    fn write(value: &Value, out: &mut String) {
        match value {
            Value::Object(members) => {
                for (name, value) in members {
                    out.push_str(&format!("<{name}>"));
                    write(value, out);
                    out.push_str(&format!("</{name}>"));
                }
            }
            Value::String(text) => out.push_str(text),
            other => out.push_str(&other.to_string()),
        }
    }
    let mut text = "<?xml version=\"1.0\"?>".to_owned();
    write(body, &mut text);
    let mut response = Response::new(Body::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
    response
}

/// A login that opens a session (BILL).
fn login(provider: &Provider, request: &Received) -> Response<Body> {
    let demo = Demo::of(provider);
    let right = [
        ("username", "username"),
        ("password", "password"),
        ("organizationId", "organization_id"),
        ("devKey", "dev_key"),
    ]
    .iter()
    .all(|(sent, known)| param(request, sent).as_deref() == Some(demo.text(known)));
    if !right {
        return refused(("invalid_client", "The login is not that of the demo."));
    }
    let body =
        json!({"sessionId": SESSION, "organizationId": demo.text("organization_id"), "userId": "demo-user"});
    json_response(StatusCode::OK, &body)
}

type Refused = (&'static str, &'static str);

/// Checks a code against the consent that it stands for.
fn exchange(book: &Book, provider: &Provider, request: &Received, code: &str) -> Result<String, Refused> {
    let param = |request: &Received, name: &str| own_param(provider, request, name);
    let consent = book.consent(code).ok_or(("invalid_grant", "The code is not known."))?;
    let Consent { client_id, redirect_uri, challenge, .. } = consent;
    let sent = param(request, "redirect_uri");
    if sent.is_some() && sent != redirect_uri {
        return Err(("invalid_grant", "`redirect_uri` is not that of the authorization."));
    }
    let client = client(provider, request);
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
fn client(provider: &Provider, request: &Received) -> Option<String> {
    own_param(provider, request, "client_id").or_else(|| {
        // Where the secret is the user, the client is not named.
        let by_secret = provider.token_client.as_ref().and_then(|special| special.exchange.client);
        if by_secret == Some(TokenProof::Secret) {
            return None;
        }
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
