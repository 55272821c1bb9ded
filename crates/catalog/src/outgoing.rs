//! From a definition and a connection to a request (providers.md section 5, proxy.md sections 5 to 9). No I/O.
//!
//! Proxy and verification build their requests here, so that what was verified is what is called.

mod authorization;
mod body;
mod definition;
mod endpoint;
mod error;
mod facts;
mod headers;
mod query;
mod request;
mod sign;
mod verification;

pub use body::{CallBody, FinalBody, body};
pub use definition::to_place;
pub use endpoint::{base_url, has_chosen_base, url};
pub use error::OutgoingError;
pub use facts::{Call, ConnectionFacts, CredentialKind, CredentialView, IntegrationFacts};
pub use headers::{depends_on_target, headers, needs_body};
pub use query::set_query;
pub use request::{Request, build};
pub use sign::{Oauth1, Oauth1Request, oauth1_authorization, oauth1_header};
pub use verification::verification;
