-- The audit log: a Merkle tree over signed records, and the records themselves.

-- Which log it is; fixed when it is begun.
CREATE TABLE audit_log (
    singleton BIGINT PRIMARY KEY NOT NULL CHECK (singleton = 1),
    -- The name of the log, the first line of its checkpoints.
    origin TEXT NOT NULL,
    -- The public key of the root, 32 bytes.
    root_key BYTEA NOT NULL
);

-- The leaves, as they are hashed. Rows are only ever added, without a gap from 0.
CREATE TABLE log_entries (
    leaf_index BIGINT PRIMARY KEY NOT NULL CHECK (leaf_index >= 0),
    entry BYTEA NOT NULL
);

-- Hashes of the tree in tiles of 256, see https://c2sp.org/tlog-tiles. Those of level 0, the hashes of leaves, are stored
-- once they are complete; those above grow with every tile that is completed below them.
CREATE TABLE log_tiles (
    level BIGINT NOT NULL CHECK (level >= 0),
    tile_index BIGINT NOT NULL CHECK (tile_index >= 0),
    -- 32 bytes each.
    hashes BYTEA NOT NULL,
    PRIMARY KEY (level, tile_index)
);

-- All that was ever signed of the log as a whole.
CREATE TABLE log_checkpoints (
    size BIGINT PRIMARY KEY NOT NULL CHECK (size > 0),
    root BYTEA NOT NULL,
    -- The signed note, https://c2sp.org/signed-note.
    note TEXT NOT NULL,
    created_at BIGINT NOT NULL
);

-- What the root has said of keys: DSSE envelopes, in JSON.
CREATE TABLE log_key_events (
    leaf_index BIGINT PRIMARY KEY NOT NULL REFERENCES log_entries (leaf_index),
    envelope TEXT NOT NULL
);

-- What each leaf of a run or an assertion stands for.
CREATE TABLE audit_records (
    leaf_index BIGINT PRIMARY KEY NOT NULL,
    -- 16 random bytes.
    record_id BYTEA NOT NULL UNIQUE,
    -- The user's id.
    tenant TEXT NOT NULL,
    -- 1, 2, 3, … for each tenant.
    tenant_seq BIGINT NOT NULL CHECK (tenant_seq > 0),
    -- What is signed: an in-toto statement in canonical JSON.
    statement BYTEA NOT NULL,
    signature BYTEA NOT NULL,
    -- What the statement commits to without showing it, in canonical JSON.
    details BYTEA NOT NULL,
    -- Opens the commitments.
    record_key BYTEA NOT NULL,
    -- The SHA-256 of each value that the statement commits to, in the order of the commitments' names, without that of
    -- the details.
    value_digests BYTEA NOT NULL,
    UNIQUE (tenant, tenant_seq)
);
