#![doc = include_str!("../README.md")]

mod audit;
mod auth_mode;
mod connect_session;
mod connect_ui;
mod connection;
mod credential_state;
mod credentials;
mod delivery;
mod end_user;
mod environment;
mod ids;
mod integration;
mod key_limits;
pub mod limits;
pub mod names;
mod operation;
mod pairing_code;
mod random;
mod redaction;
mod registered_client;
mod scopes;
mod secret;
mod tags;
mod time;
mod webhook_settings;

pub use audit::{Actor, AuditOutcome, Role};
pub use auth_mode::{AuthMode, UnknownAuthMode};
pub use connect_session::{
    ConnectSession, IntegrationDefaults, IntegrationOverrides, SessionPurpose, UrlOverride, is_session_token,
    new_session_token,
};
pub use connect_ui::{ConnectUiSettings, DefaultTheme, Logo, Theme, ThemeColours};
pub use connection::{Connection, ConnectionInfo, ConnectionProblem, ProblemKind};
pub use credential_state::{CredentialState, RefreshFailure, RefreshProblem, RefreshState};
pub use credentials::*;
pub use delivery::DeliveryState;
pub use end_user::{EndUser, Organization};
pub use environment::{
    ApiKey, Environment, EnvironmentVariable, PrivateHeader, PrivateSettings, SigningKey, SigningKeyState,
};
pub use ids::*;
pub use integration::{Integration, IntegrationClient, IntegrationSecrets};
pub use key_limits::{
    Act, CallMethod, KeyLimits, LimitError, PathPattern, PathPatternError, Refusal, Steering, UnclearPath,
    UnknownCallMethod,
};
pub use operation::{
    Level, MessageContext, MessageSource, MessageType, OperationId, OperationKind, OperationState,
};
pub use pairing_code::{new_pairing_code, read_pairing_code, show_pairing_code};
pub use random::{Random, SeededRandom, SystemRandom};
pub use redaction::{REDACTED, Redaction, is_secret_name};
pub use registered_client::RegisteredClient;
pub use scopes::{Scope, Scopes, UnknownScope};
pub use secret::{Secret, SecretJson};
pub use tags::{TagError, Tags};
pub use time::{Clock, ManualClock, SystemClock, Timestamp};
pub use webhook_settings::WebhookSettings;
