//! Where credentials are written in a request.

use dovetail_model::Secret;
use http::{HeaderMap, header};

use crate::wire::ErrorCode;

/// The text after the last `Bearer ` of the `Authorization` header; a header without that word is the bare token.
pub(super) fn from_header(headers: &HeaderMap) -> Result<Secret, ErrorCode> {
    let value = headers.get(header::AUTHORIZATION).ok_or(ErrorCode::MissingAuthHeader)?;
    if value.is_empty() {
        return Err(ErrorCode::MissingAuthHeader);
    }
    let text = value.to_str().map_err(|_| ErrorCode::MalformedAuthHeader)?;
    Ok(Secret::new(text.rsplit("Bearer ").next().unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<String, ErrorCode> {
        let mut headers = HeaderMap::new();
        headers.insert(header::AUTHORIZATION, value.parse().unwrap());
        from_header(&headers).map(|token| token.expose().to_owned())
    }

    #[test]
    fn the_word_bearer_is_optional_and_exact() {
        assert_eq!(read("Bearer abc"), Ok("abc".to_owned()));
        assert_eq!(read("abc"), Ok("abc".to_owned()));
        assert_eq!(read("bearer abc"), Ok("bearer abc".to_owned()));
        assert_eq!(read("Bearer Bearer abc"), Ok("abc".to_owned()));
        assert_eq!(read(""), Err(ErrorCode::MissingAuthHeader));
        assert_eq!(from_header(&HeaderMap::new()), Err(ErrorCode::MissingAuthHeader));
    }
}
