-- What is recorded of a run beside what it used. All of it is null in runs that were recorded before there was any.

-- The run's SERVER span, 16 hexadecimal digits.
ALTER TABLE runs ADD COLUMN span_id TEXT;
ALTER TABLE runs ADD COLUMN operation TEXT;
-- 0 or 1.
ALTER TABLE runs ADD COLUMN is_stream BIGINT;
ALTER TABLE runs ADD COLUMN environment TEXT;
ALTER TABLE runs ADD COLUMN prompt_version TEXT;
ALTER TABLE runs ADD COLUMN route_id TEXT;
ALTER TABLE runs ADD COLUMN provider TEXT;
-- The model's name at the provider.
ALTER TABLE runs ADD COLUMN response_model TEXT;
ALTER TABLE runs ADD COLUMN attempt_count BIGINT;
ALTER TABLE runs ADD COLUMN cached_input_tokens BIGINT;
ALTER TABLE runs ADD COLUMN reasoning_tokens BIGINT;
-- 0 or 1.
ALTER TABLE runs ADD COLUMN usage_is_estimated BIGINT;
-- Of HTTP.
ALTER TABLE runs ADD COLUMN status BIGINT;
ALTER TABLE runs ADD COLUMN error_code TEXT;
-- Comma-separated.
ALTER TABLE runs ADD COLUMN finish_reasons TEXT;
-- SHA-256 of the body that came from the client, and of the one that went to it.
ALTER TABLE runs ADD COLUMN request_hash BYTEA;
ALTER TABLE runs ADD COLUMN response_hash BYTEA;
-- Nanoseconds since 1970-01-01 00:00 UTC.
ALTER TABLE runs ADD COLUMN started_ns BIGINT;
ALTER TABLE runs ADD COLUMN first_byte_ns BIGINT;
ALTER TABLE runs ADD COLUMN completed_ns BIGINT;
-- The run's record in the audit log.
ALTER TABLE runs ADD COLUMN record_id TEXT;

-- The runs of a user are also listed with those that are no usage. One index does for both lists; it holds is_usage, so
-- that the usage log passes over other runs without reading them.
DROP INDEX runs_by_user;
CREATE INDEX runs_by_user ON runs (user_id, created_at, id, is_usage);
