//! The JWT that a definition's `signature` and `token` blocks describe (auth-modes.md section 14).

use dovetail_catalog::template::{Context, Leaf, Mode, Moment, Template, Tree};
use dovetail_catalog::{HmacEncoding, Provider, SignatureProtocol, TokenJwt};
use dovetail_model::{Random, Timestamp};
use serde_json::{Map, Value};

use crate::obtain::ObtainError;
use crate::token_request::{SigningKey, sign_jwt};

/// A signed token.
pub(crate) struct SignedToken {
    /// `header.payload.signature`.
    pub(crate) token: String,
    /// When it expires.
    pub(crate) expires_at: Timestamp,
}

/// Signs the definition's token from the submitted `fields`.
pub(crate) fn signed_token(
    provider: &Provider,
    fields: &Map<String, Value>,
    connection_config: &Map<String, Value>,
    now: Timestamp,
    random: &dyn Random,
) -> Result<SignedToken, ObtainError> {
    let unbuildable = |text: &str| ObtainError::Unbuildable(text.to_owned());
    let token = provider.token.as_ref().ok_or_else(|| unbuildable("the definition describes no token"))?;
    let signature = provider
        .signature
        .as_ref()
        .ok_or_else(|| unbuildable("the definition does not say how its token is signed"))?;
    let fields = &split_pairs(provider, fields);
    let moment = Moment::new(now.0, random.uuid_v4().to_string());
    let context =
        Context::new(&moment).flat(fields).map("credentials", fields).connection_config(connection_config);
    let lifetime_ms = token.expires_in_ms.unwrap_or_default();
    let issued = now.0.div_euclid(1_000);
    let expires = (now.0 + lifetime_ms).div_euclid(1_000);

    let header = entries(token, false, &context);
    let mut payload = entries(token, true, &context);
    payload.insert("iat".to_owned(), Value::from(issued));
    payload.insert("exp".to_owned(), Value::from(expires));

    let key = token
        .signing_key
        .as_ref()
        .and_then(|key| key.render(Mode::Flat, &context).complete())
        .filter(|key| !key.is_empty())
        .ok_or_else(|| unbuildable("the signing key is missing"))?;
    let mut key = match (signature.protocol, signature.hmac_secret_encoding) {
        (SignatureProtocol::Rsa | SignatureProtocol::Ec, _) => SigningKey::parse(&key)?,
        (SignatureProtocol::Hmac, Some(HmacEncoding::Utf8)) => SigningKey::shared(key.as_bytes()),
        (SignatureProtocol::Hmac, Some(HmacEncoding::Hex) | None) => {
            let secret = hex::decode(&key).map_err(|_| unbuildable("the signing key is not hexadecimal"))?;
            SigningKey::shared(&secret)
        }
        (SignatureProtocol::Wsse, _) => return Err(unbuildable("WSSE signs no token")),
    };
    if header.get("alg").and_then(Value::as_str) == Some("PS256") {
        key = key.with_pss();
    }
    fits(&key, &header)?;
    let token = sign_jwt(&key, header, &Value::Object(payload))?;
    Ok(SignedToken { token, expires_at: Timestamp(expires * 1_000) })
}

/// A header that names another algorithm than the key's would make a token that nobody accepts.
pub(crate) fn fits(key: &SigningKey, header: &Map<String, Value>) -> Result<(), ObtainError> {
    match header.get("alg").and_then(Value::as_str) {
        Some(wanted) if wanted != key.alg() => Err(ObtainError::Unbuildable(format!(
            "The private key signs {}, but the service wants {wanted}.",
            key.alg()
        ))),
        _ => Ok(()),
    }
}

fn entries(token: &TokenJwt, payload: bool, context: &Context<'_>) -> Map<String, Value> {
    let trees = if payload { &token.payload } else { &token.header };
    render_claims(trees.iter(), context)
}

/// Claims and header entries: what does not resolve is left out; an item of a list may hold several values,
/// separated by commas; an empty list is left out.
pub(crate) fn render_claims<'t>(
    trees: impl Iterator<Item = (&'t str, &'t Tree)>,
    context: &Context<'_>,
) -> Map<String, Value> {
    let mut out = Map::new();
    for (name, tree) in trees {
        let value = match tree {
            Tree::List(items) => {
                let items: Vec<Value> =
                    items.iter().filter_map(|item| leaf(item, context)).flat_map(split_list).collect();
                (!items.is_empty()).then_some(Value::Array(items))
            }
            tree => leaf(tree, context).filter(|value| value.as_str() != Some("")),
        };
        if let Some(value) = value {
            out.insert(name.to_owned(), value);
        }
    }
    out
}

fn leaf(tree: &Tree, context: &Context<'_>) -> Option<Value> {
    tree.render_with(&mut |template| match template.render(Mode::Flat, context).complete() {
        Some(text) => Leaf::Put(Value::String(text)),
        None => Leaf::Drop,
    })
}

fn split_list(value: Value) -> Vec<Value> {
    match value {
        Value::String(text) => {
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect()
        }
        other => vec![other],
    }
}

/// A field whose `.id` and `.secret` the definition reads is pasted as `id:secret` (Ghost's admin key).
fn split_pairs(provider: &Provider, fields: &Map<String, Value>) -> Map<String, Value> {
    let mut out = fields.clone();
    for name in paired_fields(provider) {
        if let Some(Value::String(text)) = fields.get(name)
            && let Some((id, secret)) = text.split_once(':')
        {
            let pair = Map::from_iter([
                ("id".to_owned(), Value::from(id)),
                ("secret".to_owned(), Value::from(secret)),
            ]);
            out.insert(name.to_owned(), Value::Object(pair));
        }
    }
    out
}

fn paired_fields(provider: &Provider) -> Vec<&str> {
    let Some(token) = &provider.token else { return Vec::new() };
    let trees = token.header.iter().chain(token.payload.iter()).flat_map(|(_, tree)| tree.templates());
    token
        .signing_key
        .iter()
        .chain(trees)
        .flat_map(Template::names)
        .filter_map(|name| {
            let name = name.strip_prefix("credentials.").unwrap_or(name);
            name.strip_suffix(".secret").or_else(|| name.strip_suffix(".id"))
        })
        .collect()
}
