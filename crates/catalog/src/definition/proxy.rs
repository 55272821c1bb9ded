//! The proxy block (providers.md section 5).

use serde::Deserialize;
use serde_json::Value;

use crate::{
    ordered_map::OrderedMap,
    template::{Template, Tree},
};

/// How calls are forwarded.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxyBlock {
    /// Where calls go.
    pub base_url: Option<Template>,
    /// Headers set on every call.
    #[serde(default)]
    pub headers: OrderedMap<Template>,
    /// Query parameters set on every call.
    #[serde(default)]
    pub query: OrderedMap<Template>,
    /// Body entries merged into calls with a body.
    pub body: Option<Tree>,
    /// Extra parameters of an old form; no effect on requests.
    #[serde(default)]
    pub connection_config: OrderedMap<Value>,
    /// Answers are decompressed before they are forwarded.
    #[serde(default)]
    pub decompress: bool,
    /// All headers go along on a redirect.
    #[serde(default)]
    pub forward_headers_on_redirect: bool,
    /// When and how long to wait before another attempt.
    pub retry: Option<Retry>,
    /// How lists are paged.
    pub paginate: Option<Paginate>,
    /// The request that proves credentials.
    pub verification: Option<Verification>,
}

/// Retry facts (5.6).
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retry {
    /// Headers with the instant from which to try again.
    #[serde(default)]
    pub at: Vec<String>,
    /// Headers with the seconds to wait.
    #[serde(default)]
    pub after: Vec<String>,
    /// Header whose `0` means: used up.
    pub remaining: Option<String>,
    /// Statuses to retry: `429`, `5xx`, `500-502`.
    pub error_code: Option<Vec<String>>,
    /// A wait told in the body.
    pub in_body: Option<InBodyRetry>,
}

/// A wait told in the body.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InBodyRetry {
    /// Dotted path of the text.
    pub path: String,
    /// Regular expression; group 1 is the wait. Enclosing slashes are no part of it.
    pub value: String,
    /// `at` or `after`.
    pub strategy: String,
}

/// How lists are paged (5.7).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paginate {
    /// Kind of paging.
    #[serde(rename = "type")]
    pub kind: PaginateType,
    /// Path of the items.
    pub response_path: Option<String>,
    /// Parameter with the page size.
    pub limit_name_in_request: Option<String>,
    /// Parameter with the cursor.
    pub cursor_name_in_request: Option<String>,
    /// Path of the next cursor.
    pub cursor_path_in_response: Option<String>,
    /// `rel` of the next link in the `link` header.
    pub link_rel_in_response_header: Option<String>,
    /// Path of the next link in the body.
    pub link_path_in_response_body: Option<String>,
    /// Parameter with the offset.
    pub offset_name_in_request: Option<String>,
    /// First offset.
    pub offset_start_value: Option<i64>,
    /// How the offset grows.
    pub offset_calculation_method: Option<OffsetCalculation>,
}

/// Kind of paging.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PaginateType {
    /// An opaque cursor.
    Cursor,
    /// A link to the next page.
    Link,
    /// A number.
    Offset,
}

/// How an offset grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OffsetCalculation {
    /// By one a page.
    PerPage,
    /// By the number of items received.
    ByResponseSize,
}

/// The request that proves credentials (section 6).
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Verification {
    /// Method; GET when absent.
    #[serde(default)]
    pub method: VerificationMethod,
    /// Tried in order; the first 2xx proves.
    pub endpoints: Vec<Template>,
    /// Instead of the proxy's base.
    pub base_url_override: Option<Template>,
    /// Literal headers over the proxy's.
    #[serde(default)]
    pub headers: OrderedMap<String>,
    /// Literal body of a POST.
    pub data: Option<Value>,
}

/// Method of a verification.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum VerificationMethod {
    /// GET
    #[default]
    Get,
    /// POST
    Post,
    /// PUT
    Put,
    /// PATCH
    Patch,
    /// DELETE
    Delete,
}

impl VerificationMethod {
    /// The method's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}
