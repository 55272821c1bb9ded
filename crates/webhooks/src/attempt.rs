//! One attempt to hand one webhook to one endpoint.

use std::time::Duration;

use bytes::Bytes;
use dovetail_egress::{Body, Client, EgressError, Redirects, ResponseBody, SendOptions};
use dovetail_model::{Clock, Timestamp};
use http::{HeaderName, HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::BodyExt;

use crate::limits;
use crate::schedule::{Outcome, retry_after};
use crate::signature::{SigningKeys, signature_headers};

/// What is handed over.
#[derive(Debug, Clone)]
pub struct Parcel {
    /// The event's id, the same in every attempt and for every endpoint.
    pub event_id: String,
    /// Where to.
    pub url: String,
    /// Fields beside the signatures.
    pub headers: Vec<(String, String)>,
    /// The signed bytes.
    pub body: Bytes,
}

/// How it went.
#[derive(Debug, Clone)]
pub struct Attempt {
    /// When the attempt began.
    pub started_at: Timestamp,
    /// How long it took.
    pub took: Duration,
    /// The receiver's answer, or why there is none.
    pub outcome: Outcome,
    /// The start of the receiver's answer, for the delivery log; at most
    /// [`limits::MAX_LOGGED_ANSWER_BYTES`], not UTF-8 replaced.
    pub answer: String,
}

/// Posts `parcel`, signed at this instant: a receiver may refuse old timestamps.
pub async fn attempt(client: &Client, keys: &SigningKeys, parcel: &Parcel, clock: &dyn Clock) -> Attempt {
    let started_at = clock.now();
    let (outcome, answer) = match post(client, keys, parcel, started_at).await {
        Ok(response) => {
            let status = response.status();
            let retry_after = retry_after(response.headers(), clock.now());
            (Outcome::Answered { status, retry_after }, excerpt(response.into_body()).await)
        }
        Err(error) => (Outcome::Failed(error), String::new()),
    };
    Attempt { started_at, took: clock.now().since(started_at), outcome, answer }
}

async fn post(
    client: &Client,
    keys: &SigningKeys,
    parcel: &Parcel,
    at: Timestamp,
) -> Result<Response<ResponseBody>, EgressError> {
    let mut request = Request::new(Body::full(parcel.body.clone()));
    *request.method_mut() = Method::POST;
    *request.uri_mut() =
        Uri::try_from(&parcel.url).map_err(|_| EgressError::InvalidUrl("the webhook URL does not parse"))?;
    let headers = request.headers_mut();
    for (name, value) in &parcel.headers {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            headers.insert(name, value);
        }
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    // Last: no field of the event may stand for a signature.
    headers.extend(signature_headers(keys, &parcel.event_id, at, &parcel.body));
    // The headers are no secret without the key, and useless without them is the body.
    let redirects = Redirects::SameMethodOnly { max: limits::MAX_REDIRECTS, keep_headers: true };
    let options = SendOptions::default().total(limits::ATTEMPT_TIMEOUT).redirects(redirects);
    client.send(request, options).await
}

/// The start of an answer. A body that fails or hangs after its head changes nothing: the
/// receiver has decided with the status.
async fn excerpt(mut body: ResponseBody) -> String {
    let mut seen = Vec::new();
    while seen.len() < limits::MAX_LOGGED_ANSWER_BYTES {
        let Some(Ok(frame)) = body.frame().await else { break };
        if let Ok(data) = frame.into_data() {
            seen.extend_from_slice(&data);
        }
    }
    seen.truncate(limits::MAX_LOGGED_ANSWER_BYTES);
    String::from_utf8_lossy(&seen).into_owned()
}
