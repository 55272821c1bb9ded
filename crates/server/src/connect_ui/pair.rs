//! `/connect/pair`: where a person brings the code that a device without a browser shows (RFC 8628, section 3.3).
//!
//! A code alone does nothing: the page first says what is asked, by whom and for whom, because a code may have been
//! sent by somebody who wants another person's account (section 5.4).

use askama::Template;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{Html, IntoResponse, Response};
use dovetail_model::{ConnectSession, read_pairing_code, show_pairing_code};
use dovetail_store::{Db, StoreError, connect_ui, integrations};
use http::header::{
    ACCEPT_LANGUAGE, CACHE_CONTROL, CONTENT_SECURITY_POLICY, LOCATION, ORIGIN, REFERRER_POLICY, RETRY_AFTER,
    VARY, X_FRAME_OPTIONS,
};
use http::{HeaderMap, HeaderValue, StatusCode};
use url::form_urlencoded;

use super::language::{Language, choose_language};
use crate::actions::pair::{self, Brought};
use crate::call::Head;
use crate::limits::{CALLBACK_PARAMETERS, PAIRING_SHOWN_INTEGRATIONS};
use crate::state::AppState;
use crate::wire::{ApiError, ApiResult};

/// Nothing inline and no script at all; the form goes to this server alone, and nobody may frame it: a press of the
/// button has to be meant.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
);

#[derive(Template)]
#[template(path = "connect_ui/pair.html")]
struct PairPage<'a> {
    language: &'a Language,
    base: &'a str,
    simulate: bool,
    view: View,
}

/// What the page shows.
#[derive(Debug)]
enum View {
    /// The field for the code, with what was wrong with the last one.
    Enter { typed: String, wrong: Option<&'static str> },
    /// What the code asks for.
    Ask(Asked),
    /// The code was refused by its reader.
    Refused,
}

/// What a code asks for, in the words of the page.
#[derive(Debug)]
struct Asked {
    code: String,
    product: Option<String>,
    person: Option<String>,
    device: Option<String>,
    /// Names of what may be linked; empty for anything.
    services: Vec<String>,
    /// How many more there are.
    more: usize,
    again: bool,
}

/// `GET /connect/pair[?code=…]`: the field, or what the code asks for. It changes nothing.
pub(super) async fn show(head: Head) -> ApiResult<Response> {
    let typed = head.query_text("code").unwrap_or_default().to_owned();
    if typed.is_empty() {
        return page(&head, View::Enter { typed, wrong: None }, StatusCode::OK);
    }
    let brought = match bring(&head, &typed).await? {
        Ok(brought) => brought,
        Err(response) => return Ok(response),
    };
    let mut db = head.app.store.read().await?;
    let asked = describe(&mut db, &head.app, &brought, &typed).await?;
    drop(db);
    page(&head, View::Ask(asked), StatusCode::OK)
}

/// `POST /connect/pair`: the reader's answer. Yes opens the Connect page with a session of this browser's own.
pub(super) async fn answer(State(app): State<AppState>, head: Head, body: Bytes) -> ApiResult<Response> {
    let fields: Vec<_> = form_urlencoded::parse(&body).take(CALLBACK_PARAMETERS).collect();
    let field = |name: &str| fields.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
    let typed = field("code").to_owned();
    if !is_own_form(&head) {
        let view = View::Enter { typed: String::new(), wrong: Some("pair.elsewhere") };
        return page(&head, view, StatusCode::FORBIDDEN);
    }
    let brought = match bring(&head, &typed).await? {
        Ok(brought) => brought,
        Err(response) => return Ok(response),
    };
    if field("answer") != "yes" {
        pair::refuse(&app, &brought).await?;
        return page(&head, View::Refused, StatusCode::OK);
    }
    let Some(token) = pair::confirm(&app, &brought).await? else { return unknown(&head, typed) };
    // Relative to the address that the browser knows this server by.
    let base = app.config.public_url.path().trim_end_matches('/');
    let target = format!("{base}/connect/?session_token={}", token.expose());
    let mut location = HeaderValue::from_str(&target).map_err(ApiError::internal)?;
    location.set_sensitive(true);
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(LOCATION, location);
    private(response.headers_mut());
    Ok(response)
}

/// Whether the form was this page's own. Browsers say so, each in one of two ways.
fn is_own_form(head: &Head) -> bool {
    match head.header("sec-fetch-site") {
        Some(site) => site == "same-origin",
        None => {
            head.headers.get(ORIGIN).is_some_and(|origin| origin == head.app.config.public_origin().as_str())
        }
    }
}

/// Looks the code up, within the limits of guessing.
async fn bring(head: &Head, typed: &str) -> ApiResult<Result<Brought, Response>> {
    let app = &head.app;
    let Some(code) = read_pairing_code(typed) else { return unknown(head, typed.to_owned()).map(Err) };
    if let Err(quota) = app.limiter.take_code(head.client_ip, app.now()) {
        let view = View::Enter { typed: typed.to_owned(), wrong: Some("pair.many") };
        let mut response = page(head, view, StatusCode::TOO_MANY_REQUESTS)?;
        let wait = quota.reset.since(app.now()).as_secs().saturating_add(1);
        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from(wait));
        return Ok(Err(response));
    }
    match pair::look_up(app, &code).await? {
        Some(brought) => Ok(Ok(brought)),
        None => unknown(head, typed.to_owned()).map(Err),
    }
}

