import HTTPTypes
import Synchronization

/// What the HTTP side counts. Labels are route templates and fixed words, never what a client sent.
final class ServerMetrics: Sendable {
    let rejectedSpans = LabelledCounter()
    let refusedRequests = LabelledCounter()
    let requests = LabelledCounter()

    /// - Parameter template: The route's path; `nil` when there is none.
    func count(_ method: HTTPRequest.Method, _ template: String?, _ status: HTTPResponse.Status) {
        let known: Set<HTTPRequest.Method> = [.get, .head, .post, .put, .patch, .delete, .options]
        let method = known.contains(method) ? method.rawValue : "other"
        requests.count("method=\"\(method)\",route=\"\(template ?? "none")\",status=\"\(status.code)\"")
    }
}

/// A counter for each of a small set of labels.
final class LabelledCounter: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(_ label: String, by amount: Int = 1) {
        counts.withLock { $0[label, default: 0] += amount }
    }

    /// In order of label.
    var values: [(labels: String, value: Int)] {
        counts.withLock { $0.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } }
    }
}
