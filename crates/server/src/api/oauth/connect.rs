//! `GET /oauth/connect/{providerConfigKey}`: a browser's window, on its way to a provider.

use axum::response::{IntoResponse as _, Response};
use dovetail_connect::flow;
use http::header::{CACHE_CONTROL, LOCATION, REFERRER_POLICY, SET_COOKIE};
use http::{HeaderValue, StatusCode};
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

use crate::actions::begin_flow::{self, Begun};
use crate::actions::link_account::LinkAttempt;
use crate::auth::{Auth, SessionCaller};
use crate::call::Head;
use crate::popup::{self, Outcome};
use crate::wire::ApiError;

/// Sends the browser to the provider. Every failure is a page in the window, and the outcome for whoever waits.
#[utoipa::path(
    get, path = "/oauth/connect/{providerConfigKey}", tag = "auth",
    params(
        ("providerConfigKey" = String, Path, description = "Key of an integration whose accounts are linked in a window of the provider"),
        ("connect_session_token" = String, Query, description = "Token of a connect session"),
        ("ws_client_id" = Option<String>, Query, description = "Id of the socket that waits for the outcome, or a UUID of your own to poll it by"),
        ("params" = Option<Object>, Query, style = DeepObject, description = "Connection config: `params[subdomain]=acme`"),
        ("authorization_params" = Option<Object>, Query, style = DeepObject, description = "Parameters of the authorization URL; `undefined` takes one away"),
        ("credentials" = Option<Object>, Query, style = DeepObject, description = "The end user's own client: `oauth_client_id_override`, `oauth_client_secret_override`, `oauth_refresh_token_override`"),
        ("user_scope" = Option<String>, Query, description = "Scopes of the user, comma separated (Slack)"),
        ("return_url" = Option<String>, Query, description = "Where the browser goes afterwards, in place of a page of ours: exactly the return URL of the Connect page's settings"),
    ),
    responses(
        (status = 302, description = "To the provider"),
        (status = 303, description = "To `return_url`, with `error_type` and `error`: what is wrong before the provider"),
        (status = 400, description = "A page that says what is wrong"),
        (status = 401, description = "A page: the session token is missing, unknown or over"),
    ),
)]
pub(super) async fn begin(head: Head) -> Response {
    let socket = head.query_text("ws_client_id").and_then(|text| Uuid::parse_str(text).ok());
    let caller = match Auth::session_or_public().check(&head).await {
        Ok(caller) => caller,
        Err(error) => return refused(&head, socket, None, error).await,
    };
    let attempt = LinkAttempt::begin_any(&head, &caller, flow::serves).await;
    let outcome = match attempt {
        Ok(attempt) => match begin_flow::begin(&head, &attempt, socket).await {
            Ok(begun) => return sent(&head, begun),
            Err(outcome) => outcome,
        },
        Err(error) => return refused(&head, socket, Some(&caller), error).await,
    };
    begin_flow::refuse(socket, Some(&caller), &head.app, &outcome).await;
    if let Some(back) = way_back(&head, &caller, &outcome).await {
        return back;
    }
    popup::result_page(&head.app.config, &head.headers, &outcome)
}

/// Back to the page that sent the browser here, if it may be gone to.
async fn way_back(head: &Head, caller: &SessionCaller, outcome: &Outcome) -> Option<Response> {
    let url = begin_flow::return_url(head, &head.app, &caller.environment).await.ok()??;
    popup::returned(&url, outcome)
}

/// A failure of the pipeline keeps its status and headers, and is a page all the same.
async fn refused(
    head: &Head,
    socket: Option<Uuid>,
    caller: Option<&SessionCaller>,
    error: ApiError,
) -> Response {
    let outcome = Outcome::of_api_error(&error).keyed(head.param("providerConfigKey"));
    begin_flow::refuse(socket, caller, &head.app, &outcome).await;
    if let Some(caller) = caller
        && let Some(back) = way_back(head, caller, &outcome).await
    {
        return back;
    }
    let mut page = popup::result_page(&head.app.config, &head.headers, &outcome);
    let json = error.into_response();
    // 404 and 400 are one to a window; 401, 429 and 500 are for whoever watches.
    if !matches!(json.status(), StatusCode::NOT_FOUND) {
        *page.status_mut() = json.status();
    }
    for (name, value) in json.headers() {
        if name == http::header::RETRY_AFTER {
            page.headers_mut().insert(name.clone(), value.clone());
        }
    }
    page.extensions_mut().extend(json.extensions().clone());
    page
}

fn sent(head: &Head, begun: Begun) -> Response {
    let config = &head.app.config;
    // The simulator cannot be reached by browsers: its pages are shown here.
    let target = if config.simulates() {
        let intended: String = byte_serialize(begun.url.as_str().as_bytes()).collect();
        config.absolute(&format!("/oauth/simulated?url={intended}"))
    } else {
        begun.url.into()
    };
    let cookie = popup::bind(config, begun.state.expose(), &begun.binding);
    let (Ok(location), Some(cookie)) = (HeaderValue::from_str(&target), cookie) else {
        let outcome =
            Outcome::refused("url_param_err", "The provider's address cannot be sent to a browser.");
        return popup::result_page(config, &head.headers, &outcome);
    };
    let mut response = StatusCode::FOUND.into_response();
    let out = response.headers_mut();
    out.insert(LOCATION, location);
    out.insert(SET_COOKIE, cookie);
    out.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    out.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}
