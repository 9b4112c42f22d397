package import Database

/// What a key may be used for.
package enum Scope: String, CaseIterable, Sendable {
    /// Inference, files and batches.
    case inference
    /// Pushing spans.
    case otlpWrite = "otlp:write"
    /// Traces, export, prompts and experiments.
    case tracesRead = "traces:read"
    case auditRead = "audit:read"
    case auditWrite = "audit:write"
    /// Keys, top-up and usage.
    case account
}

/// The scopes of a key: one or more.
package struct ScopeSet: Hashable, Sendable, CustomStringConvertible {
    private let bits: UInt8

    package static let all = ScopeSet(bits: Scope.allCases.reduce(0) { $0 | $1.bit })

    private init(bits: UInt8) {
        self.bits = bits
    }

    package init(_ first: Scope, _ others: Scope...) {
        bits = others.reduce(first.bit) { $0 | $1.bit }
    }

    /// Reads a comma-separated list such as `otlp:write,traces:read`; spaces around a name don't matter.
    ///
    /// - Throws: `invalidScopes`, naming the scope that does not exist, or for an empty list.
    package init(parsing text: String) throws(AccountsError) {
        var bits: UInt8 = 0
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let name = String(part.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
            guard let scope = Scope(rawValue: name) else {
                let known = Scope.allCases.map(\.rawValue).joined(separator: ", ")
                throw AccountsError(.invalidScopes, "there is no scope \"\(name)\"; scopes are \(known)")
            }
            bits |= scope.bit
        }
        self.bits = bits
    }

    package func contains(_ scope: Scope) -> Bool { bits & scope.bit != 0 }

    /// Whether every scope of this set is in the other one too.
    package func isSubset(of other: ScopeSet) -> Bool { bits & ~other.bits == 0 }

    /// The comma-separated list, in the order of `Scope`.
    package var description: String {
        Scope.allCases.filter(contains).map(\.rawValue).joined(separator: ",")
    }
}

extension Scope {
    fileprivate var bit: UInt8 {
        switch self {
        case .inference: 1 << 0
        case .otlpWrite: 1 << 1
        case .tracesRead: 1 << 2
        case .auditRead: 1 << 3
        case .auditWrite: 1 << 4
        case .account: 1 << 5
        }
    }
}

extension ScopeSet: SQLEncodable, SQLDecodable {
    package var sqlValue: SQLValue { .text(description) }

    package init?(sqlValue: SQLValue) {
        guard case .text(let text) = sqlValue, let scopes = try? ScopeSet(parsing: text) else { return nil }
        self = scopes
    }
}
