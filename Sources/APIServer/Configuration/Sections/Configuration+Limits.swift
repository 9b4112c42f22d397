extension Configuration {
    /// Bounds on what one request or connection may take.
    package struct Limits: Sendable, Equatable {
        /// Data bodies (OTLP, inference), also after inflating.
        package var bodyBytes = 64 << 20
        /// All other bodies.
        package var controlBodyBytes = 1 << 20
        /// What may wait to be stored.
        package var ingestQueueBytes = 256 << 20
        /// A half-sent head is dropped after this.
        package var headTimeoutSeconds = 10
        /// A half-sent body is dropped after this long without a byte.
        package var bodyIdleTimeoutSeconds = 10
        package var keepAliveSeconds = 75
        /// A stream whose reader takes nothing for this long is dropped.
        package var streamWriteStallSeconds = 60
        /// A stream of an answer says that it is alive after this long without a chunk.
        package var streamKeepAliveSeconds = 15

        package init() {}
    }
}

extension Configuration.Limits: ConfigurationSection {
    static var fields: [ConfigurationField<Self>] {
        [
            .value("body_bytes", \.bodyBytes, .size),
            .value("control_body_bytes", \.controlBodyBytes, .size),
            .value("ingest_queue_bytes", \.ingestQueueBytes, .size),
            .value("head_timeout_s", \.headTimeoutSeconds, .seconds),
            .value("body_idle_timeout_s", \.bodyIdleTimeoutSeconds, .seconds),
            .value("keepalive_s", \.keepAliveSeconds, .seconds),
            .value("stream_write_stall_s", \.streamWriteStallSeconds, .seconds),
            .value("stream_keepalive_s", \.streamKeepAliveSeconds, .seconds),
        ]
    }
}
