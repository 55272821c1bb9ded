//! `ANY /proxy/{path}`: calls a service with a connection's credentials (spec: proxy.md, http-api.md 2.12).

mod answer;
mod error_body;
mod fresh;
mod steering;
mod tunnel;
mod watched_body;
mod witness;

use std::sync::Arc;

use axum::extract::Request;
use axum::response::Response;
use dovetail_catalog::outgoing::CredentialView;
use dovetail_connect::IntegrationValues;
use dovetail_connect::pending::is_empty;
use dovetail_egress::{Body, ResponseBody};
use dovetail_model::{Act, Integration, OperationState, Scope};
use dovetail_proxy::trailers::CallerBody;
use dovetail_proxy::{CallerHeaders, ProxyCall, ProxyError, Renew, Target};
use dovetail_store::connections::SealedConnection;
use dovetail_store::{CachedConnection, integrations};
use http::StatusCode;
use http::header::CONTENT_LENGTH;
use hyper::upgrade::OnUpgrade;
use serde_json::Map;
use utoipa::OpenApi;

use self::watched_body::WatchedBody;
use self::witness::Witness;
use crate::auth::{Auth, Caller, QuotaSlot};
use crate::call::Head;
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult, ErrorCode};

const PREFIX: &str = "/proxy";

/// Whether a path is this area's: the prefix in any case, alone or with something behind it. These calls do not go
/// through the router (`middleware/passage.rs`).
pub(crate) fn is_meant(path: &str) -> bool {
    path.split_at_checked(PREFIX.len()).is_some_and(|(prefix, rest)| {
        prefix.eq_ignore_ascii_case(PREFIX) && (rest.is_empty() || rest.starts_with('/'))
    })
}

/// Description of this area.
#[derive(Debug, OpenApi)]
#[openapi(paths(proxy))]
pub struct Docs;

/// Forwards the call to the provider of a connection and passes its answer on as received. Path, query and body are
/// the caller's; `Nango-Proxy-<Name>` headers are forwarded as `<Name>`. Answers of our own carry `Dovetail-Error`.
#[utoipa::path(
    method(get, post, put, patch, delete),
    path = "/proxy/{path}",
    tag = "proxy",
    security(("apiKey" = [])),
    params(
        ("path" = String, Path, description = "Path at the provider, with its query"),
        ("Provider-Config-Key" = String, Header, description = "Integration"),
        ("Connection-Id" = String, Header, description = "Connection"),
        ("Base-Url-Override" = Option<String>, Header, description = "Base URL instead of the definition's"),
        ("Retries" = Option<u8>, Header, description = "Repetitions after a failure, at most 10"),
        ("Retry-On" = Option<String>, Header, description = "Further statuses to retry, comma separated"),
        ("Decompress" = Option<bool>, Header, description = "Ask for an uncompressed answer"),
        ("Forward-Headers-On-Redirect" = Option<bool>, Header, description = "Send all headers to foreign hosts too"),
        ("Dovetail-Timeout-Ms" = Option<u32>, Header, description = "Bound of the whole call, in milliseconds")
    ),
    responses(
        (status = "default", description = "The provider's answer"),
        (status = 400, description = "`invalid_headers`, `base_url_override_not_allowed`, ... or the provider's 400"),
        (status = 401), (status = 403), (status = 404), (status = 429),
        (status = 502, description = "`provider_unreachable`"),
        (status = 504, description = "`provider_timeout`")
    )
)]
pub(crate) async fn proxy(app: &AppState, request: Request, quota: &QuotaSlot) -> Response {
    let method = request.method().clone();
    match call(app, request, quota).await {
        Ok(response) => answer::passed_on(response),
        Err(Failure::Ours(error)) => answer::refused(error),
        Err(Failure::Proxy(error)) => answer::not_forwarded(&error, &method),
    }
}

/// Why there is no answer of the provider.
enum Failure {
    Ours(ApiError),
    Proxy(ProxyError),
}

impl<E: Into<ApiError>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self::Ours(error.into())
    }
}

