-- The first schema. {id}: primary key, {blob}: bytes, {sequence:t}: where ids of table t come from.

CREATE TABLE meta (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

{sequence:environments}
CREATE TABLE environments (
    id {id},
    uuid TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    is_production BIGINT NOT NULL,
    callback_url TEXT,
    slack_notifications BIGINT NOT NULL,
    webhooks TEXT NOT NULL,
    connect_ui TEXT,
    logo_type TEXT,
    logo {blob},
    private_settings {blob},
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX environments_name ON environments (name) WHERE deleted_at IS NULL;

{sequence:data_keys}
CREATE TABLE data_keys (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    root_key_id TEXT NOT NULL,
    wrapped {blob} NOT NULL,
    state TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX data_keys_active ON data_keys (environment_id) WHERE state = 'active';
CREATE INDEX data_keys_environment ON data_keys (environment_id);

{sequence:api_keys}
CREATE TABLE api_keys (
    id {id},
    environment_id BIGINT REFERENCES environments (id),
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    hint TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX api_keys_name ON api_keys (COALESCE(environment_id, 0), name) WHERE deleted_at IS NULL;

{sequence:environment_variables}
CREATE TABLE environment_variables (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    name TEXT NOT NULL,
    value {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    UNIQUE (environment_id, name)
);

{sequence:signing_keys}
CREATE TABLE signing_keys (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    value {blob} NOT NULL,
    retires_at BIGINT,
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX signing_keys_active ON signing_keys (environment_id) WHERE retires_at IS NULL;

{sequence:integrations}
CREATE TABLE integrations (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    unique_key TEXT NOT NULL,
    provider TEXT NOT NULL,
    display_name TEXT,
    forward_webhooks BIGINT NOT NULL,
    secrets {blob} NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX integrations_key ON integrations (environment_id, unique_key) WHERE deleted_at IS NULL;

{sequence:end_users}
CREATE TABLE end_users (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    end_user_id TEXT NOT NULL,
    display_name TEXT,
    email TEXT,
    tags TEXT,
    organization_id TEXT,
    organization_name TEXT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);
CREATE INDEX end_users_id ON end_users (environment_id, end_user_id);
CREATE INDEX end_users_organization ON end_users (environment_id, organization_id);

{sequence:connections}
CREATE TABLE connections (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    integration_id BIGINT NOT NULL REFERENCES integrations (id),
    connection_id TEXT NOT NULL,
    end_user_row BIGINT REFERENCES end_users (id),
    search_text TEXT NOT NULL,
    config TEXT NOT NULL,
    config_secret {blob},
    credentials {blob} NOT NULL,
    version BIGINT NOT NULL,
    credentials_expire_at BIGINT,
    metadata TEXT,
    tags TEXT NOT NULL,
    webhook_url TEXT,
    verified_state TEXT NOT NULL,
    verified_at BIGINT,
    verified_status BIGINT,
    refresh_failures BIGINT NOT NULL,
    refresh_failing_since BIGINT,
    refresh_failed_at BIGINT,
    refresh_exhausted_at BIGINT,
    refresh_lease_until BIGINT,
    refresh_lease_token BIGINT NOT NULL,
    auth_error TEXT,
    last_fetched_at BIGINT,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    deleted_at BIGINT
);
CREATE UNIQUE INDEX connections_key ON connections (integration_id, connection_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_newest ON connections (environment_id, created_at DESC, id DESC) WHERE deleted_at IS NULL;
CREATE INDEX connections_public_id ON connections (environment_id, connection_id) WHERE deleted_at IS NULL;
CREATE INDEX connections_end_user ON connections (end_user_row);

CREATE TABLE connection_tags (
    connection_row BIGINT NOT NULL REFERENCES connections (id),
    environment_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (connection_row, name)
);
CREATE INDEX connection_tags_value ON connection_tags (environment_id, name, value);

{sequence:connect_sessions}
CREATE TABLE connect_sessions (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    token_hash TEXT NOT NULL UNIQUE,
    token {blob} NOT NULL,
    connection_row BIGINT REFERENCES connections (id),
    end_user TEXT,
    tags TEXT NOT NULL,
    allowed_integrations TEXT,
    defaults {blob},
    overrides TEXT,
    webhook_url TEXT,
    operation_id TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX connect_sessions_expiry ON connect_sessions (expires_at);

CREATE TABLE operations (
    id TEXT PRIMARY KEY,
    environment_id BIGINT REFERENCES environments (id),
    kind TEXT NOT NULL,
    action TEXT NOT NULL,
    state TEXT NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    integration_id BIGINT,
    integration_key TEXT,
    provider TEXT,
    connection_row BIGINT,
    connection_id TEXT,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL,
    started_at BIGINT,
    ended_at BIGINT,
    expires_at BIGINT
);
CREATE INDEX operations_newest ON operations (environment_id, created_at DESC, id DESC);
CREATE INDEX operations_connection ON operations (connection_row, created_at DESC);
CREATE INDEX operations_age ON operations (created_at);
CREATE INDEX operations_expiry ON operations (expires_at) WHERE ended_at IS NULL;

{sequence:operation_messages}
CREATE TABLE operation_messages (
    id {id},
    operation_id TEXT NOT NULL REFERENCES operations (id) ON DELETE CASCADE,
    source TEXT NOT NULL,
    level TEXT NOT NULL,
    type TEXT NOT NULL,
    context TEXT,
    message TEXT NOT NULL,
    details TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX operation_messages_operation ON operation_messages (operation_id, id);

{sequence:outbox}
CREATE TABLE outbox (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    event_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    connection_row BIGINT,
    operation_id TEXT,
    url TEXT NOT NULL,
    headers TEXT NOT NULL,
    body TEXT NOT NULL,
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    lease_until BIGINT,
    lease_token BIGINT NOT NULL,
    delivered_at BIGINT,
    dead_at BIGINT,
    dead_reason TEXT,
    created_at BIGINT NOT NULL
);
CREATE INDEX outbox_due ON outbox (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX outbox_delivered ON outbox (delivered_at) WHERE delivered_at IS NOT NULL;
CREATE INDEX outbox_environment ON outbox (environment_id, id);

{sequence:delivery_attempts}
CREATE TABLE delivery_attempts (
    id {id},
    outbox_id BIGINT NOT NULL REFERENCES outbox (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    duration_ms BIGINT NOT NULL,
    status BIGINT,
    error TEXT,
    answer TEXT
);
CREATE INDEX delivery_attempts_outbox ON delivery_attempts (outbox_id, id);

{sequence:users}
CREATE TABLE users (
    id {id},
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    role TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    updated_at BIGINT NOT NULL
);

{sequence:user_sessions}
CREATE TABLE user_sessions (
    id {id},
    user_id BIGINT NOT NULL REFERENCES users (id),
    token_hash TEXT NOT NULL UNIQUE,
    user_agent TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL
);
CREATE INDEX user_sessions_expiry ON user_sessions (expires_at);

{sequence:audit_events}
CREATE TABLE audit_events (
    id {id},
    occurred_at BIGINT NOT NULL,
    environment_id BIGINT REFERENCES environments (id),
    actor TEXT NOT NULL,
    resource TEXT NOT NULL,
    action TEXT NOT NULL,
    targets TEXT NOT NULL,
    context TEXT NOT NULL,
    outcome TEXT NOT NULL,
    metadata TEXT NOT NULL
);
CREATE INDEX audit_events_newest ON audit_events (occurred_at DESC, id DESC);
