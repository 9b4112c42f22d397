import Foundation
import OTLP
import TraceStore

/// The parameters that queries on spans share.
extension QueryParameters {
    /// A trace id: 32 hexadecimal digits in any case.
    func traceID(_ name: String) throws(APIError) -> TraceID? {
        guard !values(name).isEmpty else { return nil }
        return try Self.traceID(try value(name) ?? "", parameter: name)
    }

    static func traceID(_ text: String, parameter: String) throws(APIError) -> TraceID {
        guard let id = TraceID(hex: text), !id.isZero else {
            throw APIError(
                .invalidRequest, "\(parameter) must be 32 hexadecimal digits, not all zero", parameter: parameter)
        }
        return id
    }

    /// A moment in Unix nanoseconds: an integer of nanoseconds, or RFC 3339.
    func unixNano(_ name: String) throws(APIError) -> UInt64? {
        guard let text = try value(name) else { return nil }
        guard let time = UInt64(text) ?? RFC3339.unixNano(text) else {
            throw APIError(
                .invalidRequest, "\(name) must be a time in RFC 3339 or an integer of nanoseconds since 1970",
                parameter: name)
        }
        return time
    }

    /// A duration in milliseconds, fractions allowed, as nanoseconds.
    func milliseconds(_ name: String) throws(APIError) -> UInt64? {
        guard let text = try value(name) else { return nil }
        guard let number = Double(text), number.isFinite, number >= 0, number <= 1e12 else {
            throw APIError(.invalidRequest, "\(name) must be a number of milliseconds, 0 or more", parameter: name)
        }
        return UInt64((number * 1e6).rounded())
    }

    /// A run id: `run_` and 20 or more base-62 characters.
    func runID(_ name: String) throws(APIError) -> String? {
        guard let text = try value(name) else { return nil }
        let random = text.dropFirst(4)
        guard text.hasPrefix("run_"), (20...64).contains(random.utf8.count),
            random.utf8.allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0)
            })
        else {
            throw APIError(
                .invalidRequest, "\(name) must be run_ and at least 20 letters or digits", parameter: name)
        }
        return text
    }

    /// `attr=key=value`, any number of times.
    func attributes(_ name: String) throws(APIError) -> [SpanFilter.Attribute] {
        var attributes: [SpanFilter.Attribute] = []
        for text in values(name) {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].isEmpty else {
                throw APIError(.invalidRequest, "\(name) must be key=value", parameter: name)
            }
            attributes.append(SpanFilter.Attribute(key: String(parts[0]), value: String(parts[1])))
        }
        return attributes
    }

    /// One of a fixed set of words.
    func choice<Value>(_ name: String, of words: KeyValuePairs<String, Value>) throws(APIError) -> Value? {
        guard let text = try value(name) else { return nil }
        guard let word = words.first(where: { $0.key == text }) else {
            throw APIError(
                .invalidRequest, "\(name) must be one of \(words.map(\.key).joined(separator: ", "))", parameter: name)
        }
        return word.value
    }
}
