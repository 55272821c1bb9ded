-- Refreshing: when it is planned, who is at it, and why it failed.
ALTER TABLE connections ADD COLUMN credentials_issued_at BIGINT;
ALTER TABLE connections ADD COLUMN credentials_learned_life BIGINT;
ALTER TABLE connections ADD COLUMN refresh_at BIGINT;
ALTER TABLE connections ADD COLUMN refresh_next_at BIGINT;
ALTER TABLE connections ADD COLUMN refresh_failed_days BIGINT;
ALTER TABLE connections ADD COLUMN refresh_problem TEXT;
ALTER TABLE connections ADD COLUMN refresh_lease_owner TEXT;
CREATE INDEX connections_refresh ON connections (refresh_at) WHERE refresh_at IS NOT NULL;
