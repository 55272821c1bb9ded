//! `GET /dashboard/{environment}/settings/keys`.

use askama::Template;
use axum::response::Response;
use dovetail_model::{Scope, Scopes};
use dovetail_store::api_keys;

use super::words;
use crate::dashboard::error::PageError;
use crate::dashboard::format::{When, count};
use crate::dashboard::key_revoke::hint;
use crate::dashboard::page::page;
use crate::dashboard::settings::Tab;
use crate::dashboard::settings::scope_groups::label_of;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

struct Row {
    id: i64,
    name: String,
    hint: String,
    scopes: String,
    scopes_full: String,
    limits: String,
    expires: Option<When>,
    over: bool,
    last_used: Option<When>,
    created: When,
}

#[derive(Template)]
#[template(path = "dashboard/settings/keys.html")]
struct KeysPage {
    shell: Shell,
    tab: Tab,
    rows: Vec<Row>,
}

/// The keys, without the keys themselves.
pub(crate) async fn list(visit: Visit) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let keys = api_keys::list(&mut db, Some(visit.env())).await?;
    let rows = keys
        .into_iter()
        .map(|key| Row {
            id: key.id.0,
            hint: hint(&key),
            scopes: summary(&key.scopes),
            scopes_full: key.scopes.iter().map(Scope::as_str).collect::<Vec<_>>().join(", "),
            limits: key.limits.as_deref().map(words::phrases).unwrap_or_default().join(" · "),
            expires: key.limits.as_ref().and_then(|limits| limits.expires_at).map(|at| visit.when(at)),
            over: words::is_over(key.limits.as_deref(), visit.now()),
            last_used: key.last_used_at.map(|at| visit.when(at)),
            created: visit.when(key.created_at),
            name: key.name,
        })
        .collect();
    page(&KeysPage { shell: visit.shell(Section::Settings, "Settings"), tab: Tab::Keys, rows })
}

fn summary(scopes: &Scopes) -> String {
    let all: Vec<Scope> = scopes.iter().collect();
    match &all[..] {
        _ if scopes.allows(Scope::ENVIRONMENT) => "Everything".to_owned(),
        [] => "Nothing".to_owned(),
        [one] => label_of(*one),
        several => count(several.len() as u64, "permission"),
    }
}
