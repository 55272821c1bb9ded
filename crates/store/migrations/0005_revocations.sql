-- Connections that were deleted, and whose service is still to be told.

{sequence:revocations}
CREATE TABLE revocations (
    id {id},
    environment_id BIGINT NOT NULL REFERENCES environments (id),
    integration_id BIGINT NOT NULL REFERENCES integrations (id),
    connection_row BIGINT NOT NULL,
    operation_id TEXT NOT NULL,
    material {blob},
    attempts BIGINT NOT NULL,
    next_attempt_at BIGINT,
    outcome TEXT,
    created_at BIGINT NOT NULL,
    ended_at BIGINT
);
CREATE INDEX revocations_due ON revocations (next_attempt_at) WHERE next_attempt_at IS NOT NULL;
CREATE INDEX revocations_ended ON revocations (ended_at) WHERE ended_at IS NOT NULL;
