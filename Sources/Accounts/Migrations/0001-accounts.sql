-- Users and the keys that speak for them. Times are milliseconds since 1970-01-01 00:00 UTC, ids UUIDv7 text.

CREATE TABLE users (
    id TEXT PRIMARY KEY NOT NULL,
    -- Normalized to lower case before it is stored, which makes addresses case-insensitive.
    email TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    -- Null until the user has chosen a password.
    password_hash TEXT,
    created_at BIGINT NOT NULL
);

CREATE TABLE api_keys (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL REFERENCES users (id),
    name TEXT NOT NULL,
    -- The first 16 characters of the key, to recognize it by.
    key_prefix TEXT NOT NULL,
    -- HMAC-SHA256 of the whole key under a key derived from the master key; the key itself is stored nowhere.
    key_hash BYTEA NOT NULL UNIQUE CHECK (length(key_hash) = 32),
    -- Comma-separated.
    scopes TEXT NOT NULL,
    -- Null means no limit.
    rate_limit_rpm BIGINT CHECK (rate_limit_rpm > 0),
    monthly_budget_cents BIGINT CHECK (monthly_budget_cents >= 0),
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    last_used_at BIGINT,
    revoked_at BIGINT
);

CREATE INDEX api_keys_by_user ON api_keys (user_id, id);
CREATE INDEX api_keys_by_prefix ON api_keys (key_prefix);
