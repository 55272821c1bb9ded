//! Who a connection belongs to.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The person a product links an account for. Serialises in the answer's shape (http-api 1.12).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndUser {
    /// The product's own id of the person, 1 to 255 characters.
    pub id: String,
    /// A name to show.
    #[serde(default)]
    pub display_name: Option<String>,
    /// An e-mail address.
    #[serde(default)]
    pub email: Option<String>,
    /// Tags as they came in; see [`crate::Tags::derive`] for what becomes of them.
    #[serde(default)]
    pub tags: Option<BTreeMap<String, String>>,
    /// The organisation the person acts for.
    #[serde(default)]
    pub organization: Option<Organization>,
}

/// An organisation of the product's customers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organization {
    /// The product's own id of it; may be empty.
    pub id: String,
    /// A name to show.
    #[serde(default)]
    pub display_name: Option<String>,
}
