//! `BILL`: a login that opens a session (auth-modes.md section 16).

use std::time::Duration;

use dovetail_catalog::BodyFormat;
use dovetail_model::{BillCredentials, Credentials, Secret, SecretJson};
use serde_json::{Map, Value};

use super::text;
use crate::obtain::{ObtainError, Obtained, Party};
use crate::token_request::{TokenRequest, Values, render_url, token_template};

/// How long a session is used. The service ends it after 35 minutes without a call.
const LIFETIME: Duration = Duration::from_mins(35);

struct Login<'a> {
    username: &'a str,
    password: &'a str,
    organization_id: &'a str,
    dev_key: &'a str,
}

pub(super) async fn obtain(party: &Party<'_>, fields: &Map<String, Value>) -> Result<Obtained, ObtainError> {
    let login = Login {
        username: text(fields, "username"),
        password: text(fields, "password"),
        organization_id: text(fields, "organization_id"),
        dev_key: text(fields, "dev_key"),
    };
    open(party, login).await
}

/// Logs in again.
pub(crate) async fn renew(party: &Party<'_>, stored: &BillCredentials) -> Result<Obtained, ObtainError> {
    let login = Login {
        username: &stored.username,
        password: stored.password.expose(),
        organization_id: &stored.organization_id,
        dev_key: stored.dev_key.expose(),
    };
    open(party, login).await
}

async fn open(party: &Party<'_>, login: Login<'_>) -> Result<Obtained, ObtainError> {
    let values = Values::of(party);
    let url = token_template(party)?;
    let mut request =
        TokenRequest::post(render_url(url, &values.context(party.connection_config))?, BodyFormat::Json);
    request.set("username", login.username);
    request.set("password", login.password);
    request.set("organizationId", login.organization_id);
    request.set("devKey", login.dev_key);
    let answer = request.send(party).await?;
    let member = |name: &str| answer.body.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(session) = member("sessionId") else {
        return Err(answer
            .refusal()
            .unwrap_or_else(|| ObtainError::Unreadable("it holds no session".to_owned())));
    };
    let credentials = BillCredentials {
        username: login.username.to_owned(),
        password: Secret::new(login.password),
        organization_id: member("organizationId").unwrap_or(login.organization_id).to_owned(),
        dev_key: Secret::new(login.dev_key),
        session_id: Some(Secret::new(session)),
        user_id: member("userId").map(str::to_owned),
        expires_at: Some(party.now.plus(LIFETIME)),
        raw: SecretJson::new(answer.body.clone()),
    };
    Ok(Obtained { credentials: Credentials::Bill(credentials), config: Map::new() })
}
