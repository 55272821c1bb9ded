//! `POST …/reconnect`: a Connect link that replaces the credentials of this connection.

use std::collections::HashMap;

use axum::extract::Path;
use axum::response::Response;
use dovetail_model::SessionPurpose;
use http::StatusCode;

use super::detail::{Extra, load, render};
use super::new::path_of;
use crate::actions::create_session::create_session;
use crate::api::connect::SessionInput;
use crate::auth::Reach;
use crate::dashboard::error::PageError;
use crate::dashboard::form::Fields;
use crate::dashboard::visit::Visit;

/// Makes the link and shows it.
pub(crate) async fn create(
    visit: Visit,
    Path(params): Path<HashMap<String, String>>,
    _: Fields,
) -> Result<Response, PageError> {
    let connection = load(&visit, &params).await?;
    let info = &connection.info;
    let input = SessionInput {
        end_user: info.end_user.clone(),
        organization: info.end_user.as_ref().and_then(|user| user.organization.clone()),
        tags: info.end_user.is_none().then(|| info.tags.clone()),
        allowed_integrations: Some(vec![info.provider_config_key.clone()]),
        ..SessionInput::default()
    };
    let purpose = SessionPurpose::Reconnect { connection: info.id };
    let created = create_session(visit.app(), &visit.environment, &Reach::default(), purpose, input)
        .await
        .map_err(PageError::Api)?;
    let path = path_of(&created);
    let extra = Extra { reconnect: Some((created.connect_link, path)), ..Extra::default() };
    render(&visit, &connection, StatusCode::OK, extra).await
}
