-- Codes that pair a device without a browser with the browser of another device: one for a connect session.

CREATE TABLE pairings (
    session_id BIGINT PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    code_hash TEXT UNIQUE,
    client_name TEXT,
    visitor_session_id BIGINT,
    refused_at BIGINT,
    outcome TEXT,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX pairings_visitor ON pairings (visitor_session_id) WHERE visitor_session_id IS NOT NULL;
CREATE INDEX pairings_expiry ON pairings (expires_at);
