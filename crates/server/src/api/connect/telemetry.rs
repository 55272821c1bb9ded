//! `POST /connect/telemetry`: what happens in the Connect page, for the activity log (spec: http-api.md 2.6).

use dovetail_model::{Level, MessageContext};
use http::StatusCode;
use serde_json::json;

use crate::api::shapes::date;
use crate::auth::Auth;
use crate::call::Call;
use crate::limits::TELEMETRY_CLOCK_SKEW_MS;
use crate::validate::rules::integration_key;
use crate::validate::{self, Cx, Schema as _, choice, field, object, string};
use crate::wire::{ApiResult, no_content};

/// An event, with what the log says about it.
#[derive(Clone, Copy, Debug)]
struct Event {
    level: Level,
    sentence: &'static str,
}

const fn info(sentence: &'static str) -> Event {
    Event { level: Level::Info, sentence }
}

const fn error(sentence: &'static str) -> Event {
    Event { level: Level::Error, sentence }
}

const EVENTS: &[(&str, Event)] = &[
    ("open", info("[UI] Connect page opened")),
    ("view:list", info("[UI] List of integrations shown")),
    ("view:integration", info("[UI] Form of an integration shown")),
    ("view:unknown_error", error("[UI] Unexpected error shown")),
    ("view:credentials_error", error("[UI] The service refused the credentials")),
    ("view:success", info("[UI] Success shown")),
    ("click:integration", info("[UI] Integration chosen")),
    ("click:doc", info("[UI] Guide opened")),
    ("click:doc_section", info("[UI] Guide step of a field opened")),
    ("click:connect", info("[UI] Connect pressed")),
    ("click:close", info("[UI] Close pressed")),
    ("click:finish", info("[UI] Finish pressed")),
    ("click:outside", info("[UI] Clicked outside of the page")),
    ("popup:blocked_by_browser", error("[UI] The browser blocked the sign-in window")),
    ("popup:closed_early", error("[UI] The sign-in window was closed early")),
];

/// Appends what happened in the Connect page to the session's operation. Sent by `navigator.sendBeacon`.
#[utoipa::path(
    post, path = "/connect/telemetry", tag = "connect",
    request_body(content = Object, example = json!({
        "token": "nango_connect_session_9f0c…", "event": "open", "timestamp": "2026-02-03T04:05:06.789Z"
    })),
    responses(
        (status = 204),
        (status = 400, description = "`invalid_body`, `invalid_query_params`"),
        (status = 401, description = "`missing_auth_header`, `invalid_connect_session_token_format`, `unknown_connect_session_token`"),
    ),
)]
pub(super) async fn record(call: Call) -> ApiResult<StatusCode> {
    let caller = Auth::session_in_body().check(&call).await?;
    validate::no_query(&call.query)?;
    let now = call.app.now();
    let body = object((
        field("token", string()),
        field("event", choice(EVENTS)),
        field(
            "timestamp",
            date().refine(|at, cx: &mut Cx| {
                if (now.millis() - at.millis()).abs() > TELEMETRY_CLOCK_SKEW_MS {
                    cx.custom("The time of the event is more than two hours away from the server's", &[]);
                }
            }),
        ),
        field("dimensions", object((field("integration", integration_key().optional()),)).optional()),
    ));
    let (_, event, at, dimensions) = validate::body(&body, call.json())?;
    if let Some(operation) = &caller.session.operation {
        let integration = dimensions.and_then(|(integration,)| integration);
        let meta = integration.map(|integration| ("meta".to_owned(), json!({ "integration": integration })));
        let details = meta.into_iter().collect();
        call.app.activity.note_at(at, operation, event.level, MessageContext::Auth, event.sentence, details);
    }
    Ok(no_content())
}
