//! The one set of values that each simulated provider accepts.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use dovetail_catalog::{FieldFormat, FieldRule, Provider};
use dovetail_model::AuthMode;
use serde::Serialize;
use serde_json::{Map, Value};
use url::Url;

use crate::pattern::sample;
use crate::site;

/// Token that stands for a granted access token in the modes that exchange one.
pub(crate) const ACCESS_TOKEN: &str = "demo-access-token";

/// What a website's operators see of a plug-in that is installed there.
pub(crate) const PLUGIN_TOKEN: &str = "demo-plugin-token";

/// The consumer whose signatures are judged; others are the owner's, and known by their token alone.
pub(crate) const CONSUMER: (&str, &str) = ("demo-consumer-key", "demo-consumer-secret");

/// Session of a login that opens one.
pub(crate) const SESSION: &str = "demo-session";

/// Temporary keys of every role.
pub(crate) const AWS_ACCESS_KEY: &str = "ASIADEMODEMODEMODEMO";
/// Their secret.
pub(crate) const AWS_SECRET: &str = "demo-secret-access-key";

/// Key of an API that may be at any host, in any header: unlike all others, so that it tells the provider.
const PRIVATE_KEY: &str = "demo-private-key";

/// One value of one provider, as `dovetail mock --credentials` lists it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DemoCredential {
    /// Provider id.
    pub provider: String,
    /// `credentials.<name>` or `connection_config.<name>`.
    pub field: String,
    /// The value that is accepted.
    pub value: String,
    /// Whether the Connect page asks for it; the others are its defaults.
    pub shown: bool,
}

/// The demo values of one provider.
#[derive(Clone, Debug)]
pub(crate) struct Demo {
    pub(crate) credentials: Map<String, Value>,
    pub(crate) connection_config: Map<String, Value>,
    list: Vec<DemoCredential>,
}

impl Demo {
    pub(crate) fn of(provider: &Provider) -> Self {
        let mut demo = Self { credentials: Map::new(), connection_config: Map::new(), list: Vec::new() };
        // At any host only the credentials tell whose request it is: they hold the provider's id.
        let telling = site::may_be_anywhere(provider).then(|| provider.id());
        for (name, rule) in provider.connection_config.iter() {
            if let Some(value) = value_of(name, rule, config_fallback(rule), false) {
                demo.connection_config.insert(name.to_owned(), value.as_str().into());
                demo.push(provider, "connection_config", name, value, !rule.hidden);
            }
        }
        for name in base_fields(provider.auth_mode()) {
            if !provider.credentials.contains(name) {
                let value = credential_fallback(name, true, telling);
                demo.credentials.insert((*name).to_owned(), value.as_str().into());
                // A plug-in's own are in the settings of the integration.
                let shown = provider.auth_mode() != AuthMode::InstallPlugin;
                demo.push(provider, "credentials", name, value, shown);
            }
        }
        for (name, rule) in provider.credentials.iter() {
            let fallback = if name == "password" && signs(provider) {
                signing_key()
            } else if provider.integration_config.contains("keyName") {
                PRIVATE_KEY.to_owned()
            } else {
                credential_fallback(name, rule.secret, telling)
            };
            if let Some(value) = value_of(name, rule, fallback, telling.is_some()) {
                demo.credentials.insert(name.to_owned(), value.as_str().into());
                demo.push(provider, "credentials", name, value, !rule.hidden);
            }
        }
        // What a token endpoint grants has this name in a template.
        if !demo.credentials.contains_key("token") && grants_a_token(provider.auth_mode()) {
            demo.credentials.insert("token".to_owned(), ACCESS_TOKEN.into());
        }
        demo
    }

    pub(crate) fn list(&self) -> &[DemoCredential] {
        &self.list
    }

