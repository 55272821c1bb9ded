//! How a token endpoint departs from RFC 6749 where no key of the reference says it (auth-modes.md 4.4). A key of our
//! own: what the reference has in code, one client a provider, is data here.

use serde::Deserialize;

use super::auth_parts::{BodyFormat, RequestMethod};
use crate::{
    ordered_map::OrderedMap,
    template::{Template, Tree},
};

/// What is special about a provider's token endpoint.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenClient {
    /// The exchange of a code.
    #[serde(default)]
    pub exchange: TokenCall,
    /// The refresh; `None`: as the exchange.
    pub refresh: Option<TokenCall>,
    /// Tokens are renewed without a refresh token: by the access token, or by the client alone.
    #[serde(default)]
    pub renews_itself: bool,
    /// A refresh token that the end user brought is not replaced by one of an answer.
    #[serde(default)]
    pub keeps_brought_refresh_token: bool,
    /// Member of the answer with tokens of a second party, which expire and are refreshed beside the first.
    pub beside: Option<String>,
}

/// One request, and its answer. Templates see the connection's configuration and `clientId`, `clientSecret`,
/// `clientSecretStart` (its first 20 characters), `code`, `state`, `redirectHost`, `scopes`, `accessToken` and
/// `refreshToken`, as far as there are such.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenCall {
    /// Method; POST unless said otherwise.
    pub method: Option<RequestMethod>,
    /// Address, of a call that follows another.
    pub url: Option<Template>,
    /// Body format in place of the definition's.
    pub body_format: Option<BodyFormat>,
    /// How the client proves itself in place of the definition's way.
    pub client: Option<TokenProof>,
    /// Claims of the assertion by which the client proves itself, signed with its secret; `exp` is added.
    #[serde(default)]
    pub assertion: OrderedMap<Template>,
    /// Further parameters, before they are renamed.
    #[serde(default)]
    pub params: OrderedMap<Tree>,
    /// Parameters that go into the query as well.
    #[serde(default)]
    pub query: Vec<String>,
    /// Standard names of parameters to those of this endpoint; an empty one is left out of the body.
    #[serde(default)]
    pub names: OrderedMap<String>,
    /// Further headers.
    #[serde(default)]
    pub headers: OrderedMap<Template>,
    /// How the finished request is signed.
    pub sign: Option<TokenSign>,
    /// Where the answer holds what.
    #[serde(default)]
    pub answer: TokenShape,
    /// Seconds that the token lives, whatever the answer says.
    pub expires_in: Option<u64>,
    /// A call whose answer is laid over this one's.
    pub then: Option<Box<TokenCall>>,
    /// Of such a call: its failure leaves the first answer as it is.
    #[serde(default)]
    pub optional: bool,
}

/// Where an answer holds what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TokenShape {
    /// The member that holds the tokens.
    pub below: Option<String>,
    /// Standard names to those of the answer.
    #[serde(default)]
    pub names: OrderedMap<String>,
    /// Members that an answer of success has, with their values.
    #[serde(default)]
    pub success: OrderedMap<String>,
    /// A refresh answers no token: the old one lives on.
    #[serde(default)]
    pub keeps_token: bool,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$inner:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
        pub enum $name {
            $($(#[$inner])* #[serde(rename = $word)] $variant,)+
        }
    };
}

words! {
    /// How the client proves itself.
    TokenProof {
        /// Not at all.
        None = "none",
        /// By its id alone.
        Public = "public",
        /// By id and secret among the parameters.
        Body = "body",
        /// By a Basic header of both.
        Basic = "basic",
        /// By a Basic header whose user is the secret.
        Secret = "secret",
    }
}

words! {
    /// A signature over a finished request.
    TokenSign {
        /// HMAC-SHA256 over body and time, in headers (Shopline).
        BodyAndTime = "body_and_time",
    }
}

impl TokenClient {
    /// The refresh.
    pub fn refresh(&self) -> &TokenCall {
        self.refresh.as_ref().unwrap_or(&self.exchange)
    }
}
