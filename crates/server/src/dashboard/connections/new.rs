//! `/dashboard/{environment}/connections/new`: a Connect link for one end user.

use askama::Template;
use axum::response::Response;
use dovetail_model::{EndUser, SessionPurpose};
use dovetail_store::integrations;
use http::StatusCode;

use crate::actions::create_session::{CreatedSession, create_session};
use crate::api::connect::SessionInput;
use crate::auth::Reach;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::Fields;
use crate::dashboard::integrations::list::name_of;
use crate::dashboard::page::{page_with, see_other};
use crate::dashboard::refusal::Refusal;
use crate::dashboard::rules;
use crate::dashboard::shell::{Section, Shell};
use crate::dashboard::visit::Visit;

/// The end user of links made for trying things out.
const TEST_USER: &str = "test-user";

/// The tag that tells connections made from the dashboard from those of the product (connect.md 2.7).
pub(in crate::dashboard) const ORIGIN_TAG: &str = "origin";
/// Its value.
pub(in crate::dashboard) const ORIGIN_DASHBOARD: &str = "dovetail_dashboard";

struct Choice {
    key: String,
    name: String,
}

#[derive(Template)]
#[template(path = "dashboard/connections/new.html")]
struct NewPage {
    shell: Shell,
    integrations: Vec<Choice>,
    integration: String,
    end_user_id: String,
    end_user_email: String,
    end_user_name: String,
    link: Option<String>,
    link_path: String,
    errors: FieldErrors,
    error: Option<String>,
}

#[derive(Default)]
struct Typed {
    integration: String,
    end_user_id: String,
    end_user_email: String,
    end_user_name: String,
}

/// The form.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let typed = Typed {
        integration: visit.query("integration"),
        end_user_id: TEST_USER.to_owned(),
        ..Typed::default()
    };
    render(&visit, typed, StatusCode::OK, None, FieldErrors::default(), None).await
}

/// Makes a session. `then=open` goes straight to the Connect page, otherwise the link is shown.
pub(crate) async fn create(visit: Visit, fields: Fields) -> Result<Response, PageError> {
    let open = fields.get("then") == "open";
    let typed = Typed {
        integration: fields.get("integration").to_owned(),
        end_user_id: fields
            .text("end_user_id")
            .unwrap_or_else(|| if open { TEST_USER.to_owned() } else { String::new() }),
        end_user_email: fields.get("end_user_email").to_owned(),
        end_user_name: fields.get("end_user_name").to_owned(),
    };
    let mut errors = FieldErrors::default();
    if typed.end_user_id.is_empty() {
        errors.add("end_user_id", "The id is missing. It says whose account is linked.");
    }
    rules::optional_name(&typed.end_user_id, "end_user_id", &mut errors);
    if !typed.end_user_email.is_empty() {
        rules::email(&typed.end_user_email, "end_user_email", &mut errors);
    }
    if !errors.is_empty() {
        return render(&visit, typed, StatusCode::BAD_REQUEST, None, errors, None).await;
    }
    let input = SessionInput {
        end_user: Some(EndUser {
            id: typed.end_user_id.clone(),
            email: fields.text("end_user_email"),
            display_name: fields.text("end_user_name"),
            tags: Some([(ORIGIN_TAG.to_owned(), ORIGIN_DASHBOARD.to_owned())].into()),
            organization: None,
        }),
        allowed_integrations: fields.text("integration").map(|key| vec![key]),
        ..SessionInput::default()
    };
    match create_session(visit.app(), &visit.environment, &Reach::default(), SessionPurpose::Connect, input)
        .await
    {
        Ok(created) if open => Ok(see_other(&path_of(&created))),
        Ok(created) => {
            render(&visit, typed, StatusCode::OK, Some(created), FieldErrors::default(), None).await
        }
        Err(error) => {
            let text = Refusal::of(error)?.text;
            render(&visit, typed, StatusCode::BAD_REQUEST, None, FieldErrors::default(), Some(text)).await
        }
    }
}

/// The Connect page on the host the browser is already talking to.
pub(super) fn path_of(session: &CreatedSession) -> String {
    format!("/connect/?session_token={}", session.token)
}

async fn render(
    visit: &Visit,
    typed: Typed,
    status: StatusCode,
    created: Option<CreatedSession>,
    errors: FieldErrors,
    error: Option<String>,
) -> Result<Response, PageError> {
    let catalog = visit.app().catalog.current();
    let mut db = visit.app().store.read().await?;
    let integrations = integrations::list(&mut db, visit.env()).await?;
    let page = NewPage {
        shell: visit.shell(Section::Connections, "Link an account").crumb("Connections", "/connections"),
        integrations: integrations
            .into_iter()
            .map(|integration| Choice {
                name: name_of(&integration, catalog.get(&integration.provider)),
                key: integration.unique_key,
            })
            .collect(),
        integration: typed.integration,
        end_user_id: typed.end_user_id,
        end_user_email: typed.end_user_email,
        end_user_name: typed.end_user_name,
        link_path: created.as_ref().map(path_of).unwrap_or_default(),
        link: created.map(|created| created.connect_link),
        errors,
        error,
    };
    page_with(status, &page)
}
