/// The environment variables that are settings: `BATCHIN_` and the path in capitals, joined by `_`.
///
/// Lists of objects come from the file alone. A variable that is not listed here is ignored.
package enum EnvironmentTable {
    /// The variable for each path.
    package static let names: [String: String] = [
        "environment": "BATCHIN_ENVIRONMENT",
        "internal_token": "BATCHIN_INTERNAL_TOKEN",
        "allow_open_development": "BATCHIN_ALLOW_OPEN_DEVELOPMENT",
        "listen": "BATCHIN_LISTEN",
        "metrics_listen": "BATCHIN_METRICS_LISTEN",
        "public_url": "BATCHIN_PUBLIC_URL",
        "trusted_proxies": "BATCHIN_TRUSTED_PROXIES",
        "data": "BATCHIN_DATA",
        "master_key_file": "BATCHIN_MASTER_KEY_FILE",
        "database.url": "BATCHIN_DATABASE_URL",
        "spans.store": "BATCHIN_SPANS_STORE",
        "spans.url": "BATCHIN_SPANS_URL",
        "spans.retention_days": "BATCHIN_SPANS_RETENTION_DAYS",
        "spans.retention_bytes": "BATCHIN_SPANS_RETENTION_BYTES",
        "spans.head_bytes": "BATCHIN_SPANS_HEAD_BYTES",
        "limits.body_bytes": "BATCHIN_LIMITS_BODY_BYTES",
        "limits.control_body_bytes": "BATCHIN_LIMITS_CONTROL_BODY_BYTES",
        "limits.ingest_queue_bytes": "BATCHIN_LIMITS_INGEST_QUEUE_BYTES",
        "limits.head_timeout_s": "BATCHIN_LIMITS_HEAD_TIMEOUT_S",
        "limits.body_idle_timeout_s": "BATCHIN_LIMITS_BODY_IDLE_TIMEOUT_S",
        "limits.keepalive_s": "BATCHIN_LIMITS_KEEPALIVE_S",
        "limits.stream_write_stall_s": "BATCHIN_LIMITS_STREAM_WRITE_STALL_S",
        "limits.stream_keepalive_s": "BATCHIN_LIMITS_STREAM_KEEPALIVE_S",
        "capture": "BATCHIN_CAPTURE",
        "audit.origin": "BATCHIN_AUDIT_ORIGIN",
        "audit.checkpoint_file": "BATCHIN_AUDIT_CHECKPOINT_FILE",
        "webhooks.allow_private": "BATCHIN_WEBHOOKS_ALLOW_PRIVATE",
        "stripe.api_base": "BATCHIN_STRIPE_API_BASE",
        "stripe.secret_key_env": "BATCHIN_STRIPE_SECRET_KEY_ENV",
        "stripe.webhook_secret_env": "BATCHIN_STRIPE_WEBHOOK_SECRET_ENV",
        "energy.grid_zone": "BATCHIN_ENERGY_GRID_ZONE",
        "energy.baseline_zone": "BATCHIN_ENERGY_BASELINE_ZONE",
    ]
}
