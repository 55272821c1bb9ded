//! `/dashboard/{environment}/settings/connect-page/logo`: upload, look at, remove.

use axum::extract::multipart::{Multipart, MultipartError};
use axum::extract::{FromRequest, Request};
use axum::response::{IntoResponse, Response};
use dovetail_model::Logo;
use dovetail_store::connect_ui;
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderValue, StatusCode};

use super::connect_page::render;
use crate::dashboard::audit;
use crate::dashboard::error::PageError;
use crate::dashboard::errors::FieldErrors;
use crate::dashboard::form::{Fields, refuse_other_sites};
use crate::dashboard::logo::{LogoError, accept};
use crate::dashboard::page::see_other;
use crate::dashboard::visit::Visit;
use crate::dashboard::{cookies, csrf};
use crate::state::AppState;

/// A logo opened as a document of its own shows itself and runs nothing.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// Takes a logo.
pub(crate) async fn upload(visit: Visit, request: Request) -> Result<Response, PageError> {
    let refused = match accept(read(visit.app(), request).await?) {
        Ok(logo) => {
            store(&visit, Some(logo)).await?;
            return Ok(see_other(&visit.path("/settings/connect-page?done=logo")));
        }
        Err(error) => error,
    };
    let mut db = visit.app().store.read().await?;
    let settings = connect_ui::get(&mut db, visit.env()).await?;
    drop(db);
    let status = match refused {
        LogoError::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        _ => StatusCode::BAD_REQUEST,
    };
    render(&visit, status, &settings, FieldErrors::one("logo", refused.to_string())).await
}

/// The stored logo, as the settings show it.
pub(crate) async fn show(visit: Visit) -> Result<Response, PageError> {
    let mut db = visit.app().store.read().await?;
    let logo = connect_ui::logo(&mut db, visit.env()).await?;
    let Logo { content_type, bytes } =
        logo.ok_or_else(|| PageError::not_found("The logo", visit.path("/settings/connect-page")))?;
    let mut response = bytes.into_response();
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&content_type) {
        headers.insert(CONTENT_TYPE, value);
    }
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    Ok(response)
}

/// Removes it.
pub(crate) async fn remove(visit: Visit, _: Fields) -> Result<Response, PageError> {
    store(&visit, None).await?;
    Ok(see_other(&visit.path("/settings/connect-page?done=logo-removed")))
}

async fn store(visit: &Visit, logo: Option<Logo>) -> Result<(), PageError> {
    let mut tx = visit.app().store.begin().await?;
    connect_ui::set_logo(&mut tx, visit.env(), logo).await?;
    audit::note_environment(&mut tx, visit, "updated", vec!["logo"]).await?;
    Ok(tx.commit().await?)
}

/// The file of the form. The token stands before it, so a forged upload is refused before it is read.
async fn read(app: &AppState, request: Request) -> Result<Vec<u8>, PageError> {
    refuse_other_sites(request.headers())?;
    let cookie = cookies::read(request.headers(), cookies::SESSION).ok_or(PageError::Forgery)?.to_owned();
    let mut form = Multipart::from_request(request, app).await.map_err(|_| PageError::Malformed)?;
    let mut trusted = false;
    while let Some(field) = form.next_field().await.map_err(refuse)? {
        match field.name() {
            Some(csrf::FIELD) => trusted = csrf::accepts(&cookie, &field.text().await.map_err(refuse)?),
            Some("logo") if trusted => return Ok(field.bytes().await.map_err(refuse)?.to_vec()),
            Some("logo") => return Err(PageError::Forgery),
            _ => {}
        }
    }
    if trusted { Ok(Vec::new()) } else { Err(PageError::Forgery) }
}

fn refuse(error: MultipartError) -> PageError {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE { PageError::TooLarge } else { PageError::Malformed }
}
