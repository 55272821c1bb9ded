//! `/dashboard/{environment}/account/keys`: keys that act on the server as a whole.

use std::collections::HashMap;

use askama::Template;
use axum::extract::Path;
use axum::response::Response;
use dovetail_model::{ApiKey, Scope};
use dovetail_store::api_keys;
use http::StatusCode;

use super::Tab;
use super::people::administrators_only;
use crate::actions::api_keys::delete_of_account;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::format::When;
use crate::dashboard::key_revoke::{self, hint};
use crate::dashboard::page::{page, see_other};
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::{AnyVisit, Visit};

struct Row {
    id: i64,
    name: String,
    hint: String,
    scopes: String,
    last_used: Option<When>,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/account/keys.html")]
struct KeysPage {
    shell: Shell,
    tabs: Vec<Tab>,
    tab: Tab,
    rows: Vec<Row>,
}

/// What an account key may do, the widest first.
pub(super) const SCOPES: [(Scope, &str); 6] = [
    (Scope::ACCOUNT, "Everything about the account"),
    (Scope::ACCOUNT_ENVIRONMENTS_CREATE, "Create environments"),
    (Scope::ACCOUNT_ENVIRONMENTS_DELETE, "Delete environments"),
    (Scope::ACCOUNT_ENVIRONMENTS_SET_PRODUCTION, "Mark environments as production"),
    (Scope::ACCOUNT_ENVIRONMENTS_API_KEYS_CREATE, "Create API keys of environments"),
    (Scope::ACCOUNT_ENVIRONMENTS_API_KEYS_DELETE, "Revoke API keys of environments"),
];

/// The keys, without the keys themselves.
pub(crate) async fn list(AnyVisit(visit): AnyVisit) -> Result<Response, PageError> {
    administrators_only(&visit)?;
    let mut db = visit.app().store.read().await?;
    let rows = api_keys::list(&mut db, None).await?.into_iter().map(|key| {
        let labels = key.scopes.iter().map(|scope| {
            SCOPES.iter().find(|(known, _)| *known == scope).map_or(scope.as_str(), |(_, label)| label)
        });
        Row {
            id: key.id.0,
            hint: hint(&key),
            scopes: labels.collect::<Vec<_>>().join(", "),
            last_used: key.last_used_at.map(|at| visit.when(at)),
            created: visit.when(key.created_at),
            name: key.name,
        }
    });
    page(&KeysPage {
        shell: visit.shell(Section::Account, "Account"),
        tabs: Tab::of(&visit.by.person),
        tab: Tab::Keys,
        rows: rows.collect(),
    })
}

/// Asks for the name.
pub(crate) async fn ask(
    AnyVisit(visit): AnyVisit,
    Path(params): Path<HashMap<String, String>>,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    confirm(&visit, key, StatusCode::OK, FieldErrors::default())
}

/// Revokes the key, once its name has been typed.
pub(crate) async fn revoke(
    AnyVisit(visit): AnyVisit,
    Path(params): Path<HashMap<String, String>>,
    fields: Fields,
) -> Result<Response, PageError> {
    let key = load(&visit, &params).await?;
    if let Some(errors) = rules::confirmation(fields.get("confirm"), &key.name) {
        return confirm(&visit, key, StatusCode::BAD_REQUEST, errors);
    }
    delete_of_account(visit.app(), &visit.actor(), key.id).await.map_err(PageError::Api)?;
    Ok(see_other(&visit.path("/account/keys?done=key-revoked")))
}

async fn load(visit: &Visit, params: &HashMap<String, String>) -> Result<ApiKey, PageError> {
    administrators_only(visit)?;
    let id: Option<i64> = params.get("id").and_then(|id| id.parse().ok());
    let mut db = visit.app().store.read().await?;
    let found = api_keys::list(&mut db, None).await?.into_iter().find(|key| Some(key.id.0) == id);
    found.ok_or_else(|| PageError::not_found("This key", visit.path("/account/keys")))
}

fn confirm(
    visit: &Visit,
    key: ApiKey,
    status: StatusCode,
    errors: FieldErrors,
) -> Result<Response, PageError> {
    let shell = visit
        .shell(Section::Account, "Revoke account key")
        .crumb("Account", "/account")
        .crumb("Account keys", "/account/keys");
    key_revoke::confirm(visit, shell, "/account/keys", key, status, errors)
}
