-- OAuth clients that we registered ourselves with authorization servers (RFC 7591).

{sequence:registered_clients}
CREATE TABLE registered_clients (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    integration_id BIGINT NOT NULL REFERENCES integrations (id),
    issuer TEXT NOT NULL,
    redirect_uri TEXT NOT NULL,
    client {blob} NOT NULL,
    expires_at BIGINT,
    created_at BIGINT NOT NULL,
    UNIQUE (integration_id, issuer, redirect_uri)
);
