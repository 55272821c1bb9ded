//! How a client proves itself at a token endpoint: one way per request (RFC 6749 section 2.3.1).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use dovetail_catalog::template::pem_to_der;
use dovetail_egress::{Client, Identity};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;

use super::{SigningKey, TokenRequest, sign_jwt};
use crate::limits::CLIENT_ASSERTION_LIFETIME;
use crate::obtain::{ObtainError, Party};

/// The proof.
#[derive(Clone, Copy)]
pub enum ClientAuth<'a> {
    /// None at all.
    None,
    /// A public client: `client_id` among the parameters (RFC 6749 section 3.2.1).
    Public {
        /// Client id.
        id: &'a str,
    },
    /// `client_id` and `client_secret` among the parameters.
    Body {
        /// Client id.
        id: &'a str,
        /// Client secret.
        secret: &'a str,
    },
    /// A Basic header of the form-encoded pair (RFC 6749 section 2.3.1).
    Header {
        /// Client id.
        id: &'a str,
        /// Client secret.
        secret: &'a str,
    },
    /// A Basic header of the pair as it is: what most services read.
    Basic {
        /// Client id.
        id: &'a str,
        /// Client secret.
        secret: &'a str,
    },
    /// `username` and `password` among the parameters.
    UserPassword {
        /// Client id.
        id: &'a str,
        /// Client secret.
        secret: &'a str,
    },
    /// A signed assertion (RFC 7523 section 2.2); `key` is a private JWK or PEM.
    PrivateKeyJwt {
        /// Client id.
        id: &'a str,
        /// The key's text.
        key: &'a str,
    },
}

impl std::fmt::Debug for ClientAuth<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Public { .. } => "Public",
            Self::Body { .. } => "Body",
            Self::Header { .. } => "Header",
            Self::Basic { .. } => "Basic",
            Self::UserPassword { .. } => "UserPassword",
            Self::PrivateKeyJwt { .. } => "PrivateKeyJwt",
        })
    }
}

/// `application/x-www-form-urlencoded` of the id and the secret, with `+` for the space (Appendix B).
const FORM: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b' ');

impl ClientAuth<'_> {
    pub(super) fn apply(self, request: &mut TokenRequest<'_>, party: &Party<'_>) -> Result<(), ObtainError> {
        let basic = |request: &mut TokenRequest<'_>, id: &str, secret: &str| {
            let value = format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")));
            request.headers.retain(|(name, _)| !name.eq_ignore_ascii_case("authorization"));
            request.headers.push(("authorization".to_owned(), value));
            request.secrets.push(secret.to_owned());
        };
        match self {
            Self::None => {}
            Self::Public { id } => request.set("client_id", id),
            Self::Body { id, secret } => {
                request.set("client_id", id);
                request.set("client_secret", secret);
            }
            Self::UserPassword { id, secret } => {
                request.set("username", id);
                request.set("password", secret);
            }
            Self::Header { id, secret } => {
                let encoded = |text: &str| utf8_percent_encode(text, FORM).to_string().replace(' ', "+");
                request.secrets.push(secret.to_owned());
                basic(request, &encoded(id), &encoded(secret));
            }
            Self::Basic { id, secret } => basic(request, id, secret),
            Self::PrivateKeyJwt { id, key } => {
                let key = SigningKey::parse(key)?;
                let mut audience = request.url.clone();
                audience.set_query(None);
                let issued = party.now.millis().div_euclid(1_000);
                let claims = json!({
                    "iss": id,
                    "sub": id,
                    "aud": audience.as_str(),
                    "iat": issued,
                    "exp": issued + CLIENT_ASSERTION_LIFETIME.as_secs() as i64,
                    "jti": party.random.uuid_v4().to_string(),
                });
                request.set("client_id", id);
                request
                    .set("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer");
                request.set("client_assertion", sign_jwt(&key, serde_json::Map::new(), &claims)?);
            }
        }
        Ok(())
    }
}

/// A certificate and its private key as people paste them.
#[derive(Clone, Copy)]
pub struct ClientCertificate<'a> {
    /// One or more certificates in PEM form, leaf first; bare base64 is one certificate.
    pub certificate: &'a str,
    /// The private key in PEM form.
    pub key: &'a str,
}

impl std::fmt::Debug for ClientCertificate<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientCertificate").finish_non_exhaustive()
    }
}

impl ClientCertificate<'_> {
    /// A client that shows this certificate.
    pub fn client(&self, egress: &Client) -> Result<Client, ObtainError> {
        const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
        let unusable = || {
            ObtainError::Unbuildable(
                "the client certificate or its private key is not in a usable form".to_owned(),
            )
        };
        let blocks: Vec<&str> = match self.certificate.find(BEGIN) {
            Some(first) => self.certificate[first + BEGIN.len()..].split(BEGIN).collect(),
            None => vec![self.certificate],
        };
        let decoded = |block: &str| pem_to_der(block.split("-----END").next().unwrap_or(block));
        let chain = blocks.into_iter().map(decoded).collect::<Option<Vec<_>>>().ok_or_else(unusable)?;
        let key = pem_to_der(self.key).ok_or_else(unusable)?;
        let identity = Identity::from_der(chain, key).map_err(|_| unusable())?;
        egress.identified(&identity).map_err(|_| unusable())
    }
}