async fn call(
    app: &AppState,
    mut request: Request,
    quota: &QuotaSlot,
) -> Result<http::Response<WatchedBody>, Failure> {
    let switching = hyper::upgrade::on(&mut request);
    let (parts, body) = request.into_parts();
    let head = Head::opaque(parts, app, quota.clone());
    let caller = Auth::key().scope(Scope::PROXY).limited().check(&head).await?;
    let headers = CallerHeaders::parse(&head.headers)
        .map_err(|issues| Failure::Proxy(ProxyError::InvalidHeaders(issues)))?;
    steering::check(&caller.reach, &headers, endpoint(&head))?;
    let sealed = fresh::usable(app, find(app, &caller, &headers).await?).await?;
    app.store.touch_connection(sealed.info.id, sealed.info.last_fetched_at);
    let catalog = app.catalog.current();
    let provider = catalog.get(&sealed.info.provider);
    let integration = match provider {
        Some(provider) if dovetail_proxy::needs_integration(provider) => {
            Some(Box::pin(integration(app, &caller, &headers)).await?)
        }
        _ => None,
    };
    let values = integration.as_ref().map(IntegrationValues::of).unwrap_or_default();
    let credentials = sealed.open_credentials()?;
    if is_empty(&credentials) {
        return Err(fresh::waits().into());
    }
    let config = sealed.open_config()?;
    let no_metadata = Map::new();
    let renewing = fresh::Renewing::of(app, &sealed, &credentials);
    let content_length = head.headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    let limits = caller.reach.limits().cloned();
    let proxy_call = ProxyCall {
        method: head.method.clone(),
        endpoint: endpoint(&head),
        headers,
        body: Body::stream(CallerBody(body)),
        content_length,
        target: Target {
            provider,
            integration: values.facts(),
            connection_id: &sealed.info.connection_id,
            connection_config: &config,
            metadata: sealed.info.metadata.as_ref().unwrap_or(&no_metadata),
            credentials: CredentialView::from(&credentials),
            renew: renewing.as_ref().map(|renewing| renewing as &dyn Renew),
        },
        limits: limits.as_deref(),
    };
    let witness = Witness::begin(app, caller, &proxy_call.headers, sealed.clone()).await?;
    match app.proxy.forward(proxy_call, &witness).await {
        Ok(response) => {
            let status = response.status();
            if status == StatusCode::SWITCHING_PROTOCOLS {
                return switch(app, switching, response, witness);
            }
            let (head, body) = response.into_parts();
            let body = WatchedBody::new(body, &head, witness);
            Ok(http::Response::from_parts(head, body))
        }
        Err(error) => {
            witness.failed(&error);
            Err(Failure::Proxy(error))
        }
    }
}

/// Passes on that the provider changes the protocol, and carries what is said from then on.
fn switch(
    app: &AppState,
    caller: OnUpgrade,
    mut response: http::Response<ResponseBody>,
    witness: Witness,
) -> Result<http::Response<WatchedBody>, Failure> {
    let Ok(place) = app.tunnels.clone().try_acquire_owned() else {
        witness.answered(StatusCode::SERVICE_UNAVAILABLE, Some(OperationState::Failed), None);
        return Err(ApiError::new(ErrorCode::TooManyRequest).into());
    };
    tokio::spawn(tunnel::run(caller, hyper::upgrade::on(&mut response), witness, place));
    Ok(response.map(|body| WatchedBody::unwatched(body, StatusCode::SWITCHING_PROTOCOLS)))
}

async fn find(app: &AppState, caller: &Caller, headers: &CallerHeaders) -> ApiResult<Arc<SealedConnection>> {
    let (environment, connection_id) = (caller.environment_id(), &headers.connection_id);
    caller.permits(Act::Integration { key: &headers.integration_key })?;
    match app.store.cached_connection(environment, &headers.integration_key, connection_id).await? {
        CachedConnection::Found(connection) if caller.reach.has(&connection.info) => Ok(connection),
        CachedConnection::NoIntegration => Err(ApiError::new(ErrorCode::UnknownProviderConfigNotFound)),
        CachedConnection::Found(_) | CachedConnection::NoConnection => {
            Err(ApiError::new(ErrorCode::ServerErrorProxy)
                .message("Failed to get connection")
                .with("reason", ErrorCode::UnknownConnection.row().wire))
        }
    }
}

async fn integration(app: &AppState, caller: &Caller, headers: &CallerHeaders) -> ApiResult<Integration> {
    let mut db = app.store.read().await?;
    let found = integrations::by_key(&mut db, caller.environment_id(), &headers.integration_key).await?;
    found.ok_or_else(|| ApiError::new(ErrorCode::UnknownProviderConfigNotFound))
}

/// Path and query behind the prefix, byte for byte.
fn endpoint(head: &Head) -> &str {
    let target = head.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    target.get(PREFIX.len()..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::is_meant;

    #[test]
    fn the_prefix_is_a_whole_segment_in_any_case() {
        for path in ["/proxy", "/proxy/", "/PROXY/a/b", "/Proxy/a%2Fb"] {
            assert!(is_meant(path), "{path}");
        }
        for path in ["/", "/prox", "/proxyx", "/proxy.json", "/api/proxy", "/pr\u{e9}oxy"] {
            assert!(!is_meant(path), "{path}");
        }
    }
}
