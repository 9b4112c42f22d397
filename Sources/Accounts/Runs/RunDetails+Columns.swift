import Database

/// How details are stored: one column of `runs` each, all null in runs that have none.
extension RunDetails {
    static let columns: SQL = """
        span_id, operation, is_stream, environment, prompt_version, route_id, provider, response_model, attempt_count,
        cached_input_tokens, reasoning_tokens, usage_is_estimated, status, error_code, finish_reasons, request_hash,
        response_hash, started_ns, first_byte_ns, completed_ns
        """

    static let columnCount = 20

    /// The values of `columns`, in their order.
    static func values(_ details: RunDetails?) -> [SQLValue] {
        guard let details else { return Array(repeating: .null, count: columnCount) }
        return [
            details.spanID.sqlValue, details.operation.sqlValue, details.isStream.sqlValue,
            details.environment.sqlValue, details.promptVersion.sqlValue, details.routeID.sqlValue,
            details.provider.sqlValue, details.responseModel.sqlValue, details.attemptCount.sqlValue,
            details.cachedInputTokens.sqlValue, details.reasoningTokens.sqlValue, details.usageIsEstimated.sqlValue,
            details.status.sqlValue, details.errorCode.sqlValue, details.finishReasons.sqlValue,
            details.requestHash.sqlValue, details.responseHash.sqlValue, details.startedAt.sqlValue,
            details.firstByteAt.sqlValue, details.completedAt.sqlValue,
        ]
    }

    /// - Returns: nil if the run has no details.
    init?(row: Row) throws(DatabaseError) {
        guard let spanID = try row.decode("span_id", as: String?.self) else { return nil }
        self.init(
            spanID: spanID,
            operation: try row.decode("operation", as: String.self),
            isStream: try row.decode("is_stream", as: Bool.self),
            environment: try row.decode("environment", as: String.self),
            promptVersion: try row.decode("prompt_version", as: String.self),
            routeID: try row.decode("route_id", as: String?.self),
            provider: try row.decode("provider", as: String?.self),
            responseModel: try row.decode("response_model", as: String?.self),
            attemptCount: try row.decode("attempt_count", as: Int64.self),
            cachedInputTokens: try row.decode("cached_input_tokens", as: Int64.self),
            reasoningTokens: try row.decode("reasoning_tokens", as: Int64.self),
            usageIsEstimated: try row.decode("usage_is_estimated", as: Bool.self),
            status: try row.decode("status", as: Int64.self),
            errorCode: try row.decode("error_code", as: String?.self),
            finishReasons: try row.decode("finish_reasons", as: String?.self),
            requestHash: try row.decode("request_hash", as: [UInt8].self),
            responseHash: try row.decode("response_hash", as: [UInt8].self),
            startedAt: try row.decode("started_ns", as: Int64.self),
            firstByteAt: try row.decode("first_byte_ns", as: Int64?.self),
            completedAt: try row.decode("completed_ns", as: Int64.self))
    }
}
