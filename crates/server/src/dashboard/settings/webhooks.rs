//! `/dashboard/{environment}/settings/webhooks`: URLs, switches, signing key.

use askama::Template;
use axum::response::Response;
use dovetail_model::{SigningKey, SigningKeyState, WebhookSettings};
use dovetail_store::{environments, signing_keys};
use http::StatusCode;
use url::Url;

use super::Tab;
use crate::actions::signing_key::rotate as rotate_key;
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;
use crate::state::AppState;

struct Switch {
    name: &'static str,
    label: &'static str,
    on: bool,
}

#[derive(Template)]
#[template(path = "dashboard/settings/webhooks.html")]
struct WebhooksPage {
    shell: Shell,
    tab: Tab,
    /// Where the simulator shows [`EXAMPLE_SINK`]'s deliveries, while it gets every webhook.
    sink: Option<String>,
    primary_url: String,
    secondary_url: String,
    switches: Vec<Switch>,
    secret: Option<String>,
    overlap: &'static str,
    rotating: Option<String>,
    errors: FieldErrors,
}

/// A sink of the simulator, for whoever has no backend yet.
const EXAMPLE_SINK: &str = "https://mine.webhook.test/hook";

/// How long the old signing key goes on signing, in words (`dovetail_store::limits::SIGNING_KEY_OVERLAP`).
const OVERLAP: &str = "24 hours";

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let settings = visit.environment.webhooks.clone();
    render(&visit, StatusCode::OK, &settings, false, FieldErrors::default()).await
}

/// Saves URLs and switches.
pub(crate) async fn save(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let settings = WebhookSettings {
        primary_url: fields.text("primary_url"),
        secondary_url: fields.text("secondary_url"),
        on_auth_creation: fields.flag("on_auth_creation"),
        on_auth_refresh_error: fields.flag("on_auth_refresh_error"),
        on_sync_error: fields.flag("on_sync_error"),
        on_sync_completion_always: fields.flag("on_sync_completion_always"),
        on_async_action_completion: fields.flag("on_async_action_completion"),
    };
    let mut errors = FieldErrors::default();
    target(visit.app(), fields.get("primary_url"), "primary_url", &mut errors);
    target(visit.app(), fields.get("secondary_url"), "secondary_url", &mut errors);
    if !errors.is_empty() {
        return render(&visit, StatusCode::BAD_REQUEST, &settings, false, errors).await;
    }
    let mut tx = visit.app().store.begin().await?;
    environments::set_webhooks(&mut tx, visit.env(), &settings).await?;
    audit::note_environment(&mut tx, &visit, "webhook_urls_changed", Vec::new()).await?;
    tx.commit().await?;
    Ok(see_other(&visit.path("/settings/webhooks?done=saved")))
}

/// Shows the signing key, and writes who saw it into the audit trail.
pub(crate) async fn reveal(visit: Visit, _: Fields) -> Result<Response, PageError> {
    let thing = (visit.env().to_string(), visit.environment.name.clone());
    audit::note_reveal(&visit, "environment", "webhook_signing_key_revealed", thing).await?;
    let settings = visit.environment.webhooks.clone();
    render(&visit, StatusCode::OK, &settings, true, FieldErrors::default()).await
}

/// Makes a new signing key; the old one signs beside it for a while.
pub(crate) async fn rotate(visit: Visit, _: Fields) -> Result<Response, PageError> {
    // A key that nobody can read would leave the product unable to check signatures.
    visit.unsealed()?;
    rotate_key(visit.app(), &visit.actor(), visit.env()).await.map_err(PageError::Api)?;
    Ok(see_other(&visit.path("/settings/webhooks?done=rotated")))
}

/// Checks a webhook target: its form here, its host by the same policy that guards the delivery.
pub(in crate::dashboard) fn target(
    app: &AppState,
    value: &str,
    field: &'static str,
    errors: &mut FieldErrors,
) {
    if value.is_empty() {
        return;
    }
    let Ok(url) = Url::parse(value) else {
        return rules::optional_url(value, field, errors);
    };
    if let Err(reason) = app.egress.check_url(&url) {
        errors.add(field, format!("Dovetail does not send to this address: {reason}."));
    }
}

async fn render(
    visit: &Visit,
    status: StatusCode,
    settings: &WebhookSettings,
    revealed: bool,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let keys = signing_keys::current(&mut db, visit.env()).await?;
    let active = keys.iter().find(|key| key.state == SigningKeyState::Active);
    let page = WebhooksPage {
        shell: visit.shell(Section::Settings, "Settings"),
        tab: Tab::Webhooks,
        sink: sink(visit.app()),
        primary_url: settings.primary_url.clone().unwrap_or_default(),
        secondary_url: settings.secondary_url.clone().unwrap_or_default(),
        switches: switches(settings),
        secret: active.filter(|_| revealed).map(|key| key.key.expose().to_owned()),
        overlap: OVERLAP,
        rotating: keys.iter().find_map(|key| retiring(visit, key)),
        errors,
    };
    page_with(status, &page)
}

/// Where the simulator shows what [`EXAMPLE_SINK`] received; `None` when webhooks go to the product.
fn sink(app: &AppState) -> Option<String> {
    let simulator = app.config.simulator.as_ref()?;
    simulator.join("/__sink/mine").ok().map(String::from)
}

fn retiring(visit: &Visit, key: &SigningKey) -> Option<String> {
    let SigningKeyState::Retiring { until } = key.state else { return None };
    let when = visit.when(until).relative;
    Some(format!(
        "The key before this one also signs. It stops {when}; use the new one in your backend by then."
    ))
}

fn switches(settings: &WebhookSettings) -> Vec<Switch> {
    [
        ("on_auth_creation", "An account is linked", settings.on_auth_creation),
        ("on_auth_refresh_error", "Credentials stop working", settings.on_auth_refresh_error),
        ("on_sync_error", "A sync fails", settings.on_sync_error),
        ("on_sync_completion_always", "A sync ends without changes", settings.on_sync_completion_always),
        ("on_async_action_completion", "An asynchronous action ends", settings.on_async_action_completion),
    ]
    .into_iter()
    .map(|(name, label, on)| Switch { name, label, on })
    .collect()
}