    pub(crate) fn text(&self, name: &str) -> &str {
        self.credentials.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    fn push(&mut self, provider: &Provider, section: &str, name: &str, value: String, shown: bool) {
        let field = format!("{section}.{name}");
        self.list.push(DemoCredential { provider: provider.id().to_owned(), field, value, shown });
    }
}

/// Whether the password is an Ed25519 key with which requests are signed.
fn signs(provider: &Provider) -> bool {
    provider.proxy.headers.iter().any(|(_, template)| template.source().contains("${ed25519Sign("))
}

/// A key that is as good as any and secret to nobody (RFC 8410 section 7).
fn signing_key() -> String {
    const PKCS8_ED25519: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    let der = [&PKCS8_ED25519[..], &[7; 32]].concat();
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----", STANDARD.encode(der))
}

/// Inputs that come from the mode, not from the definition (connect.md 7.3).
fn base_fields(mode: AuthMode) -> &'static [&'static str] {
    match mode {
        AuthMode::ApiKey => &["apiKey"],
        AuthMode::Basic | AuthMode::Signature | AuthMode::InstallPlugin => &["username", "password"],
        _ => &[],
    }
}

fn grants_a_token(mode: AuthMode) -> bool {
    matches!(mode, AuthMode::TwoStep | AuthMode::Oauth2Cc | AuthMode::Jwt | AuthMode::Signature)
}

fn credential_fallback(name: &str, secret: bool, telling: Option<&str>) -> String {
    let kind = match name {
        "password" => "password",
        "username" if !secret => "user",
        _ => "key",
    };
    telling.map_or_else(|| format!("demo-{kind}"), |id| format!("demo-{id}-{kind}"))
}

fn config_fallback(rule: &FieldRule) -> String {
    if rule.secret { "demo-key" } else { "demo" }.to_owned()
}

/// The value of a field; `None` where a person gives none. `telling`: the fallback comes first where it fits.
fn value_of(name: &str, rule: &FieldRule, fallback: String, telling: bool) -> Option<String> {
    if rule.automated || (rule.optional && rule.default_value.is_none()) {
        return None;
    }
    if rule.hidden {
        return rule.default_value.clone();
    }
    let default = rule.default_value.clone().filter(|d| !d.is_empty());
    let example = rule.example.clone().filter(|e| !rule.secret && name != "apiKey" && is_plain(e));
    let candidates = [
        telling.then(|| fallback.clone()).filter(|_| rule.options.is_empty()),
        default,
        rule.options.first().cloned(),
        example,
        rule.format.map(|f| of_format(f).to_owned()),
        rule.pattern.as_ref().and_then(|p| sample(p.source())),
        Some(fallback),
        // Better a value with a look-alike in it than none.
        rule.example.clone(),
    ];
    candidates.into_iter().flatten().find(|value| satisfies(rule, value))
}

/// Whether an example is a value and not a picture of one.
fn is_plain(example: &str) -> bool {
    !example.contains(['*', '<', '…']) && !example.contains("xxx")
}

fn of_format(format: FieldFormat) -> &'static str {
    match format {
        FieldFormat::Hostname => "demo.example.com",
        FieldFormat::Uri => "https://demo.example.com",
        FieldFormat::Uuid => "00000000-0000-4000-8000-000000000000",
        FieldFormat::Email => "demo@example.com",
    }
}

/// The field's rules (providers.md 3.1).
fn satisfies(rule: &FieldRule, value: &str) -> bool {
    let formatted = match rule.format {
        None => !value.is_empty(),
        Some(FieldFormat::Hostname) => {
            !value.is_empty() && value.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'))
        }
        Some(FieldFormat::Uri) => Url::parse(value).is_ok(),
        Some(FieldFormat::Uuid) => uuid::Uuid::parse_str(value).is_ok(),
        Some(FieldFormat::Email) => {
            value.split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
        }
    };
    formatted
        && (rule.options.is_empty() || rule.options.iter().any(|o| o == value))
        && rule.pattern.as_ref().is_none_or(|p| p.matches(value))
}
