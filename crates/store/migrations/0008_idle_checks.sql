-- When credentials that cannot be renewed are tested again, if nobody uses them until then.

ALTER TABLE connections ADD COLUMN check_at BIGINT;
CREATE INDEX connections_check ON connections (check_at) WHERE check_at IS NOT NULL AND deleted_at IS NULL;