fn unknown(head: &Head, typed: String) -> ApiResult<Response> {
    page(head, View::Enter { typed, wrong: Some("pair.unknown") }, StatusCode::NOT_FOUND)
}

async fn describe(
    db: &mut impl Db,
    app: &AppState,
    brought: &Brought,
    typed: &str,
) -> Result<Asked, StoreError> {
    let Brought { pairing, session } = brought;
    let settings = connect_ui::get(db, session.environment).await?;
    let allowed = session.allowed_integrations.as_deref().unwrap_or_default();
    let mut services = Vec::new();
    for key in allowed.iter().take(PAIRING_SHOWN_INTEGRATIONS) {
        let integration = integrations::by_key(db, session.environment, key).await?;
        let name = integration.map(|integration| {
            let provider = app.catalog.current().shared(&integration.provider);
            let own = integration.display_name.filter(|name| !name.is_empty());
            own.or_else(|| provider.map(|provider| provider.display_name.clone()))
                .unwrap_or(integration.provider)
        });
        services.push(name.unwrap_or_else(|| key.clone()));
    }
    Ok(Asked {
        code: read_pairing_code(typed).map(|code| show_pairing_code(&code)).unwrap_or_default(),
        product: settings.app_name.filter(|name| !name.is_empty()),
        person: person(session),
        device: pairing.client_name.clone(),
        more: allowed.len() - services.len(),
        services,
        again: session.reconnects().is_some(),
    })
}

/// The end user, so that the reader sees whose account of the product gets theirs.
fn person(session: &ConnectSession) -> Option<String> {
    let user = session.end_user.as_ref()?;
    let some = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    Some(match (some(&user.display_name), some(&user.email)) {
        (Some(name), Some(email)) => format!("{name} ({email})"),
        (Some(one), None) | (None, Some(one)) => one,
        (None, None) => user.id.clone(),
    })
}

fn page(head: &Head, view: View, status: StatusCode) -> ApiResult<Response> {
    let config = &head.app.config;
    let accept = head.headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let page = PairPage {
        language: choose_language(head.query_text("lang"), accept),
        base: config.public_url.path().trim_end_matches('/'),
        simulate: config.simulates(),
        view,
    };
    let html = page.render().map_err(ApiError::internal)?;
    let mut response = (status, Html(html)).into_response();
    let out = response.headers_mut();
    out.insert(VARY, HeaderValue::from_static("Accept-Language"));
    out.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    out.insert(CONTENT_SECURITY_POLICY, POLICY);
    private(out);
    Ok(response)
}

/// The address may hold a code: it is not kept, and no other site reads it. Our own form still says where it is from.
fn private(headers: &mut HeaderMap) {
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}
