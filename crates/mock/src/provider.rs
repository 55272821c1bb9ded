//! Answers in a provider's name.

use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{StreamExt as _, stream};
use http::{HeaderValue, Response, StatusCode};
use serde_json::Value;

use crate::answer::{self, SIMULATED, json_response};
use crate::carrier::Carrier;
use crate::directory::Directory;
use crate::fault::{Fault, FaultError};
use crate::oauth;
use crate::received::Received;
use crate::recognise::Recognised;
use crate::reset;
use crate::simulator::Simulator;
use crate::sink::Delivery;
use crate::verification::is_verification;
use crate::{received, routines, tools};

/// Header that sets the status of an echo.
pub const MOCK_STATUS: &str = "dovetail-mock-status";
/// Header with a fault for this one request, in the short form of [`Fault::parse`].
pub const MOCK_FAULT: &str = "dovetail-mock-fault";

/// Hosts under this name are webhook sinks: `orders.webhook.test` is the sink `orders`. The top-level
/// domain never resolves (RFC 6761 section 6.2).
const SINK_DOMAIN: &str = ".webhook.test";

/// The name of the sink that a host is.
fn sink_name(host: &str) -> Option<&str> {
    host.strip_suffix(SINK_DOMAIN).filter(|name| !name.is_empty())
}

