//! Installations of apps and plug-ins (auth-modes.md sections 9 to 11): the page on which something is installed, and
//! what the service says of it afterwards. The key of an app is its owner's: of a JWT only the claims are judged.

use axum::body::Body;
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use dovetail_model::Timestamp;
use http::{Response, StatusCode};
use serde_json::{Value, json};
use url::Url;

use super::book::{Book, Consent};
use super::page::{self, Way};
use crate::answer::{self, json_response};
use crate::demo::{ACCESS_TOKEN, PLUGIN_TOKEN};
use crate::limits::TOKEN_SECONDS;
use crate::received::Received;

/// Header with the address that a page of installations leads back to: it is configured at the service, not sent there.
pub(crate) const CALLBACK: &str = "dovetail-simulated-callback";

/// The page on which something is installed, if this is one.
pub(crate) fn install_page(book: &Book, request: &Received, now: Timestamp) -> Option<Response<Body>> {
    let target = Url::parse(request.header(CALLBACK)?).ok()?;
    let back = |pairs: &[(&str, &str)]| {
        let mut url = target.clone();
        url.query_pairs_mut().extend_pairs(pairs);
        url
    };
    if let (true, Some(state)) = (request.url.path().ends_with("/installations/new"), request.query("state"))
    {
        let code = || book.code(Consent::default());
        let id = book.install(now).to_string();
        let granted = code();
        let asked = code();
        let install = back(&[
            ("installation_id", &id),
            ("setup_action", "install"),
            ("code", &granted),
            ("state", &state),
        ]);
        let ask = back(&[("setup_action", "request"), ("code", &asked), ("state", &state)]);
        let ways = [
            Way { id: "allow", label: "Install", url: &install },
            Way { id: "request", label: "Ask an owner to install it", url: &ask },
        ];
        return Some(page::choice(request.host(), "Install this app?", &ways));
    }
    let state = request.query("payload")?;
    let place = format!("demo-place-{}", book.install(now));
    let install = back(&[("website_id", &place), ("token", PLUGIN_TOKEN), ("payload", &state)]);
    let stranger = back(&[("website_id", &place), ("token", "guessed"), ("payload", &state)]);
    let ways = [
        Way { id: "allow", label: "Install", url: &install },
        Way { id: "stranger", label: "Come back with somebody else's website", url: &stranger },
    ];
    Some(page::choice(request.host(), "Install this plug-in?", &ways))
}

/// The number of the installation in a path such as `/app/installations/7/access_tokens`.
fn number(request: &Received) -> Option<u64> {
    request.url.path().split('/').find_map(|part| part.parse().ok())
}

/// The app that signs, when its JWT is good now.
fn app(request: &Received, now: Timestamp) -> Option<String> {
    let jwt = request.header("authorization")?.strip_prefix("Bearer ")?;
    let claims = BASE64_URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    let claims: Value = serde_json::from_slice(&claims).ok()?;
    let seconds = now.millis().div_euclid(1_000);
    let at = |name: &str| claims.get(name).and_then(Value::as_i64);
    // Ten minutes are the most that the service takes.
    let good = at("iat")? <= seconds && at("exp")? > seconds && at("exp")? - at("iat")? <= 600;
    good.then(|| claims.get("iss").and_then(Value::as_str).map(str::to_owned)).flatten()
}

fn unauthorized() -> Response<Body> {
    answer::error(StatusCode::UNAUTHORIZED, "bad_credentials", "The JWT of the app is not good.")
}

/// A token of an installation.
pub(crate) fn token(book: &Book, request: &Received, now: Timestamp) -> Response<Body> {
    if app(request, now).is_none() {
        return unauthorized();
    }
    match number(request) {
        Some(id) if book.installed(id).is_some() || id == DEMO_INSTALLATION => {
            let end = Timestamp(now.0.saturating_add(i64::try_from(TOKEN_SECONDS * 1_000).unwrap_or(0)));
            let token = book.number(ACCESS_TOKEN);
            let body =
                json!({"token": token, "expires_at": end.iso_z(), "permissions": {"contents": "read"}});
            json_response(StatusCode::CREATED, &body)
        }
        _ => not_found(),
    }
}

/// What is known of an installation.
pub(crate) fn installation(book: &Book, request: &Received, now: Timestamp) -> Response<Body> {
    let Some(app) = app(request, now) else { return unauthorized() };
    match number(request).and_then(|id| Some((id, book.installed(id)?))) {
        Some((id, at)) => {
            let app: Value = app.parse::<u64>().map_or_else(|_| app.into(), Value::from);
            let at = at.iso_z();
            json_response(
                StatusCode::OK,
                &json!({"id": id, "app_id": app, "created_at": at, "updated_at": at}),
            )
        }
        None => not_found(),
    }
}

/// The installations that a person sees: all that were made here.
pub(crate) fn installations(book: &Book, request: &Received) -> Response<Body> {
    let shown = request.header("authorization").unwrap_or_default();
    if !shown.strip_prefix("Bearer ").is_some_and(|token| token.starts_with(ACCESS_TOKEN)) {
        return unauthorized();
    }
    let all: Vec<Value> = book.installations().into_iter().map(|id| json!({ "id": id })).collect();
    json_response(StatusCode::OK, &json!({"total_count": all.len(), "installations": all}))
}

/// An installation that is always there, for imports.
const DEMO_INSTALLATION: u64 = 1;

fn not_found() -> Response<Body> {
    answer::error(StatusCode::NOT_FOUND, "not_found", "There is no such installation.")
}
