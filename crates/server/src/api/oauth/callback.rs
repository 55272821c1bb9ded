//! `/oauth/callback`: where providers send the browser back to, by redirect or by a form that their page posts.

use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::{HeaderMap, Uri};
use url::form_urlencoded;

use crate::actions::finish_flow::{self, Callback, Finished};
use crate::limits::CALLBACK_PARAMETERS;
use crate::popup::{self, Outcome};
use crate::state::AppState;

/// Finishes a link by the parameters that the provider added to the address.
#[utoipa::path(
    get, path = "/oauth/callback", tag = "auth",
    params(
        ("state" = String, Query, description = "The state that the browser was sent away with"),
        ("code" = Option<String>, Query, description = "Authorization code; some providers have another name for it"),
    ),
    responses(
        (status = 200, description = "A page: the account is linked"),
        (status = 303, description = "To the return URL of the attempt, with `connection_id` and `provider_config_key`, or `error_type` and `error`"),
        (status = 400, description = "A page that says what is wrong"),
    ),
)]
pub(super) async fn by_query(State(app): State<AppState>, uri: Uri, headers: HeaderMap) -> Response {
    answer(app, headers, uri.query().unwrap_or_default().to_owned()).await
}

/// The same for `response_mode=form_post` (OAuth 2.0 Form Post Response Mode).
#[utoipa::path(
    post, path = "/oauth/callback", tag = "auth",
    request_body(content = String, content_type = "application/x-www-form-urlencoded"),
    responses(
        (status = 200, description = "As for GET"),
        (status = 303, description = "As for GET"),
        (status = 400, description = "As for GET"),
    ),
)]
pub(super) async fn by_form(State(app): State<AppState>, headers: HeaderMap, body: Bytes) -> Response {
    let form = String::from_utf8_lossy(&body).into_owned();
    answer(app, headers, form).await
}

async fn answer(app: AppState, headers: HeaderMap, query: String) -> Response {
    let params = form_urlencoded::parse(query.as_bytes())
        .take(CALLBACK_PARAMETERS)
        .map(|(name, value)| (name.into_owned(), value.into_owned()))
        .collect();
    let callback = Callback { headers: headers.clone(), query, params };
    // A window that closes early must not lose tokens that were issued already.
    let finishing = tokio::spawn(finish_flow::finish(app.clone(), callback));
    let finished = finishing.await.unwrap_or_else(|error| {
        tracing::error!(%error, "a callback broke off");
        Outcome::refused("unknown_err", "The server could not link the account. Start again.").into()
    });
    let Finished { outcome, return_url } = finished;
    match return_url.and_then(|url| popup::returned(&url, &outcome)) {
        Some(response) => response,
        None => popup::result_page(&app.config, &headers, &outcome),
    }
}