/// Answers a request that was meant for somebody else.
pub(crate) async fn answer(
    simulator: &Simulator,
    directory: &Directory,
    request: Received,
) -> Response<Body> {
    let sink = sink_name(request.host()).map(str::to_owned);
    let endpoint = if sink.is_none() { directory.oauth.find(&request) } else { None };
    let recognised = match (&sink, endpoint) {
        (None, None) => Recognised::of(directory, &request, simulator.now()),
        _ => Recognised::Unknown,
    };
    let provider = match &recognised {
        Recognised::Unknown => endpoint.map(|endpoint| endpoint.provider.id()),
        Recognised::Refused(entry) | Recognised::Accepted { entry, .. } => Some(entry.id()),
    };
    tracing::debug!(
        http.method = %request.parts.method,
        url.host = request.host(),
        mock.provider = provider,
        mock.accepted = matches!(recognised, Recognised::Accepted { .. }),
        "simulated request"
    );
    let fault = match fault_of(simulator, &request, provider) {
        Ok(fault) => fault,
        Err(error) => return answer::error(StatusCode::BAD_REQUEST, "bad_fault", &error.to_string()),
    };
    if let Some(ms) = fault.latency_ms {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
    if fault.reset {
        return reset::before_the_answer();
    }
    let mut response = match (fault.status, &sink, endpoint) {
        (Some(status), ..) => answer::faulty(status, fault.retry_after),
        (None, Some(sink), _) => record(simulator, sink, &request),
        (None, None, endpoint) => {
            let (book, now) = (simulator.book(), simulator.now());
            let special = oauth::install_page(book, &request, now).or_else(|| oauth::sts(&request, now));
            match (special, endpoint) {
                (Some(response), _) => response,
                (None, Some(endpoint)) => oauth::answer(book, endpoint, &request, now),
                (None, None) => answer_as(directory, &recognised, &request),
            }
        }
    };
    let headers = response.headers_mut();
    if let Some(value) = provider.and_then(|id| HeaderValue::from_str(id).ok()) {
        headers.insert(SIMULATED, value);
    }
    if let Ok(id) = HeaderValue::from_str(&simulator.request_id()) {
        headers.insert("dovetail-simulated-request", id);
    }
    damaged(response, &fault)
}

/// The fault for this request: its own, else that of a rule.
fn fault_of(simulator: &Simulator, request: &Received, provider: Option<&str>) -> Result<Fault, FaultError> {
    let own = request.header(MOCK_FAULT).map(str::to_owned).or_else(|| request.query("__fault"));
    match own {
        Some(text) => Fault::parse(&text),
        None => Ok(simulator.faults().take(request.host(), request.url.path(), provider).unwrap_or_default()),
    }
}

/// Keeps a request for whoever asks `GET /__sink/<name>`.
pub(crate) fn record(simulator: &Simulator, sink: &str, request: &Received) -> Response<Body> {
    let delivery = Delivery {
        number: 0,
        received_at: simulator.now().millis(),
        method: request.parts.method.as_str().to_owned(),
        url: request.url.as_str().to_owned(),
        headers: received::headers_value(&request.parts.headers),
        body: request.body_value(),
        body_bytes: request.body_bytes,
    };
    simulator.sinks().record(sink, delivery);
    match steered_status(request) {
        Some(status) => json_response(status, &serde_json::json!({ "received": true })),
        None => bad_status(),
    }
}

fn answer_as(directory: &Directory, recognised: &Recognised<'_>, request: &Received) -> Response<Body> {
    if let Some(response) = routines::elsewhere(directory, request) {
        return response;
    }
    match recognised {
        Recognised::Unknown => answer::error(
            StatusCode::NOT_FOUND,
            "unknown_host",
            &format!("{} belongs to no provider of the catalogue.", request.host()),
        ),
        Recognised::Refused(entry) => {
            let basic = entry.carriers.iter().any(|c| matches!(c, Carrier::Basic));
            answer::refused(entry.id(), basic)
        }
        Recognised::Accepted { entry, connection_config } => {
            let arguments = tools::arguments(request.url.query());
            if let Some(response) = tools::run(request.last_segment(), &arguments, request.body_bytes) {
                return response;
            }
            if request.query("__status").is_none() {
                // What is asked of the answer goes before the mere fact that it is one.
                if let Some(response) = routines::at_home(request) {
                    return response;
                }
                if is_verification(entry, connection_config, request) {
                    return answer::verified(entry.id());
                }
            }
            echo(entry.id(), request)
        }
    }
}

/// What was sent, as JSON; the sender chooses the status.
fn echo(provider: &str, request: &Received) -> Response<Body> {
    match steered_status(request) {
        Some(status) => {
            let mut echo = request.describe();
            echo.insert("provider".into(), provider.into());
            json_response(status, &Value::Object(echo))
        }
        None => bad_status(),
    }
}

/// The status that the sender wants, 200 unless told otherwise; `None` where it is none.
fn steered_status(request: &Received) -> Option<StatusCode> {
    let wish = request.header(MOCK_STATUS).map(str::to_owned).or_else(|| request.query("__status"));
    let Some(wish) = wish else { return Some(StatusCode::OK) };
    wish.parse().ok().filter(|s| (200..600).contains(s)).and_then(|s| StatusCode::from_u16(s).ok())
}

fn bad_status() -> Response<Body> {
    answer::error(StatusCode::BAD_REQUEST, "bad_status", "The status must be 200 to 599.")
}

/// Applies what a fault does to a body.
fn damaged(response: Response<Body>, fault: &Fault) -> Response<Body> {
    if fault.reset_after_bytes.is_none() && fault.slow_body.is_none() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let mut pieces = body.into_data_stream().map(|piece| piece.map_err(std::io::Error::other)).boxed();
    if let Some(slow) = fault.slow_body {
        let pause = Duration::from_millis(slow.every_ms);
        pieces = pieces
            .flat_map(move |piece| match piece {
                Ok(bytes) => stream::iter(cut(bytes, slow.chunk_bytes)).map(Ok).boxed(),
                Err(error) => stream::iter([Err(error)]).boxed(),
            })
            .then(move |piece| async move {
                tokio::time::sleep(pause).await;
                piece
            })
            .boxed();
    }
    if let Some(limit) = fault.reset_after_bytes {
        pieces = reset::after_bytes(pieces, limit).boxed();
    }
    Response::from_parts(parts, Body::from_stream(pieces))
}

fn cut(mut bytes: Bytes, size: usize) -> Vec<Bytes> {
    let mut pieces = Vec::new();
    while !bytes.is_empty() {
        pieces.push(bytes.split_to(size.clamp(1, bytes.len())));
    }
    pieces
}
