import Accounts

extension RunDetails {
    static func stub(
        promptVersion: String = "default", routeID: String? = "route", provider: String? = "echo",
        responseModel: String? = "m-1", errorCode: String? = "upstream_timeout", finishReasons: String? = "stop,length",
        firstByteAt: Int64? = 1_700_000_000_000_000_002
    ) -> RunDetails {
        RunDetails(
            spanID: "00f067aa0ba902b7", operation: "chat", isStream: true, environment: "production",
            promptVersion: promptVersion, routeID: routeID, provider: provider, responseModel: responseModel,
            attemptCount: 2, cachedInputTokens: 11, reasoningTokens: 13, usageIsEstimated: true, status: 206,
            errorCode: errorCode, finishReasons: finishReasons, requestHash: Array(0..<32),
            responseHash: Array(32..<64), startedAt: 1_700_000_000_000_000_001, firstByteAt: firstByteAt,
            completedAt: 1_700_000_000_000_000_003)
    }
}
