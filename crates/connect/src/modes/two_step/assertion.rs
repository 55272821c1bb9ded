//! The signed statement that some logins want in place of a password (auth-modes.md section 17, "Assertions").

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::template::{Context, Mode, Moment, Template, Tree};
use dovetail_catalog::{Assertion, AssertionType};
use dovetail_model::Timestamp;
use serde_json::{Map, Value};

use super::{ASSERTION, outcome, saml};
use crate::claims::{fits, render_claims};
use crate::obtain::{ObtainError, Party};
use crate::token_request::{SigningKey, sign_jwt};

/// An assertion that ends sooner is made anew, in milliseconds.
const MARGIN_MS: i64 = 60_000;

/// Lifetimes when the definition names none, in seconds.
const JWT_SECONDS: i64 = 3_600;
const SAML_SECONDS: i64 = 300;

/// A new assertion from the fields and the one-time `options`. `None` when the definition wants none.
pub(super) fn fresh(
    party: &Party<'_>,
    fields: &Map<String, Value>,
    options: &Map<String, Value>,
) -> Result<Option<String>, ObtainError> {
    let Some(assertion) = &party.provider.assertion else { return Ok(None) };
    let moment = Moment::new(party.now.millis(), party.random.uuid_v4().to_string());
    let context = Context::new(&moment)
        .flat(fields)
        .map("credentials", fields)
        .map("assertionOption", options)
        .connection_config(party.connection_config);
    match assertion.kind {
        AssertionType::Jwt => jwt(assertion, &context, party.now).map(Some),
        AssertionType::Saml => signed_saml(party, assertion, &context).map(Some),
    }
}

/// The assertion for another login: `None` while the stored one is good for it.
pub(super) fn renewed(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Option<String>, ObtainError> {
    let Some(assertion) = &party.provider.assertion else { return Ok(None) };
    let stored = fields.get(ASSERTION).and_then(Value::as_str).filter(|_| !assertion.single_use);
    if stored.and_then(expiry).is_some_and(|at| at.0 > party.now.0 + MARGIN_MS) {
        return Ok(None);
    }
    fresh(party, fields, &Map::new()).map_err(|_| {
        let text = "The signed statement that this connection logs in with has expired, and the key that signed it \
                    was not kept. The account has to be linked again.";
        ObtainError::Unbuildable(text.to_owned())
    })
}

fn expiry(assertion: &str) -> Option<Timestamp> {
    outcome::jwt_expiry(assertion).or_else(|| {
        let xml = String::from_utf8(STANDARD.decode(assertion).ok()?).ok()?;
        let (_, rest) = xml.split_once("<saml2:Conditions ")?;
        let (_, rest) = rest.split_once("NotOnOrAfter=\"")?;
        Timestamp::parse(rest.split('"').next()?)
    })
}

fn key(assertion: &Assertion, context: &Context<'_>) -> Result<Option<SigningKey>, ObtainError> {
    let Some(template) = &assertion.key else { return Ok(None) };
    let missing = || ObtainError::Unbuildable("The private key is required.".to_owned());
    let text = rendered(template, context).ok_or_else(missing)?;
    SigningKey::parse(&unwrapped(&text)).map(Some)
}

/// Some consoles hand out base64 of base64: then the inner text starts with `MII`.
fn unwrapped(text: &str) -> String {
    let decoded = dovetail_catalog::template::pem_to_der(text).and_then(|der| String::from_utf8(der).ok());
    decoded.filter(|inner| inner.starts_with("MII")).unwrap_or_else(|| text.to_owned())
}

fn jwt(assertion: &Assertion, context: &Context<'_>, now: Timestamp) -> Result<String, ObtainError> {
    let mut key = key(assertion, context)?.ok_or_else(|| {
        ObtainError::Unbuildable("the definition names no key for its assertion".to_owned())
    })?;
    let header = render_claims(assertion.header.iter(), context);
    if header.get("alg").and_then(Value::as_str) == Some("PS256") {
        key = key.with_pss();
    }
    fits(&key, &header)?;
    let mut payload = render_claims(assertion.payload.iter(), context);
    let issued = now.0.div_euclid(1_000);
    payload.insert("iat".to_owned(), Value::from(issued));
    payload.insert("exp".to_owned(), Value::from(issued + lifetime(assertion, context, JWT_SECONDS)));
    sign_jwt(&key, header, &Value::Object(payload))
}

fn signed_saml(
    party: &Party<'_>,
    assertion: &Assertion,
    context: &Context<'_>,
) -> Result<String, ObtainError> {
    let text =
        |template: &Option<Template>| template.as_ref().and_then(|template| rendered(template, context));
    let required = |template: &Option<Template>, what: &str| {
        text(template).ok_or_else(|| ObtainError::Unbuildable(format!("the assertion's {what} has no value")))
    };
    let seconds = lifetime(assertion, context, SAML_SECONDS);
    let statement = saml::Statement {
        id: format!("_{}", party.random.uuid_v4()),
        issuer: required(&assertion.issuer, "issuer")?,
        audiences: assertion.audiences.as_ref().map(|tree| texts(tree, context)).unwrap_or_default(),
        recipient: text(&assertion.recipient),
        in_response_to: text(&assertion.in_response_to),
        name: required(&assertion.name_identifier, "name identifier")?,
        name_format: text(&assertion.name_identifier_format),
        session_index: text(&assertion.session_index),
        class: text(&assertion.authn_context_class_ref),
        attributes: attributes(assertion, context),
        now: party.now,
        expires_at: Timestamp(party.now.0 + seconds * 1_000),
    };
    let key = key(assertion, context)?;
    let sign = key.map(|key| move |bytes: &[u8]| key.sign_bytes(bytes));
    Ok(STANDARD.encode(saml::assertion(&statement, sign)?))
}

fn attributes(assertion: &Assertion, context: &Context<'_>) -> Vec<(String, Vec<String>)> {
    match &assertion.attributes {
        Some(Tree::Map(entries)) => {
            entries.iter().map(|(name, tree)| (name.to_owned(), texts(tree, context))).collect()
        }
        _ => Vec::new(),
    }
}

/// One text, or each of a list; what has no value is left out.
fn texts(tree: &Tree, context: &Context<'_>) -> Vec<String> {
    match tree {
        Tree::Text(template) => rendered(template, context).into_iter().collect(),
        Tree::Other(value) => vec![value.to_string()],
        Tree::List(items) => items.iter().flat_map(|item| texts(item, context)).collect(),
        Tree::Map(_) => Vec::new(),
    }
}

fn rendered(template: &Template, context: &Context<'_>) -> Option<String> {
    template.render(Mode::Flat, context).complete().filter(|text| !text.is_empty())
}

fn lifetime(assertion: &Assertion, context: &Context<'_>, default: i64) -> i64 {
    let seconds = match &assertion.lifetime_in_seconds {
        Some(Tree::Other(value)) => value.as_i64(),
        Some(Tree::Text(template)) => rendered(template, context).and_then(|text| text.trim().parse().ok()),
        _ => None,
    };
    seconds.filter(|seconds| *seconds > 0).unwrap_or(default)
}
