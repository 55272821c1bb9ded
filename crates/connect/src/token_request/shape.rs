//! What a definition says of a token endpoint that departs from RFC 6749 (`token_client`; auth-modes.md 4.4).

use aws_lc_rs::hmac;
use dovetail_catalog::template::{Context, Mode};
use dovetail_catalog::{BodyFormat, TokenCall, TokenProof, TokenShape, TokenSign};
use dovetail_model::Timestamp;
use serde_json::{Map, Value};

use super::{
    ClientAuth, SigningKey, TokenAnswer, TokenRequest, Values, render_headers, render_params, render_url,
    sign_jwt,
};
use crate::limits::CLIENT_ASSERTION_LIFETIME;
use crate::obtain::{ObtainError, Party};

/// Characters of a secret that are `clientSecretStart`.
const SECRET_START: usize = 20;

/// How a request departs from the standard, and whose it is.
#[derive(Clone, Copy)]
pub(super) struct Shape<'a> {
    pub(super) call: &'a TokenCall,
    client: Client<'a>,
}

/// The client whose request is shaped.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) id: &'a str,
    pub(crate) secret: &'a str,
}

/// A request as the definition wants it, ready to be sent.
fn shaped<'a>(
    mut request: TokenRequest<'a>,
    call: &'a TokenCall,
    client: Client<'a>,
    context: &Context<'_>,
    now: Timestamp,
) -> Result<TokenRequest<'a>, ObtainError> {
    if let Some(method) = call.method {
        request.method = method;
    }
    if let Some(format) = call.body_format {
        request.format = format;
    }
    request.params.extend(render_params(&call.params, Mode::Tree, context)?);
    for (name, value) in render_headers(&call.headers, Mode::Tree, context)? {
        request.headers.retain(|(known, _)| *known != name);
        request.headers.push((name, value));
    }
    request.auth = match call.client {
        None => request.auth,
        Some(TokenProof::None) => ClientAuth::None,
        Some(TokenProof::Public) => ClientAuth::Public { id: client.id },
        Some(TokenProof::Body) => ClientAuth::Body { id: client.id, secret: client.secret },
        Some(TokenProof::Basic) => ClientAuth::Basic { id: client.id, secret: client.secret },
        Some(TokenProof::Secret) => ClientAuth::Basic { id: client.secret, secret: "" },
    };
    if !call.assertion.is_empty() {
        request.auth = ClientAuth::None;
        request.set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
        request.set("client_assertion", assertion(call, client, context, now)?);
    }
    request.secrets.push(client.secret.to_owned());
    request.shape = Some(Shape { call, client });
    Ok(request)
}

fn assertion(
    call: &TokenCall,
    client: Client<'_>,
    context: &Context<'_>,
    now: Timestamp,
) -> Result<String, ObtainError> {
    let mut claims = Map::new();
    for (name, template) in call.assertion.iter() {
        let value = template.render(Mode::Tree, context);
        if let Some(missing) = value.missing.first() {
            return Err(ObtainError::Unbuildable(format!("`{missing}` of the claim `{name}` has no value")));
        }
        claims.insert(name.to_owned(), value.text.into());
    }
    let seconds = now.millis().div_euclid(1_000);
    let life = i64::try_from(CLIENT_ASSERTION_LIFETIME.as_secs()).unwrap_or(i64::MAX);
    claims.insert("exp".to_owned(), seconds.saturating_add(life).into());
    sign_jwt(&SigningKey::parse(client.secret)?, Map::new(), &Value::Object(claims))
}

/// The last step before a request is sent, when the client's proof is among its parameters.
pub(super) fn finish(request: &mut TokenRequest<'_>, call: &TokenCall) {
    let copied: Vec<(String, String)> = call
        .query
        .iter()
        .filter_map(|name| Some((name.clone(), request.params.get(name)?.as_str()?.to_owned())))
        .collect();
    if !copied.is_empty() {
        request.url.query_pairs_mut().extend_pairs(copied);
    }
    if !call.names.is_empty() {
        let params = std::mem::take(&mut request.params);
        request.params = params
            .into_iter()
            .filter_map(|(name, value)| match call.names.get(&name).map(String::as_str) {
                None => Some((name, value)),
                Some("") => None,
                Some(renamed) => Some((renamed.to_owned(), value)),
            })
            .collect();
    }
}

