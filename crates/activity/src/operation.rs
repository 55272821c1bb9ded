//! How an operation begins.

use std::time::Duration;

use dovetail_model::{
    Actor, ConnectionRowId, EnvironmentId, IntegrationId, Level, OperationId, OperationKind, OperationState,
    Random, Timestamp,
};
use dovetail_store::operations::Operation;
use serde_json::{Map, Value, json};

use crate::limits::{CONNECT_EXPIRY, DEFAULT_EXPIRY};

/// What is known of an operation when it begins.
#[derive(Clone, Debug)]
pub struct Beginning {
    /// What kind.
    pub kind: OperationKind,
    /// Where.
    pub environment: EnvironmentId,
    /// With which integration, when that is known.
    pub integration: Option<(IntegrationId, String)>,
    /// With which provider, when that is known.
    pub provider: Option<String>,
    /// With which connection, when that is known; its row is unknown while it comes to be.
    pub connection: Option<(Option<ConnectionRowId>, String)>,
    /// Who.
    pub actor: Option<Actor>,
}

impl Beginning {
    /// Of this kind, in this environment; nothing else is known.
    pub const fn new(kind: OperationKind, environment: EnvironmentId) -> Self {
        Self { kind, environment, integration: None, provider: None, connection: None, actor: None }
    }

    /// The operation, running, with a fresh id. Nothing is written.
    pub fn operation(self, now: Timestamp, random: &dyn Random) -> Operation {
        let mut details = Map::new();
        if let Some(actor) = &self.actor {
            details.insert("actor".to_owned(), json!(actor));
        }
        Operation {
            id: OperationId::generate(now, random),
            environment: Some(self.environment),
            kind: self.kind,
            state: OperationState::Running,
            level: Level::Info,
            message: self.kind.label().to_owned(),
            integration: self.integration,
            provider: self.provider,
            connection: self.connection,
            details,
            created_at: now,
            updated_at: now,
            started_at: Some(now),
            ended_at: None,
            expires_at: Some(now.plus(expiry(self.kind))),
        }
    }
}

fn expiry(kind: OperationKind) -> Duration {
    match kind {
        OperationKind::AuthCreateConnection => CONNECT_EXPIRY,
        _ => DEFAULT_EXPIRY,
    }
}

/// The `error` member of details.
pub fn error_details(name: &str, message: &str) -> Map<String, Value> {
    Map::from_iter([("error".to_owned(), json!({ "name": name, "message": message }))])
}
