//! One attempt: send, and follow redirects without giving the credentials to strangers.

use std::time::Duration;

use dovetail_egress::redirect::{self, Hop};
use dovetail_egress::{Body, Client, EgressError, Head, ResponseBody, SendOptions, collect};
use dovetail_model::{Act, KeyLimits, Refusal, Timestamp};
use http::header::HeaderName;
use http::{HeaderMap, Method, Response};
use url::Url;

use crate::making::Making;
use crate::policy::ProxyPolicy;
use crate::{limits, secrecy};

/// A request that is ready to go.
#[derive(Debug)]
pub(crate) struct Outgoing {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
}

/// What may travel along on a redirect.
#[derive(Clone, Copy)]
pub(crate) struct Baggage<'a> {
    /// Which hosts may be reached.
    pub(crate) policy: &'a ProxyPolicy,
    /// Everything goes everywhere.
    pub(crate) all: bool,
    /// The fields that the caller passed by itself.
    pub(crate) of_caller: &'a HeaderMap,
    /// Makes the fields again where they depend on the URL, as signatures do.
    pub(crate) anew: Option<Making<'a>>,
    /// What every request that carries credentials must keep to.
    pub(crate) bounds: Option<Bounds<'a>>,
}

/// The limits of the caller's key, as of now.
#[derive(Clone, Copy)]
pub(crate) struct Bounds<'a> {
    pub(crate) limits: &'a KeyLimits,
    pub(crate) at: Timestamp,
}

impl Bounds<'_> {
    /// Judges a request by what is sent, not by what the caller wrote.
    pub(crate) fn permit(self, method: &Method, url: &Url) -> Result<(), Refusal> {
        self.limits.permits(self.at, Act::Send { method: method.as_str(), path: url.path() })
    }
}

/// Sends `outgoing` and follows its redirects; then it is what was sent last. A redirect that needs a body which is gone is
/// itself the answer, and so is one without a usable target, or to where the limits of the key end.
pub(crate) async fn exchange(
    client: &Client,
    outgoing: &mut Outgoing,
    baggage: Baggage<'_>,
    total: Option<Duration>,
) -> Result<Response<ResponseBody>, EgressError> {
    let deadline = total.map(|total| tokio::time::Instant::now() + total);
    let Outgoing { method, url, headers, body } = outgoing;
    for hop in 0..=limits::MAX_REDIRECTS {
        baggage.policy.check_host(url)?;
        let spare = body.try_clone();
        let head = Head { method, url, headers };
        let total = deadline.map(|deadline| deadline.saturating_duration_since(tokio::time::Instant::now()));
        let response = client
            .send_to(head, std::mem::take(body), &SendOptions { total, ..SendOptions::default() })
            .await?;
        let next = redirect::next_hop(method, url, response.status(), response.headers());
        let next = next.ok().flatten().filter(|next| stays_within(next, baggage));
        let Some((next, spare)) = next.and_then(|next| kept_body(next, spare)) else {
            return Ok(response);
        };
        if hop == limits::MAX_REDIRECTS {
            break;
        }
        Box::pin(drain(response)).await;
        match baggage.anew.filter(|_| baggage.all || !next.cross_origin) {
            Some(making) => {
                *headers = making
                    .moved(&next.method, &next.url, next.drop_body)
                    .map_err(|_| EgressError::InvalidUrl("the redirect cannot be signed"))?;
            }
            None => strip(headers, &next, baggage),
        }
        (*method, *url, *body) = (next.method, next.url, spare);
    }
    Err(EgressError::TooManyRedirects)
}

/// Whether a redirect leads nowhere that the key may not go by itself. Without the credentials it may go anywhere.
fn stays_within(next: &Hop, baggage: Baggage<'_>) -> bool {
    let Some(bounds) = baggage.bounds else { return true };
    (next.cross_origin && !baggage.all) || bounds.permit(&next.method, &next.url).is_ok()
}

/// The hop with the body that it needs; none if that body has been sent and is gone.
fn kept_body(hop: Hop, spare: Option<Body>) -> Option<(Hop, Body)> {
    let body = if hop.drop_body { Some(Body::empty()) } else { spare };
    body.map(|body| (hop, body))
}

fn strip(headers: &mut HeaderMap, hop: &Hop, baggage: Baggage<'_>) {
    // Whether a field may cross: it describes the request, or it is the caller's own and no
    // secret by its name. Nothing that comes from the connection or the definition does.
    let crosses = |name: &HeaderName| {
        redirect::is_safe_across_origins(name)
            || (baggage.of_caller.contains_key(name) && !secrecy::names_a_secret(name))
    };
    if hop.cross_origin && !baggage.all {
        let gone: Vec<HeaderName> = headers.keys().filter(|name| !crosses(name)).cloned().collect();
        for name in gone {
            headers.remove(name);
        }
    }
    redirect::strip_for_hop(headers, hop, true);
}

/// Reads the rest of an answer that nobody wants, so that its connection can be used again.
pub(crate) async fn drain(response: Response<ResponseBody>) {
    let reading = collect(response.into_body(), limits::DRAIN_BYTES);
    match tokio::time::timeout(limits::DRAIN_TIME, reading).await {
        Ok(Ok(_)) => {}
        Ok(Err(error)) => tracing::debug!(%error, "discarded answer not read to its end"),
        Err(_) => tracing::debug!("discarded answer too slow to read to its end"),
    }
}
