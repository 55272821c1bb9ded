//! The template language of provider definitions (providers.md section 4).
//!
//! A template is parsed once into a tree; evaluation walks the tree and never looks at a value again,
//! so a value that contains `${…}` is text like any other.

mod ast;
mod canonical;
mod context;
mod functions;
mod moment;
mod parse;
mod pem;
mod render;
mod sigv4;
mod tree;
mod url;

pub use ast::Template;
pub(crate) use canonical::object_pairs;
pub use canonical::{canonical_pairs, canonical_params, canonical_query, encode_rfc3986};
pub use context::{Context, Mode};
pub use moment::{Moment, amz_date, format_utc};
pub use pem::pem_to_der;
pub use render::Rendered;
pub use sigv4::{SigV4Key, sha256_hex, sigv4_signature};
pub use tree::{Leaf, Tree};
pub(crate) use url::check_url;
pub use url::{Author, HostPlace, HostUse, UrlError, UrlStyle, check_host_value};
