//! A request, complete but unsent.

use std::fmt;

use url::Url;

use super::{body, endpoint, error::OutgoingError, facts::Call, headers};

/// A request, complete but unsent. Its `Debug` shows no value of a header, no query, no body.
#[derive(Clone, PartialEq, Eq)]
pub struct Request {
    /// Method, upper case.
    pub method: String,
    /// Where it goes; http or https.
    pub url: Url,
    /// Names lower case, unique.
    pub headers: Vec<(String, String)>,
    /// Its body; `None` when there is none, or when the caller's streams.
    pub body: Option<Vec<u8>>,
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("host", &self.url.host_str())
            .field("headers", &self.headers.iter().map(|(name, _)| name).collect::<Vec<_>>())
            .field("body", &self.body.as_ref().map(Vec::len))
            .finish()
    }
}

/// Builds a whole request: URL, then body, then headers, because headers may sign the body.
pub fn build(call: &Call<'_>) -> Result<Request, OutgoingError> {
    let url = endpoint::url(call)?;
    finish(call, url)
}

pub(super) fn finish(call: &Call<'_>, url: Url) -> Result<Request, OutgoingError> {
    let body = body(call);
    let headers = headers(call, &url, &body)?;
    Ok(Request {
        method: call.method.to_owned(),
        url,
        headers,
        body: body.bytes.map(std::borrow::Cow::into_owned),
    })
}
