//! The typed form of a definition (providers.md section 2).

mod auth_parts;
mod check;
mod field;
mod pattern;
mod provider;
mod proxy;
mod token_client;

pub use auth_parts::{
    AdditionalStep, Assertion, AssertionType, AuthType, AuthorizationMethod, BodyFormat, ClientRegistration,
    ExpirationStrategy, ExpiresInUnit, HmacEncoding, Installation, RequestMethod, Signature, SignatureMethod,
    SignatureProtocol, SkipEncode, TokenJwt, TokenRequestAuth, TokenResponse, TokenUrl,
};
pub use field::{FieldFormat, FieldKind, FieldRule, VisibleWhen};
pub use pattern::Pattern;
pub use provider::{Definition, Provider};
pub use proxy::{
    InBodyRetry, OffsetCalculation, Paginate, PaginateType, ProxyBlock, Retry, Verification,
    VerificationMethod,
};

pub use token_client::{TokenCall, TokenClient, TokenProof, TokenShape, TokenSign};

pub use check::CATEGORIES;
pub(crate) use check::check;
