//! `/dashboard/{environment}/settings/keys/new`: create a key; it is shown once.

use askama::Template;
use axum::response::Response;
use dovetail_model::{Scope, Scopes};
use http::StatusCode;

use crate::actions::api_keys::{Rights, create as create_key};
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::page::{page, page_with};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::settings::scope_groups::{GROUPS, offered};
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;
use crate::dashboard::{rules, snippets};

struct ScopeChoice {
    value: &'static str,
    short: &'static str,
    label: &'static str,
    chosen: bool,
}

struct Group {
    label: &'static str,
    scopes: Vec<ScopeChoice>,
}

#[derive(Template)]
#[template(path = "dashboard/settings/key_new.html")]
struct NewKeyPage {
    shell: Shell,
    display_name: String,
    full: bool,
    groups: Vec<Group>,
    errors: FieldErrors,
    error: Option<String>,
}

#[derive(Template)]
#[template(path = "dashboard/settings/key_created.html")]
struct KeyCreatedPage<'a> {
    shell: Shell,
    secret: &'a str,
    export: String,
}

/// The form.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    form(&visit, StatusCode::OK, "", true, &[], FieldErrors::default(), None)
}

/// Creates the key and shows it, this once.
pub(crate) async fn create(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let name = fields.get("display_name");
    let full = fields.get("access") != "chosen";
    let chosen: Vec<Scope> = fields.all("scope").filter_map(offered).collect();
    let mut errors = FieldErrors::default();
    rules::name(name, "display_name", &mut errors);
    let mut error =
        (!full && chosen.is_empty()).then(|| "Choose at least one thing the key may do.".to_owned());
    if errors.is_empty() && error.is_none() {
        let scopes =
            if full { Scopes::new([Scope::ENVIRONMENT]) } else { Scopes::new(chosen.iter().copied()) };
        match create_key(visit.app(), &visit.actor(), visit.env(), name, Rights::of(scopes)).await {
            Ok(created) => {
                let secret = created.secret.expose();
                return page(&KeyCreatedPage {
                    shell: shell(&visit, "Key created"),
                    secret,
                    export: snippets::export(secret),
                });
            }
            Err(refused) => error = Some(Refusal::of(refused)?.text),
        }
    }
    form(&visit, StatusCode::BAD_REQUEST, name, full, &chosen, errors, error)
}

fn shell(visit: &Visit, title: &str) -> Shell {
    visit.shell(Section::Settings, title).crumb("Settings", "/settings").crumb("API keys", "/settings/keys")
}

fn form(
    visit: &Visit,
    status: StatusCode,
    name: &str,
    full: bool,
    chosen: &[Scope],
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let choice = |(scope, label): &(Scope, &'static str)| ScopeChoice {
        value: scope.as_str(),
        short: scope.as_str().trim_start_matches("environment:"),
        label,
        chosen: chosen.contains(scope),
    };
    let groups = GROUPS
        .iter()
        .map(|group| Group { label: group.label, scopes: group.scopes.iter().map(choice).collect() })
        .collect();
    let page = NewKeyPage {
        shell: shell(visit, "Create API key"),
        display_name: name.to_owned(),
        full,
        groups,
        errors,
        error,
    };
    page_with(status, &page)
}
