#![doc = include_str!("../README.md")]

mod capture;
mod catalog;
mod definition;
mod embedded;
mod expiry;
mod fields;
mod guide;
mod handle;
pub mod limits;
mod lint;
mod load;
mod merge;
mod ordered_map;
pub mod outgoing;
mod overlay;
mod problem;
mod scaffold;
mod source;
pub mod template;
mod yaml;

pub use capture::{capture_callback, capture_response};
pub use catalog::{Catalog, Listing};
pub use definition::*;
pub use expiry::parse_expiration;
pub use fields::*;
pub use guide::*;
pub use handle::CatalogHandle;
pub use lint::{LintFinding, LintOutcome, lint, repository_catalogue};
pub use ordered_map::OrderedMap;
pub use problem::Problem;
pub use scaffold::{Scaffold, ScaffoldFiles, ScaffoldMode, scaffold};