/// Headers that sign the body as it is sent.
pub(super) fn signature(shape: Shape<'_>, body: &[u8], now: Timestamp) -> Vec<(&'static str, String)> {
    let Some(TokenSign::BodyAndTime) = shape.call.sign else { return Vec::new() };
    let time = now.millis().to_string();
    let key = hmac::Key::new(hmac::HMAC_SHA256, shape.client.secret.as_bytes());
    let tag = hmac::sign(&key, &[body, time.as_bytes()].concat());
    vec![("appkey", shape.client.id.to_owned()), ("timestamp", time), ("sign", hex::encode(tag))]
}

/// The answer under the names of the standard, beside its own.
fn read(mut answer: TokenAnswer, call: &TokenCall) -> Result<TokenAnswer, ObtainError> {
    let TokenShape { below, names, success, keeps_token: _ } = &call.answer;
    for (name, wanted) in success.iter() {
        let said = answer.body.get(name);
        if said.and_then(Value::as_str) != Some(wanted) {
            return Err(answer.denial());
        }
    }
    if let Some(refusal) = answer.refusal() {
        return Err(refusal);
    }
    let inner = match below {
        None => Some(&answer.body),
        Some(path) => path.split('.').try_fold(&answer.body, |value, key| value.get(key)),
    };
    let Some(inner) = inner.and_then(Value::as_object).cloned() else { return Err(answer.denial()) };
    let Some(body) = answer.body.as_object_mut() else { return Err(answer.denial()) };
    for standard in STANDARD {
        let own = names.get(standard).map_or(standard, String::as_str);
        if let Some(value) =
            own.split('.').try_fold(&Value::Object(inner.clone()), |value, key| value.get(key))
        {
            body.insert(standard.to_owned(), value.clone());
        }
    }
    if let Some(seconds) = call.expires_in {
        body.shift_remove("expires_at");
        body.insert("expires_in".to_owned(), seconds.into());
    }
    Ok(answer)
}

/// What a token answer is read for.
const STANDARD: [&str; 4] = ["access_token", "refresh_token", "expires_at", "expires_in"];

/// Sends a request as the definition wants it, and what follows it. Answers all under the names of the standard.
/// `facts` are names that the call's templates know besides the connection's configuration.
pub(crate) async fn ask<'a>(
    party: &Party<'_>,
    client: Client<'a>,
    call: &'a TokenCall,
    request: TokenRequest<'a>,
    mut facts: Map<String, Value>,
) -> Result<TokenAnswer, ObtainError> {
    let values = Values::of(party);
    facts.insert("clientId".to_owned(), client.id.into());
    facts.insert("clientSecret".to_owned(), client.secret.into());
    let start: String = client.secret.chars().take(SECRET_START).collect();
    facts.insert("clientSecretStart".to_owned(), start.into());
    let context = values.context(party.connection_config).flat(&facts);
    let request = shaped(request, call, client, &context, party.now)?;
    let mut answer = read(request.send(party).await?, call)?;
    let Some(next) = call.then.as_deref() else { return Ok(answer) };
    match follow(party, client, next, &answer, facts.clone()).await {
        Ok(second) => {
            if let (Some(first), Value::Object(second)) = (answer.body.as_object_mut(), second.body) {
                if second.contains_key("expires_in") {
                    first.shift_remove("expires_at");
                }
                first.extend(second);
            }
            Ok(answer)
        }
        Err(error) if next.optional => {
            tracing::debug!(connection = party.connection_id, %error, "the second token request failed");
            Ok(answer)
        }
        Err(error) => Err(error),
    }
}

/// The call that follows another one.
async fn follow(
    party: &Party<'_>,
    client: Client<'_>,
    call: &TokenCall,
    answer: &TokenAnswer,
    mut facts: Map<String, Value>,
) -> Result<TokenAnswer, ObtainError> {
    if let Some(token) = answer.body.get("access_token") {
        facts.insert("accessToken".to_owned(), token.clone());
    }
    let values = Values::of(party);
    let context = values.context(party.connection_config).flat(&facts);
    let url = call.url.as_ref().ok_or_else(|| {
        ObtainError::Unbuildable("the definition does not say where the second call goes".to_owned())
    })?;
    let request = TokenRequest::post(render_url(url, &context)?, BodyFormat::Form);
    let request = shaped(request, call, client, &context, party.now)?;
    read(request.send(party).await?, call)
}
