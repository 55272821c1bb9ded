-- What narrows a key beyond its scopes (JSON; null: nothing does), and environments whose secrets nobody is shown.
ALTER TABLE api_keys ADD COLUMN limits TEXT;
ALTER TABLE environments ADD COLUMN sealed_at BIGINT;
