//! The validation kit: schemas over JSON values that report every issue in the wording clients compare literally.
//!
//! A schema is built from small parts and names what it yields:
//!
//! ```
//! use dovetail_server::validate::{field, integer, object, string, Schema as _};
//! use serde_json::json;
//!
//! let schema = object((field("name", string().min(1)), field("size", integer().positive().optional())));
//! let (name, size): (String, Option<i64>) = schema.check(Some(&json!({"name": "a"}))).unwrap();
//! assert_eq!((name.as_str(), size), ("a", None));
//! let issues = schema.check(Some(&json!({"name": "", "colour": 1}))).unwrap_err();
//! assert_eq!(issues[0].message, "Too small: expected string to have >=1 characters");
//! assert_eq!(issues[1].message, "Unrecognized key: \"colour\"");
//! ```
//!
//! "Absent" (`undefined`) is `None`; JSON `null` is `Some(Value::Null)`. Wording and order: http-api.md 1.9.

mod collection;
mod format;
mod issue;
mod locate;
mod number;
mod object;
pub mod rules;
mod schema;
mod text;
mod union;

pub use collection::{Array, Members, Record, array, members, record};
pub use format::{is_datetime, is_email, is_url, is_uuid};
pub use issue::{Cx, Issue};
pub use locate::{body, headers, no_body, no_query, params, query};
pub use number::{Integer, Number, integer, number};
pub use object::{Field, Fields, Object, field, object};
pub use schema::{Any, Map, Nullable, Optional, Refine, Schema, any};
pub use text::{Bool, Choice, Flag, Literal, Text, boolean, choice, flag, literal, string};
pub use union::{Tagged, Union, Variant, tagged, union, variant};
