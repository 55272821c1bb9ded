//! Decompressing answers that the caller cannot read as they are (proxy.md section 14).

use std::convert::Infallible;
use std::future::ready;

use dovetail_egress::{BoxError, EgressError, ResponseBody};
use http::header::{self, HeaderMap, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body::Body as _;
use http_body_util::BodyExt as _;
use tower::{ServiceExt as _, service_fn};
use tower_http::decompression::Decompression;

/// Whether an answer is in a coding that no `Accept-Encoding` field of `accepted` names (RFC 9110 section 12.5.3).
pub(crate) fn is_needed(answer: &HeaderMap, accepted: &[Option<&HeaderValue>]) -> bool {
    coding(answer).is_some_and(|coding| !accepted.iter().flatten().any(|fields| accepts(fields, coding)))
}

/// The answer to a request of `method` with its body in no coding, decompressed as it streams. One without a body,
/// a part of a document, and one in several codings or in one that is not known here, stay as they are.
pub(crate) async fn plain(method: &Method, mut answer: Response<ResponseBody>) -> Response<ResponseBody> {
    let has_body = *method != Method::HEAD && !answer.body().is_end_stream();
    let Some(coding) = coding(answer.headers()) else { return answer };
    if !has_body || answer.status() == StatusCode::PARTIAL_CONTENT {
        return answer;
    }
    answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    let give = service_fn(|request: Request<Response<ResponseBody>>| {
        ready(Ok::<_, Infallible>(request.into_body()))
    });
    match Decompression::new(give).oneshot(Request::new(answer)).await {
        Ok(answer) => answer.map(|body| ResponseBody::made(body.map_err(broken))),
        Err(never) => match never {},
    }
}

/// The one known coding of an answer.
fn coding(headers: &HeaderMap) -> Option<&'static str> {
    let mut fields = headers.get_all(header::CONTENT_ENCODING).iter();
    let (only, None) = (fields.next()?, fields.next()) else { return None };
    let known = [("gzip", "gzip"), ("x-gzip", "gzip"), ("deflate", "deflate"), ("br", "br")];
    let text = only.to_str().ok()?.trim();
    known.iter().find(|(name, _)| text.eq_ignore_ascii_case(name)).map(|&(_, coding)| coding)
}

fn accepts(fields: &HeaderValue, coding: &str) -> bool {
    let mut any = false;
    for part in fields.to_str().unwrap_or_default().split(',') {
        let mut words = part.split(';').map(str::trim);
        let name = words.next().unwrap_or_default();
        let weight = words.find_map(|word| word.strip_prefix("q=").or_else(|| word.strip_prefix("Q=")));
        let is_welcome = weight.is_none_or(|weight| weight.parse::<f32>().is_ok_and(|weight| weight > 0.0));
        if name.eq_ignore_ascii_case(coding) || (coding == "gzip" && name.eq_ignore_ascii_case("x-gzip")) {
            return is_welcome;
        }
        any |= name == "*" && is_welcome;
    }
    any
}

fn broken(error: BoxError) -> EgressError {
    match error.downcast::<EgressError>() {
        Ok(error) => *error,
        Err(_) => EgressError::Protocol("the body is not in the coding that it claims".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn needed(coding: &'static str, accepted: Option<&'static str>) -> bool {
        let answer = HeaderMap::from_iter([(header::CONTENT_ENCODING, HeaderValue::from_static(coding))]);
        is_needed(&answer, &[None, accepted.map(HeaderValue::from_static).as_ref()])
    }

    #[test]
    fn a_coding_that_the_caller_names_is_left_alone() {
        for accepted in ["gzip", "deflate, gzip;q=0.5", "*", "x-gzip", "br;q=0, GZIP", "*;q=0.1"] {
            assert!(!needed("gzip", Some(accepted)), "{accepted}");
        }
        for accepted in ["", "identity", "br", "gzip;q=0", "*, gzip;q=0.0", "*;q=0"] {
            assert!(needed("gzip", Some(accepted)), "{accepted}");
        }
        assert!(needed("BR", None));
    }

    #[test]
    fn what_cannot_be_decoded_here_is_left_alone() {
        for coding in ["identity", "compress", "gzip, br", "zstd", ""] {
            assert!(!needed(coding, None), "{coding}");
        }
    }
}
