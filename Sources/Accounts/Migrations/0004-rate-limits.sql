-- The token buckets of keys with a rate limit, where several processes serve the same keys. A row can be lost at any
-- time: its key then has a full bucket.

CREATE TABLE rate_limit_buckets (
    key_id TEXT PRIMARY KEY NOT NULL,
    -- In 60,000ths of a token, as it was at the time below.
    level BIGINT NOT NULL CHECK (level >= 0),
    -- Milliseconds since 1970-01-01 00:00 UTC.
    updated_at BIGINT NOT NULL
);
