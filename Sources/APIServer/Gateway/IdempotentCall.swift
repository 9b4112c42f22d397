import Accounts
import AuditLog
import Database
import HTTPTypes
import Hummingbird
import Inference
import NIOCore

/// A call that came with an `Idempotency-Key` and is served for the first time.
///
/// Whatever was billed is completed, in the transaction that bills it; a call that cost nothing gives its key back, so
/// that it can be tried again.
struct IdempotentCall: Sendable {
    let store: IdempotencyStore
    let ticket: IdempotencyTicket
    let environment: String

    /// What completes the call together with its run; nil if it is not to be completed.
    ///
    /// - Parameter body: Nil if the answer is a stream.
    func completion(with run: InferenceRun, body: [UInt8]?) -> Completion? {
        guard run.outcome == .ok || run.cost > 0 else { return nil }
        return { [self] receipt, connection throws(DatabaseError) in
            let answer = body.map { body in
                var headers = RunHeaders(run, environment: environment).fields
                headers.setReceipt(receipt)
                headers[.contentType] = "application/json"
                return StoredAnswer(
                    status: run.status,
                    headers: headers.map { StoredAnswer.Header(name: $0.name.rawName, value: $0.value) },
                    body: body)
            }
            try store.completion(of: ticket, runID: run.id, answer: answer)(connection)
        }
    }

    /// What completes the call, given the receipt of its run.
    typealias Completion = @Sendable (Receipt, Connection) throws(DatabaseError) -> Void

    func abandon() async {
        await store.abandon(ticket)
    }
}

extension IdempotencyVerdict {
    /// What the request is answered with right away; nil if it is to be served.
    ///
    /// - Throws: `conflict`.
    func answer() throws(APIError) -> Response? {
        switch self {
        case .proceed: return nil
        case .replay(let answer):
            var response = Response(answer)
            response.headers[.idempotentReplayed] = "true"
            return response
        case .isRunning:
            throw APIError(
                .conflict, "a request with this Idempotency-Key is still being served", parameter: "Idempotency-Key",
                hint: "Wait for its answer, then send the same request again to get that answer.")
        case .otherBody:
            throw APIError(
                .conflict, "this Idempotency-Key came with another body before", parameter: "Idempotency-Key",
                hint: "Use a new key for a new request.")
        case .notKept(let runID):
            var error = APIError(
                .conflict, "this request was served as \(runID), and its answer can't be given again",
                parameter: "Idempotency-Key", hint: "Streams and answers of more than 1 MiB are not kept.")
            error.members = [APIError.Member(name: "run_id", value: .text(runID))]
            error.headers[.runID] = runID
            throw error
        }
    }
}

extension Response {
    init(_ answer: StoredAnswer) {
        var headers = HTTPFields()
        for header in answer.headers {
            guard let name = HTTPField.Name(header.name) else { continue }
            headers[name] = header.value
        }
        self.init(
            status: HTTPResponse.Status(code: answer.status), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: answer.body)))
    }
}

extension HTTPField.Name {
    // The names are tokens, so the initializer can't fail.
    static let idempotencyKey = Self("Idempotency-Key") ?? .from
    fileprivate static let idempotentReplayed = Self("Idempotent-Replayed") ?? .from
}
