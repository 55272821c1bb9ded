//! The control API, at the simulator's own address.

use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::response::Response;
use axum::routing::{any, get};
use axum::{Json, Router};
use http::{StatusCode, header::HOST};
use serde::Deserialize;
use serde_json::json;
use url::Url;

use crate::fault::FaultRule;
use crate::limits::CONTROL_BODY_BYTES;
use crate::received::Received;
use crate::simulator::Simulator;
use crate::{answer, provider, tools};

pub(crate) fn router() -> Router<Simulator> {
    Router::new()
        .route("/__faults", get(list_faults).post(add_fault).delete(clear_faults))
        .route("/__sink/{name}", get(read_sink).post(record).put(record).delete(clear_sink))
        .route("/__credentials", get(credentials))
        .route("/__stream", any(tool))
        .route("/__sse", any(tool))
        .route("/__discard", any(tool))
        .route("/__redirect", any(tool))
        .layer(DefaultBodyLimit::max(CONTROL_BODY_BYTES))
        .fallback(unknown)
}

async fn unknown() -> Response {
    answer::error(
        StatusCode::NOT_FOUND,
        "unknown_route",
        "This is the simulator itself. Send `Dovetail-Simulated-Url` or the `Host` of a provider, \
         or call /__credentials, /__faults, /__sink/<name>, /__stream, /__sse, /__discard or /__redirect.",
    )
}

async fn credentials(State(simulator): State<Simulator>) -> Response {
    answer::json_response(StatusCode::OK, &json!({ "credentials": simulator.credentials() }))
}

async fn list_faults(State(simulator): State<Simulator>) -> Response {
    answer::json_response(StatusCode::OK, &json!({ "faults": simulator.faults().list() }))
}

async fn add_fault(
    State(simulator): State<Simulator>,
    body: Result<Json<FaultRule>, axum::extract::rejection::JsonRejection>,
) -> Response {
    let rule = match body {
        Ok(Json(rule)) => rule,
        Err(rejection) => return answer::error(rejection.status(), "bad_fault", &rejection.body_text()),
    };
    match simulator.faults().add(rule.clone()) {
        Ok(()) => answer::json_response(StatusCode::CREATED, &json!(rule)),
        Err(error) => answer::error(StatusCode::BAD_REQUEST, "bad_fault", &error.to_string()),
    }
}

async fn clear_faults(State(simulator): State<Simulator>) -> StatusCode {
    simulator.faults().clear();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
struct SinkQuery {
    /// Deliveries to wait for.
    #[serde(default)]
    count: usize,
    /// How long, in milliseconds.
    #[serde(default)]
    wait_ms: u64,
}

async fn read_sink(
    State(simulator): State<Simulator>,
    Path(name): Path<String>,
    query: Result<Query<SinkQuery>, axum::extract::rejection::QueryRejection>,
) -> Response {
    let Ok(Query(query)) = query else {
        return answer::error(StatusCode::BAD_REQUEST, "bad_query", "`count` and `wait_ms` are numbers.");
    };
    let wait = Duration::from_millis(query.wait_ms);
    let requests = simulator.sinks().wait_for(&name, query.count, wait).await;
    answer::json_response(StatusCode::OK, &json!({ "sink": name, "requests": requests }))
}

/// Deliveries may also come to the simulator's own address.
async fn record(State(simulator): State<Simulator>, Path(name): Path<String>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let host = parts.headers.get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    let Ok(url) = Url::parse(&format!("http://{host}{}", parts.uri)) else {
        return answer::error(StatusCode::BAD_REQUEST, "bad_target", "The request target is not a URL.");
    };
    match Received::read(parts, url, body).await {
        Ok(received) => provider::record(&simulator, &name, &received),
        Err(_) => answer::error(StatusCode::BAD_REQUEST, "bad_body", "The request body broke off."),
    }
}

async fn clear_sink(State(simulator): State<Simulator>, Path(name): Path<String>) -> StatusCode {
    simulator.sinks().clear(&name);
    StatusCode::NO_CONTENT
}

async fn tool(request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(url) = Url::parse(&format!("http://localhost{}", parts.uri)) else {
        return unknown().await;
    };
    let arguments = tools::arguments(url.query());
    match Received::read(parts, url, body).await {
        Ok(received) => match tools::run(received.last_segment(), &arguments, received.body_bytes) {
            Some(response) => response,
            None => unknown().await,
        },
        Err(_) => answer::error(StatusCode::BAD_REQUEST, "bad_body", "The request body broke off."),
    }
}
