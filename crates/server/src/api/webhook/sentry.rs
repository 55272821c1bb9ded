//! Sentry's public integrations (spec: webhooks.md B6, auth-modes.md 4.5): somebody installed the integration, and the
//! message holds the code.

use dovetail_connect::pending::{self, PENDING};
use dovetail_model::IntegrationClient;
use dovetail_store::connections::{self, SealedConnection};
use serde_json::Value;

use super::{Message, Reply, signed};
use crate::actions::begin_flow::callback_url;
use crate::actions::complete_pending::Waiting;
use crate::limits::PENDING_CONNECTIONS;
use crate::wire::{ApiError, ApiResult, ErrorCode};

pub(super) async fn receive(message: Message<'_>) -> ApiResult<Reply> {
    let Message { call, environment, integration, provider, body } = message;
    let secret = match &integration.secrets.client {
        IntegrationClient::Oauth { client_secret, webhook_secret, .. } => {
            Some(webhook_secret.as_ref().unwrap_or(client_secret))
        }
        _ => None,
    };
    if let Err(refusal) = signed::check(call, "sentry-hook-signature", "", secret) {
        return Ok(refusal);
    }
    let installs = call.header("sentry-hook-resource") == Some("installation")
        && body.get("action").and_then(Value::as_str) == Some("created");
    if !installs {
        return Ok(Reply::Done);
    }
    let Some(actor) = body.pointer("/actor/id").and_then(text) else {
        return Ok(Reply::Useless("Invalid webhook payload"));
    };
    let waiting = {
        let mut db = call.app.store.read().await?;
        connections::by_config(
            &mut db,
            environment.id,
            integration.id,
            PENDING,
            &Value::from(true),
            PENDING_CONNECTIONS,
        )
        .await?
    };
    let by_actor = |connection: &&SealedConnection| {
        connection.public_config.get("actor").and_then(text).is_some_and(|known| known == actor)
    };
    let Some(connection) = waiting.iter().find(by_actor) else {
        return Ok(Reply::Useless("No connection or existing installation_id"));
    };
    let waiting = Waiting { app: &call.app, environment, integration, provider, connection };
    let attempted = waiting.attempted();
    let config = connection.open_config()?;
    let party = call.app.party(provider, integration, &connection.info.connection_id, &config);
    let redirect = callback_url(&call.app, environment);
    match pending::install(party, body, &redirect).await {
        Ok(obtained) => {
            waiting.complete(&attempted, obtained).await?;
            Ok(Reply::Done)
        }
        Err(error) => {
            attempted.failed(&call.app, error.kind.as_str(), &error.message);
            Err(ApiError::new(ErrorCode::InvalidConnection).message(error.message))
        }
    }
}

/// A text or a number as a text.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}
