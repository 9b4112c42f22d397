-- Requests that name themselves by an Idempotency-Key, and what they were answered.

CREATE TABLE idempotent_requests (
    -- HMAC-SHA256 of user, path and key under a key derived from the master key; none of them is stored.
    key_hash BYTEA PRIMARY KEY NOT NULL CHECK (length(key_hash) = 32),
    -- The same of the body's hash.
    body_hash BYTEA NOT NULL CHECK (length(body_hash) = 32),
    -- The attempt at the request that counts, and the process it runs in.
    ticket TEXT NOT NULL,
    owner TEXT NOT NULL,
    -- The run that came of it; null while it is under way.
    run_id TEXT,
    -- While it is under way, when the attempt is given up; then, when the answer is forgotten. Milliseconds since
    -- 1970-01-01 00:00 UTC.
    expires_at BIGINT NOT NULL,
    -- Encrypted; null if it is not kept.
    answer BYTEA CHECK (answer IS NULL OR run_id IS NOT NULL)
);

CREATE INDEX idempotent_requests_by_expiry ON idempotent_requests (expires_at);
