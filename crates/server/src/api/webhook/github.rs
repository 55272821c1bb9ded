//! GitHub apps (spec: webhooks.md B6, auth-modes.md section 10): an owner has approved the installation that somebody
//! asked for.

use dovetail_connect::pending::{self, PENDING};
use dovetail_model::AuthMode;
use dovetail_store::connections::{self, SealedConnection};
use serde_json::Value;

use super::{Message, Reply, signed};
use crate::actions::complete_pending::Waiting;
use crate::limits::PENDING_CONNECTIONS;
use crate::wire::ApiResult;

pub(super) async fn receive(message: Message<'_>) -> ApiResult<Reply> {
    let Message { call, environment, integration, provider, body } = message;
    let secret = pending::app_webhook_secret(&integration.secrets.client);
    if let Err(refusal) = signed::check(call, "x-hub-signature-256", "sha256=", secret.as_ref()) {
        return Ok(refusal);
    }
    let requester = body.pointer("/requester/login").and_then(Value::as_str).unwrap_or_default();
    let approves = provider.auth_mode() == AuthMode::Custom
        && body.get("action").and_then(Value::as_str) == Some("created")
        && !requester.is_empty();
    if !approves {
        return Ok(Reply::Done);
    }
    let Some(installation) = body.pointer("/installation/id").and_then(Value::as_u64) else {
        return Ok(Reply::Useless("Invalid webhook payload"));
    };
    let installation = installation.to_string();
    let (waiting, installed) = {
        let mut db = call.app.store.read().await?;
        let (environment, integration) = (environment.id, integration.id);
        let waiting = connections::by_config(
            &mut db,
            environment,
            integration,
            PENDING,
            &Value::from(true),
            PENDING_CONNECTIONS,
        )
        .await?;
        let id = Value::from(installation.as_str());
        let installed =
            connections::by_config(&mut db, environment, integration, "installation_id", &id, 1).await?;
        (waiting, installed)
    };
    // Names of people are the same in large and small letters there.
    let asked = |connection: &&SealedConnection| {
        let handle = connection.public_config.get("handle").and_then(Value::as_str);
        handle.is_some_and(|handle| handle.eq_ignore_ascii_case(requester))
    };
    let Some(connection) = waiting.iter().find(asked).filter(|_| installed.is_empty()) else {
        return Ok(Reply::Useless("No connection or existing installation_id"));
    };
    let waiting = Waiting { app: &call.app, environment, integration, provider, connection };
    let attempted = waiting.attempted();
    let config = connection.open_config()?;
    let party = call.app.party(provider, integration, &connection.info.connection_id, &config);
    match pending::approve(party, &connection.open_credentials()?, &installation).await {
        Ok(obtained) => {
            waiting.complete(&attempted, obtained).await?;
            Ok(Reply::Done)
        }
        Err(error) => Err(attempted.not_obtained(&call.app, provider, &error)),
    }
}
