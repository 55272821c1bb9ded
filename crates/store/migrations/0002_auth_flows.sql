-- Attempts to link an account through a provider's own pages: what the callback needs, and what came of it.

{sequence:auth_flows}
CREATE TABLE auth_flows (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    session_id BIGINT NOT NULL,
    attempt TEXT,
    state_hash TEXT UNIQUE,
    binding_hash TEXT,
    integration_id BIGINT,
    connection_id TEXT,
    operation_id TEXT,
    return_url TEXT,
    progress {blob},
    outcome TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    taken_at BIGINT,
    ended_at BIGINT
);
CREATE INDEX auth_flows_attempt ON auth_flows (attempt) WHERE attempt IS NOT NULL;
CREATE INDEX auth_flows_expiry ON auth_flows (expires_at);
