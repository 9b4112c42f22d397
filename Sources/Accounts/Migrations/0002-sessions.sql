-- What logging in needs: sessions, and the failures that slow guessing down. Hashes are HMAC-SHA256 under keys derived
-- from the master key, each kind under a key of its own.

CREATE TABLE sessions (
    -- Of the whole token; the token itself is stored nowhere.
    token_hash BYTEA PRIMARY KEY NOT NULL CHECK (length(token_hash) = 32),
    user_id TEXT NOT NULL REFERENCES users (id),
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Failed logins in a row, whether the address has a user or not.
CREATE TABLE login_failures (
    -- A hash, so that the table tells nobody which addresses were tried.
    address_hash BYTEA PRIMARY KEY NOT NULL CHECK (length(address_hash) = 32),
    failure_count BIGINT NOT NULL CHECK (failure_count > 0),
    last_failed_at BIGINT NOT NULL
);

CREATE INDEX login_failures_by_time ON login_failures (last_failed_at);

-- One row at most: what only the master key that the hashes were made with can compute.
CREATE TABLE master_key_check (
    singleton BIGINT PRIMARY KEY NOT NULL CHECK (singleton = 1),
    code BYTEA NOT NULL CHECK (length(code) = 32)
);
