package import NIOCore

/// Answers inference calls: a provider, ready to be called.
package protocol Upstream: Sendable {
    /// Makes one call.
    ///
    /// Returns when the head of an answer and the first bytes of its body are here, or the whole of an answer without a
    /// body; so what a provider gets wrong up to its first byte can still be tried elsewhere. Answers of every status
    /// are returned, and `AttemptOutcome` knows what they mean. A successful one is of the content type asked for, is
    /// not compressed, and is not empty.
    ///
    /// When the task is cancelled, or the response's body is let go before its end, the call ends at once.
    /// - Throws: `upstreamError`, `upstreamTimeout`, or `cancelled`.
    func send(_ request: UpstreamRequest) async throws(InferenceError) -> UpstreamResponse
}

/// A call as a provider gets it.
package struct UpstreamRequest: Sendable {
    package let endpoint: Endpoint
    /// What the caller sent. Credentials and what concerns only us is left out on the way.
    package let callerHeaders: [HeaderField]
    /// What we add, such as `traceparent`, in place of a caller's header of the same name.
    package let ownHeaders: [HeaderField]
    /// JSON.
    package let body: [UInt8]
    package let expectedContent: ExpectedContent
    /// Where the answer is to arrive; nil leaves the choice.
    package let eventLoop: (any EventLoop)?
    /// Ends the call when the caller goes.
    package let departure: Departure?

    package init(
        _ endpoint: Endpoint, body: [UInt8], expecting expectedContent: ExpectedContent,
        callerHeaders: [HeaderField] = [], ownHeaders: [HeaderField] = [], on eventLoop: (any EventLoop)? = nil,
        departure: Departure? = nil
    ) {
        self.endpoint = endpoint
        self.body = body
        self.expectedContent = expectedContent
        self.callerHeaders = callerHeaders
        self.ownHeaders = ownHeaders
        self.eventLoop = eventLoop
        self.departure = departure
    }

    /// A path below the provider's base URL.
    package enum Endpoint: String, CaseIterable, Sendable {
        case chatCompletions = "chat/completions"
        case completions
        case embeddings
    }

    /// What a successful answer must be.
    package enum ExpectedContent: Sendable {
        case json
        case eventStream
    }
}

/// A provider's answer, the body of which may still be on its way.
package struct UpstreamResponse: Sendable {
    package let status: Int
    /// What may be passed on to the caller: nothing about the connection, the body's length or the provider's cookies.
    package let headers: [HeaderField]
    package let contentType: String?
    /// For how long the provider asks to be left alone.
    package let retryAfterMilliseconds: Int64?
    package let body: UpstreamBody

    package init(
        status: Int, headers: [HeaderField], contentType: String?, retryAfterMilliseconds: Int64? = nil,
        body: UpstreamBody
    ) {
        self.status = status
        self.headers = headers
        self.contentType = contentType
        self.retryAfterMilliseconds = retryAfterMilliseconds
        self.body = body
    }
}

extension AttemptOutcome {
    package init(_ response: UpstreamResponse) {
        self.init(status: response.status, retryAfterMilliseconds: response.retryAfterMilliseconds)
    }
}

/// One header; names compare without regard to case.
package struct HeaderField: Hashable, Sendable {
    package let name: String
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }
}
