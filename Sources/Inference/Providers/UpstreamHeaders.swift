import Foundation
import NIOHTTP1

/// Makes the headers of requests to one upstream, and reads those of its answers.
struct UpstreamHeaders {
    /// What every call says of itself; these names are not taken from a caller.
    private let fixed: [HeaderField]
    private let fixedNames: HeaderNames

    init(_ endpoint: Provider.Endpoint) {
        var fields = [HeaderField("Content-Type", "application/json"), HeaderField("Accept-Encoding", "identity")]
        if let address = UpstreamAddress(baseURL: endpoint.baseURL) {
            // First of all: https://www.rfc-editor.org/rfc/rfc9110#section-7.2
            fields.insert(HeaderField("Host", address.authority), at: 0)
        }
        if let apiKey = endpoint.apiKey { fields.append(HeaderField("Authorization", "Bearer \(apiKey.value)")) }
        // The operator's word counts most.
        let configured = endpoint.headers.sorted { $0.key < $1.key }.map { HeaderField($0.key, $0.value.value) }
            .filter { !Self.framing.contains($0.name) }
        let names = HeaderNames(configured.map(\.name))
        fixed = fields.filter { !names.contains($0.name) } + configured
        fixedNames = HeaderNames(fixed.map(\.name))
    }

    func request(_ request: UpstreamRequest) -> HTTPHeaders {
        let ownNames = HeaderNames(request.ownHeaders.map(\.name))
        let hop = Self.connectionNames(request.callerHeaders.lazy.map { (name: $0.name, value: $0.value) })
        var headers = HTTPHeaders()
        headers.reserveCapacity(fixed.count + request.ownHeaders.count + request.callerHeaders.count + 2)
        for field in fixed { headers.add(name: field.name, value: field.value) }
        if !fixedNames.contains("accept") { headers.add(name: "Accept", value: request.expectedContent.mediaType) }
        for field in request.ownHeaders where !fixedNames.contains(field.name) {
            headers.add(name: field.name, value: field.value)
        }
        for field in request.callerHeaders
        where HeaderFilter.passesUpstream(field.name) && !fixedNames.contains(field.name)
            && !ownNames.contains(field.name) && !hop.contains(field.name)
        {
            headers.add(name: field.name, value: field.value)
        }
        headers.add(name: "Content-Length", value: String(request.body.count))
        return headers
    }

    func response(_ head: HTTPResponseHead, body: UpstreamBody) -> UpstreamResponse {
        let hop = Self.connectionNames(head.headers)
        var passed: [HeaderField] = []
        for (name, value) in head.headers where HeaderFilter.passesDownstream(name) && !hop.contains(name) {
            passed.append(HeaderField(name, value))
        }
        return UpstreamResponse(
            status: Int(head.status.code), headers: passed, contentType: head.headers.first(name: "content-type"),
            retryAfterMilliseconds: Self.retryAfterMilliseconds(head.headers), body: body)
    }

    /// Checks that a successful answer can be read.
    ///
    /// An answer that does not say what it is passes: whoever reads it will see.
    func check(_ head: HTTPResponseHead, expecting content: UpstreamRequest.ExpectedContent) throws(InferenceError) {
        if let coding = head.headers.first(name: "content-encoding"), coding.lowercased() != "identity" {
            throw InferenceError(.upstreamError, "the provider compressed its answer unasked", detail: coding)
        }
        guard let type = head.headers.first(name: "content-type") else { return }
        guard content.includes(type.prefix { $0 != ";" && $0 != " " }.lowercased()) else {
            throw InferenceError(
                .upstreamError, "the provider's answer is of the wrong content type", detail: type)
        }
    }

    private static func retryAfterMilliseconds(_ headers: HTTPHeaders) -> Int64? {
        if let text = headers.first(name: "retry-after-ms"), let exact = RetryAfter.milliseconds(ofMilliseconds: text) {
            return exact
        }
        return headers.first(name: "retry-after").flatMap {
            RetryAfter.milliseconds($0, now: Int64(Date.now.timeIntervalSince1970))
        }
    }

    /// The headers that belong to the connection because its `Connection` header says so.
    private static func connectionNames(_ headers: some Sequence<(name: String, value: String)>) -> HeaderNames {
        var names: [String] = []
        for (name, value) in headers where connection.contains(name) {
            names += value.split(separator: ",").map { part in part.filter { $0 != " " && $0 != "\t" } }
        }
        return HeaderNames(names)
    }

    private static let connection: HeaderNames = ["connection"]
    /// What says where a request ends, which nobody else can know.
    private static let framing: HeaderNames = ["content-length", "transfer-encoding"]
}

extension UpstreamRequest.ExpectedContent {
    fileprivate var mediaType: String {
        switch self {
        case .json: "application/json"
        case .eventStream: "text/event-stream"
        }
    }

    fileprivate func includes(_ type: String) -> Bool {
        switch self {
        case .json: type == "application/json" || type.hasSuffix("+json")
        case .eventStream: type == "text/event-stream"
        }
    }
}
