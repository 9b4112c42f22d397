import Foundation
import Yams

/// The URL of a PostgreSQL database, which prints without the passwords in it.
///
/// https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
package struct PostgresURL: Sendable, Equatable, CustomStringConvertible, CustomReflectable {
    /// The URL with its passwords.
    package let value: String

    /// Nil if the scheme is neither `postgres` nor `postgresql`; all else is left to libpq.
    package init?(_ value: String) {
        guard value.hasPrefix("postgres://") || value.hasPrefix("postgresql://") else { return nil }
        self.value = value
    }

    /// The URL with `redacted` in place of the password before the host and of password parameters.
    ///
    /// Where an unescaped character leaves doubt about which part is the password, nothing but the scheme is shown.
    package var description: String {
        let shape = /(postgres(?:ql)?:\/\/)(?:([^:@\/?]*)(:[^@\/?]*)?@)?([^@?]*)(?:\?([^@?]*))?/
        guard let (_, scheme, user, password, place, parameters) = value.wholeMatch(of: shape)?.output else {
            return value.prefix { $0 != ":" } + "://redacted"
        }
        let credentials = user.map { password == nil ? "\($0)@" : "\($0):redacted@" } ?? ""
        let query = parameters.map { parameters in
            "?"
                + parameters.split(separator: "&", omittingEmptySubsequences: false).map(Self.redacted)
                .joined(separator: "&")
        }
        return scheme + credentials + place + (query ?? "")
    }

    package var customMirror: Mirror { Mirror(self, children: [], displayStyle: .struct) }

    private static func redacted(_ parameter: Substring) -> String {
        let name = parameter.prefix { $0 != "=" }
        let isPassword = (name.removingPercentEncoding ?? "password").lowercased().contains("password")
        return isPassword ? "\(name)=redacted" : String(parameter)
    }
}

extension PostgresURL: ScalarValue {
    static var expectation: String { "a URL that begins with postgres:// or postgresql://" }
    static var isConfidential: Bool { true }

    init?(_ scalar: RawScalar) {
        guard let text = scalar.textual else { return nil }
        self.init(text)
    }

    var yamlNode: Node { TextScalar.node(description) }
}
