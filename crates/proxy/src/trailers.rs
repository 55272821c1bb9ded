//! Trailer fields (RFC 9110 section 6.5): what stands behind a body, passed on with it.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http_body::{Body, Frame, SizeHint};

use crate::{hop_by_hop, response_headers};

/// Leaves the trailer fields of an answer that the caller may see.
pub fn filter(trailers: &mut HeaderMap) {
    response_headers::filter(trailers);
    retain(trailers, |name| !is_head_only(name));
}

/// A caller's body, whose trailer fields are those that the provider may see.
#[derive(Debug)]
pub struct CallerBody<B>(pub B);

impl<B: Body + Unpin> Body for CallerBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        let mut polled = Pin::new(&mut self.0).poll_frame(cx);
        if let Poll::Ready(Some(Ok(frame))) = &mut polled
            && let Some(trailers) = frame.trailers_mut()
        {
            hop_by_hop::strip(trailers);
            retain(trailers, |name| !is_head_only(name));
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// The fields by which a caller says what it sends behind its body, and that it reads what stands
/// behind an answer. `TE` concerns one connection: of the caller's only this is ours to repeat.
pub(crate) fn announced(headers: &HeaderMap) -> HeaderMap {
    let mut out = HeaderMap::new();
    let coded = headers.get_all(header::TE).iter().filter_map(|value| value.to_str().ok());
    if coded.flat_map(|value| value.split(',')).any(|coding| coding.trim().eq_ignore_ascii_case("trailers")) {
        out.insert(header::TE, HeaderValue::from_static("trailers"));
    }
    for value in headers.get_all(header::TRAILER) {
        out.append(header::TRAILER, value.clone());
    }
    out
}

/// Fields that mean something only before the body: who asks, how the message is framed, how it is read
/// (RFC 9110 section 6.5.1).
fn is_head_only(name: &HeaderName) -> bool {
    matches!(
        *name,
        header::AUTHORIZATION
            | header::CACHE_CONTROL
            | header::CONTENT_ENCODING
            | header::CONTENT_LENGTH
            | header::CONTENT_RANGE
            | header::CONTENT_TYPE
            | header::COOKIE
            | header::EXPECT
            | header::HOST
            | header::MAX_FORWARDS
            | header::RANGE
            | header::SET_COOKIE
    ) || hop_by_hop::is_hop_by_hop(name)
}

fn retain(headers: &mut HeaderMap, keep: impl Fn(&HeaderName) -> bool) {
    let gone: Vec<HeaderName> = headers.keys().filter(|name| !keep(name)).cloned().collect();
    for name in gone {
        headers.remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for &(name, value) in fields {
            headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn a_trailer_cannot_say_what_belongs_into_a_head() {
        let mut trailers = map(&[
            ("content-length", "3"),
            ("transfer-encoding", "chunked"),
            ("authorization", "Bearer x"),
            ("set-cookie", "a=b"),
            ("access-control-allow-origin", "*"),
            ("dovetail-error", "forged"),
            ("grpc-status", "0"),
            ("digest", "x"),
        ]);
        filter(&mut trailers);
        let mut left: Vec<&str> = trailers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["digest", "grpc-status"]);
    }

    #[test]
    fn of_te_only_trailers_is_repeated() {
        assert_eq!(announced(&map(&[("te", "gzip;q=0.5, Trailers")])), map(&[("te", "trailers")]));
        assert_eq!(announced(&map(&[("te", "gzip")])), HeaderMap::new());
        let named = map(&[("trailer", "digest"), ("trailer", "x-a")]);
        assert_eq!(announced(&named), named);
    }
}
