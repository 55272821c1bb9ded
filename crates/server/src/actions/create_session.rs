//! Making a connect session: for the API and for the dashboard.

use std::time::Duration;

use dovetail_activity::Beginning;
use dovetail_model::limits::CONNECT_SESSION_TTL_MS;
use dovetail_model::{Environment, OperationKind, SessionPurpose, Tags};
use dovetail_store::connect_sessions::{self, NewConnectSession};
use dovetail_store::{Db, integrations, operations};
use serde::Serialize;
use utoipa::ToSchema;

use crate::api::connect::SessionInput;
use crate::auth::Reach;
use crate::state::AppState;
use crate::validate::Issue;
use crate::wire::{ApiError, ApiResult, ErrorCode};

/// A new session. Its token is shown only here.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct CreatedSession {
    /// What the Connect page acts with.
    #[schema(example = "nango_connect_session_9f0c…")]
    pub(crate) token: String,
    /// The Connect page, opened with this token.
    pub(crate) connect_link: String,
    /// When the token stops working, ISO 8601.
    pub(crate) expires_at: String,
}

/// Checks what a schema cannot see, keeps to the reach of whoever makes it, opens the operation that attempts append to, and stores the session.
pub(crate) async fn create_session(
    app: &AppState,
    environment: &Environment,
    reach: &Reach,
    purpose: SessionPurpose,
    input: SessionInput,
) -> ApiResult<CreatedSession> {
    let tags = reach.stamped(session_tags(&input)?, too_many_tags)?;
    let allowed_integrations = reach.linkable(input.allowed_integrations.clone())?;
    let mut tx = app.store.begin().await?;
    let issues = unknown_integrations(&mut tx, environment, &input).await?;
    if !issues.is_empty() {
        return Err(ApiError::validation(ErrorCode::InvalidBody, issues));
    }
    let mut operation = Beginning::new(OperationKind::AuthCreateConnection, environment.id)
        .operation(app.now(), &*app.random);
    // Attempts append to it for as long as the session lives.
    operation.expires_at = Some(app.now().plus(Duration::from_millis(CONNECT_SESSION_TTL_MS.unsigned_abs())));
    operations::create(&mut tx, &operation).await?;
    let SessionInput { end_user, organization, defaults, overrides, webhook_url, .. } = input;
    let end_user = end_user.map(|mut user| {
        user.organization = organization;
        user
    });
    let new = NewConnectSession {
        purpose,
        end_user,
        tags,
        allowed_integrations,
        defaults: defaults.map(|pairs| pairs.into_iter().collect()),
        overrides: overrides.map(|pairs| pairs.into_iter().collect()),
        webhook_url,
        operation: Some(operation.id),
    };
    let created = connect_sessions::create(&mut tx, environment.id, new).await?;
    tx.commit().await?;
    Ok(CreatedSession {
        connect_link: connect_link(app, created.token.expose()),
        token: created.token.expose().to_owned(),
        expires_at: created.session.expires_at.iso_z(),
    })
}

/// The Connect page opened with this token.
pub(crate) fn connect_link(app: &AppState, token: &str) -> String {
    app.config.absolute(&format!("/connect/?session_token={token}"))
}

/// Derived tags overlaid by explicit ones.
fn session_tags(input: &SessionInput) -> ApiResult<Tags> {
    Tags::derive(input.end_user.as_ref(), input.organization.as_ref())
        .overlaid(&input.tags.clone().unwrap_or_default())
        .map_err(|_| too_many_tags())
}

fn too_many_tags() -> ApiError {
    let message = "Together with the tags derived from end_user and organization there are more than 10 tags";
    ApiError::validation(ErrorCode::InvalidBody, vec![Issue::custom(message, ["tags"])])
}

/// An issue for every integration that is named but does not exist, in the order of the wire.
async fn unknown_integrations(
    db: &mut impl Db,
    environment: &Environment,
    input: &SessionInput,
) -> ApiResult<Vec<Issue>> {
    let allowed = input.allowed_integrations.iter().flatten().enumerate();
    let named = allowed
        .map(|(index, key)| (key.as_str(), ["allowed_integrations".to_owned(), index.to_string()]))
        .chain(
            input
                .defaults
                .iter()
                .flatten()
                .map(|(key, _)| (key.as_str(), ["integrations_config_defaults".to_owned(), key.clone()])),
        )
        .chain(
            input
                .overrides
                .iter()
                .flatten()
                .map(|(key, _)| (key.as_str(), ["overrides".to_owned(), key.clone()])),
        )
        .collect::<Vec<_>>();
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let keys: Vec<&str> = named.iter().map(|(key, _)| *key).collect();
    let missing = integrations::missing_keys(db, environment.id, &keys).await?;
    Ok(named
        .iter()
        .filter(|(key, _)| missing.iter().any(|missing| missing == key))
        .map(|(_, path)| Issue::custom("Integration does not exist", path.iter().map(String::as_str)))
        .collect())
}
