-- Credit, what is spent of it, and on what. Amounts are integers of nano-dollars, 10^-9 $; a cent is 10000000 of them.
-- Times are milliseconds since 1970-01-01 00:00 UTC, ids UUIDv7 text.

-- The double-entry ledger: each entry moves an amount from a counter account ('revenue', 'operator', 'stripe', …) to a
-- user's account, or back if the amount is negative. Both sides are one row, so all accounts together sum to zero.
--
-- The entries of a user are a chain: each names the one before and begins with the balance that it ended with, so there
-- is no gap, no fork and no wrong sum. Entries are only ever added.
CREATE TABLE ledger_entries (
    user_id TEXT NOT NULL,
    -- 1, 2, 3, … for each user.
    seq BIGINT NOT NULL,
    previous_seq BIGINT,
    counter_account TEXT NOT NULL CHECK (length(counter_account) > 0),
    amount_nano BIGINT NOT NULL CHECK (amount_nano <> 0),
    balance_before_nano BIGINT NOT NULL,
    balance_after_nano BIGINT NOT NULL,
    -- The running total of what runs have cost, which decides whole cents.
    spent_before_nano BIGINT NOT NULL,
    spent_after_nano BIGINT NOT NULL,
    -- What the entry is for, once for each counter account: a run's id for 'revenue', a payment's id, …
    reference TEXT NOT NULL CHECK (length(reference) > 0),
    reason TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, seq),
    UNIQUE (counter_account, reference),
    UNIQUE (user_id, seq, balance_after_nano, spent_after_nano),
    FOREIGN KEY (user_id, previous_seq, balance_before_nano, spent_before_nano)
        REFERENCES ledger_entries (user_id, seq, balance_after_nano, spent_after_nano),
    CHECK (
        seq > 1 AND previous_seq IS NOT NULL AND previous_seq = seq - 1
        OR seq = 1 AND previous_seq IS NULL AND balance_before_nano = 0 AND spent_before_nano = 0
    ),
    CHECK (balance_after_nano = balance_before_nano + amount_nano),
    -- Runs are what is spent; everything else is credited, in whole cents.
    CHECK (
        counter_account = 'revenue' AND amount_nano < 0 AND spent_after_nano = spent_before_nano - amount_nano
        OR counter_account <> 'revenue' AND amount_nano % 10000000 = 0 AND spent_after_nano = spent_before_nano
    )
);

-- Where each user's chain ends; a user without entries has no row. It can't differ from the last entry that it names.
CREATE TABLE balances (
    user_id TEXT PRIMARY KEY NOT NULL REFERENCES users (id),
    last_seq BIGINT NOT NULL,
    balance_nano BIGINT NOT NULL,
    spent_nano BIGINT NOT NULL CHECK (spent_nano >= 0),
    credited_nano BIGINT NOT NULL,
    CHECK (balance_nano = credited_nano - spent_nano),
    FOREIGN KEY (user_id, last_seq, balance_nano, spent_nano)
        REFERENCES ledger_entries (user_id, seq, balance_after_nano, spent_after_nano)
);

-- One row for each run. A run that cost something has an entry in the ledger, by its run_id.
CREATE TABLE runs (
    id TEXT PRIMARY KEY NOT NULL,
    run_id TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    -- Null for a session.
    key_id TEXT,
    trace_id TEXT,
    model TEXT NOT NULL,
    input_tokens BIGINT NOT NULL CHECK (input_tokens >= 0),
    output_tokens BIGINT NOT NULL CHECK (output_tokens >= 0),
    cost_nano BIGINT NOT NULL CHECK (cost_nano >= 0),
    -- By how much the user's running total grew in rounded cents, so that rows add up to the whole.
    cost_cents BIGINT NOT NULL CHECK (cost_cents >= 0),
    outcome TEXT NOT NULL,
    -- Only runs that reached a provider are usage; what was refused before is recorded, but never listed or counted.
    is_usage BIGINT NOT NULL CHECK (is_usage = 1 OR is_usage = 0 AND cost_nano = 0 AND cost_cents = 0),
    -- When the run began, which is also the time in its id.
    created_at BIGINT NOT NULL CHECK (created_at >= 0)
);

CREATE INDEX runs_by_user ON runs (user_id, created_at, id) WHERE is_usage = 1;
CREATE INDEX runs_by_key ON runs (user_id, key_id, created_at, id) WHERE is_usage = 1;
CREATE INDEX runs_by_trace ON runs (user_id, trace_id, created_at, id) WHERE trace_id IS NOT NULL;

-- Sums over runs that are usage, three times over: by UTC calendar month, by UTC day and by hour.
CREATE TABLE usage_rollups (
    user_id TEXT NOT NULL,
    period TEXT NOT NULL CHECK (period IN ('month', 'day', 'hour')),
    start_at BIGINT NOT NULL,
    -- Empty for sessions.
    key_id TEXT NOT NULL,
    model TEXT NOT NULL,
    requests BIGINT NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cost_nano BIGINT NOT NULL,
    cost_cents BIGINT NOT NULL,
    PRIMARY KEY (user_id, period, start_at, key_id, model)
);

-- Credit that is promised to runs under way, where several processes spend it. Whoever made a row renews it; one that
-- has expired counts no more, so a process that dies gives back what it held.
CREATE TABLE reservations (
    id TEXT PRIMARY KEY NOT NULL,
    user_id TEXT NOT NULL,
    -- Null for a session.
    key_id TEXT,
    -- The start of the UTC month whose budget the run counts against.
    month_at BIGINT NOT NULL,
    amount_nano BIGINT NOT NULL CHECK (amount_nano > 0),
    -- The process, by a random id.
    owner TEXT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX reservations_by_user ON reservations (user_id);
