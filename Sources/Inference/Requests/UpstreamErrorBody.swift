/// What a provider says about a call that it did not serve, made safe to show to the caller.
///
/// It knows the error objects of OpenAI and of the servers that follow it loosely. What it takes out of them is
/// bounded, holds no control characters, and has what looks like a credential blacked out. Anything else reads as no
/// message.
package struct UpstreamErrorBody: Hashable, Sendable {
    package private(set) var message: String?
    package private(set) var type: String?
    package private(set) var code: String?
    /// The request's field at fault.
    package private(set) var parameter: String?

    /// Of longer bodies nothing is read.
    static let bodyBytesMax = 65_536
    /// The most characters of a message.
    static let messageLengthMax = 500
    private static let nameLengthMax = 64

    /// - Parameter secrets: texts that must not be shown, such as the key that the provider was called with.
    package init(body: [UInt8], hiding secrets: [String] = []) {
        guard body.count <= Self.bodyBytesMax else { return }
        do throws(InferenceError) {
            try body.withRawBytes { (bytes) throws(InferenceError) in
                var cursor = JSONCursor(0..<bytes.byteCount, by: .provider)
                try read(&cursor, in: bytes)
                try cursor.finish(in: bytes)
            }
            message = message.map { Redaction.redact($0, hiding: secrets, lengthMax: Self.messageLengthMax) }
            if message?.isEmpty == true { message = nil }
        } catch {
            // A page of HTML or half an answer says nothing that a caller could use.
            self = UpstreamErrorBody()
        }
    }

    private init() {}

    /// The error as the gateway reports it where nothing more is known.
    package var inferenceError: InferenceError {
        let said = message.map { "the provider reports an error: \($0)" }
        return InferenceError(.upstreamError, said ?? "the provider reports an error", detail: code ?? type ?? "")
    }

    /// `{"error":{"message":…}}`, `{"error":"…"}`, `{"message":…}`, `{"detail":"…"}` or `{"detail":[{"msg":…}]}`.
    private mutating func read(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
        var object = try cursor.beginObject(in: bytes)
        while let member = try cursor.nextMember(of: &object, in: bytes) {
            let kind = cursor.nextKind(in: bytes)
            if member.isNamed("error", in: bytes), kind == .object {
                try read(&cursor, in: bytes)
            } else if member.isNamed("detail", in: bytes), kind == .array {
                try readDetails(&cursor, in: bytes)
            } else {
                note(member, try cursor.skipValue(in: bytes), in: bytes)
            }
        }
    }

    private mutating func readDetails(_ cursor: inout JSONCursor, in bytes: RawSpan) throws(InferenceError) {
        var array = try cursor.beginArray(in: bytes)
        while try cursor.nextElement(of: &array, in: bytes) {
            if cursor.nextKind(in: bytes) == .object {
                try read(&cursor, in: bytes)
            } else {
                _ = try cursor.skipValue(in: bytes)
            }
        }
    }

    private mutating func note(_ member: JSONMember, _ value: JSONValue, in bytes: RawSpan) {
        guard let text = value.string(in: bytes) else { return }
        if ["message", "error", "detail", "msg"].contains(where: { member.isNamed($0, in: bytes) }) {
            message = text
        } else if member.isNamed("type", in: bytes) {
            type = Self.name(text)
        } else if member.isNamed("code", in: bytes) {
            code = Self.name(text)
        } else if member.isNamed("param", in: bytes) {
            parameter = Self.name(text)
        }
    }

    /// A name such as `context_length_exceeded` or `messages[0].content`; nil for other text.
    private static func name(_ text: String) -> String? {
        let isName = text.utf8.allSatisfy { character in
            switch character {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "["), UInt8(ascii: "]"):
                true
            default: false
            }
        }
        return isName && 1...nameLengthMax ~= text.utf8.count ? text : nil
    }
}
