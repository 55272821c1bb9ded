//! The parts of a definition that describe how tokens are obtained (providers.md 2.2, 2.3, section 7).

use serde::Deserialize;
use serde_json::Value;

use crate::{
    ordered_map::OrderedMap,
    template::{Template, Tree},
};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word in the definition.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }
    };
}

words! {
    /// How a connection that needs no redirect begins.
    Installation {
        /// The service calls us.
        Outbound = "outbound",
    }
}

words! {
    /// Credential type that `INSTALL_PLUGIN` stores.
    AuthType {
        /// User name and password.
        Basic = "BASIC",
    }
}

words! {
    /// Where the client's credentials go in a token request (7.3).
    AuthorizationMethod {
        /// In the body.
        Body = "body",
        /// In a Basic header, form-encoded (RFC 6749 2.3.1).
        Header = "header",
    }
}

words! {
    /// What is not percent-encoded.
    SkipEncode {
        /// The scope parameter.
        Scopes = "scopes",
        /// Values in the URL template.
        BaseUrl = "base_url",
    }
}

words! {
    /// Encoding of a token request's body.
    BodyFormat {
        /// JSON.
        Json = "json",
        /// Form.
        Form = "form",
        /// In the URL.
        Query = "query",
        /// XML.
        Xml = "xml",
    }
}

words! {
    /// How the client proves itself in a token request (7.3, 7.5).
    TokenRequestAuth {
        /// Basic header.
        Basic = "basic",
        /// `username` and `password` fields.
        Custom = "custom",
        /// A signed assertion (RFC 7523).
        PrivateKeyJwt = "private_key_jwt",
    }
}

words! {
    /// Unit of `expires_in`.
    ExpiresInUnit {
        /// Seconds.
        Seconds = "seconds",
        /// Milliseconds.
        Milliseconds = "milliseconds",
    }
}

words! {
    /// OAuth 1 signature.
    SignatureMethod {
        /// HMAC with SHA-1.
        HmacSha1 = "HMAC-SHA1",
        /// HMAC with SHA-256.
        HmacSha256 = "HMAC-SHA256",
        /// RSA with SHA-1.
        RsaSha1 = "RSA-SHA1",
        /// The secrets themselves.
        Plaintext = "PLAINTEXT",
    }
}

words! {
    /// How an MCP client is registered (7.10).
    ClientRegistration {
        /// RFC 7591.
        Dynamic = "dynamic",
        /// Entered by the integrator.
        Static = "static",
        /// The client id is a URL of ours.
        Cimd = "cimd",
    }
}

words! {
    /// Method of a token request.
    RequestMethod {
        /// GET
        Get = "GET",
        /// POST
        Post = "POST",
    }
}

words! {
    /// What `token_expiration` means.
    ExpirationStrategy {
        /// A span.
        ExpireIn = "expireIn",
        /// An instant.
        ExpireAt = "expireAt",
    }
}

words! {
    /// Signing family.
    SignatureProtocol {
        /// RSA.
        Rsa = "RSA",
        /// HMAC.
        Hmac = "HMAC",
        /// Elliptic curves.
        Ec = "EC",
        /// Web Services Security.
        Wsse = "WSSE",
    }
}

words! {
    /// How an HMAC secret is written.
    HmacEncoding {
        /// Hexadecimal.
        Hex = "hex",
        /// As text.
        Utf8 = "utf8",
    }
}

words! {
    /// Kind of assertion.
    AssertionType {
        /// A JSON Web Token.
        Jwt = "jwt",
        /// A SAML 2.0 assertion.
        Saml = "saml",
    }
}

/// One token URL, or one a mode.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum TokenUrl {
    /// The same for all.
    One(Template),
    /// By auth mode name.
    ByMode(OrderedMap<Template>),
}

impl TokenUrl {
    /// The URL for an auth mode's wire name.
    pub fn get(&self, mode: &str) -> Option<&Template> {
        match self {
            Self::One(template) => Some(template),
            Self::ByMode(by_mode) => by_mode.get(mode),
        }
    }
}

/// Where things are in a TWO_STEP token response.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenResponse {
    /// Path of the token; empty means the whole body.
    #[serde(default)]
    pub token: String,
    /// Path of the expiration.
    pub token_expiration: Option<String>,
    /// What the expiration means; an instant when absent.
    pub token_expiration_strategy: Option<ExpirationStrategy>,
    /// Path of the refresh token.
    pub refresh_token: Option<String>,
}

/// A follow-up request of TWO_STEP.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AdditionalStep {
    /// Where.
    pub token_url: Template,
    /// Parameters.
    #[serde(default)]
    pub token_params: OrderedMap<Tree>,
    /// Headers.
    #[serde(default)]
    pub token_headers: OrderedMap<Template>,
    /// Method; POST when absent.
    pub token_request_method: Option<RequestMethod>,
    /// Not read: the definition's own is used.
    pub body_format: Option<BodyFormat>,
}

/// JWT signing family and key encoding.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// Family.
    pub protocol: SignatureProtocol,
    /// HMAC key encoding; hex when absent.
    pub hmac_secret_encoding: Option<HmacEncoding>,
}

/// Content of a JWT.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenJwt {
    /// The key.
    pub signing_key: Option<Template>,
    /// Lifetime in milliseconds.
    pub expires_in_ms: Option<i64>,
    /// Header entries.
    #[serde(default)]
    pub header: OrderedMap<Tree>,
    /// Claims.
    #[serde(default)]
    pub payload: OrderedMap<Tree>,
}

/// An assertion that stands in for a login. All but the first five are of SAML 2.0 (7.6.1).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(missing_docs, reason = "the names are those of JWT and SAML 2.0")]
pub struct Assertion {
    #[serde(rename = "type")]
    pub kind: AssertionType,
    pub key: Option<Template>,
    #[serde(default)]
    pub header: OrderedMap<Tree>,
    #[serde(default)]
    pub payload: OrderedMap<Tree>,
    /// A new one is made for every token request, as its `jti` may be used but once.
    #[serde(default)]
    pub single_use: bool,
    /// A number or a template.
    pub lifetime_in_seconds: Option<Tree>,
    pub issuer: Option<Template>,
    pub audiences: Option<Tree>,
    pub recipient: Option<Template>,
    pub name_identifier: Option<Template>,
    pub name_identifier_format: Option<Template>,
    pub session_index: Option<Template>,
    pub attributes: Option<Tree>,
    pub uid: Option<Template>,
    pub in_response_to: Option<Template>,
    pub authn_context_class_ref: Option<Template>,
    pub cert: Option<Template>,
    pub include_attribute_name_format: Option<Value>,
    pub typed_attributes: Option<Value>,
}
