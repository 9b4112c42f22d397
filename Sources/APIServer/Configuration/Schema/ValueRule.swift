import Foundation
import Inference

/// What a value must satisfy beyond its type. An objection never quotes text, which could hold a secret.
struct ValueRule<Value> {
    /// What is wrong with the value, or nil.
    let objection: (Value) -> String?

    static var none: Self { Self { _ in nil } }
}

extension ValueRule where Value == Int {
    /// A size in bytes: at least one, at most a pebibyte, so that sums and products of a few cannot overflow.
    static var size: Self { range(1...Limit.bytesMax) }
    /// A size in bytes, or zero.
    static var sizeOrZero: Self { range(0...Limit.bytesMax) }
    /// A duration of at least a second and at most a year.
    static var seconds: Self { range(1...Limit.secondsMax) }
    /// A number of days, at most a hundred years.
    static var days: Self { range(0...Limit.daysMax) }
    static var positive: Self { range(1...Limit.countMax) }
    static var notNegative: Self { range(0...Limit.countMax) }

    private enum Limit {
        static let bytesMax = 1 << 50
        static let secondsMax = 365 * 86_400
        static let daysMax = 36_500
        static let countMax = 1_000_000_000
    }

    static func range(_ range: ClosedRange<Int>) -> Self {
        Self { value in
            if value > range.upperBound { return "must be at most \(range.upperBound), found \(value)" }
            guard value < range.lowerBound else { return nil }
            let bound = range.lowerBound == 0 ? "must not be negative" : "must be greater than \(range.lowerBound - 1)"
            return "\(bound), found \(value)"
        }
    }
}

extension ValueRule where Value == Decimal {
    /// A price, which bills hold in whole pico-dollars.
    static var price: Self {
        Self { price in
            if price < 0 { return "must not be negative, found \(price)" }
            return Price(decimalText: "\(price)") == nil
                ? "must have at most 12 decimal places and be below 9 million dollars, found \(price)" : nil
        }
    }
}

extension ValueRule where Value == String {
    static var notEmpty: Self { Self { $0.isEmpty ? "must not be empty" : nil } }

    /// A path in the file system.
    static var path: Self {
        Self { path in
            if path.isEmpty { return "must not be empty" }
            return path.utf8.contains(0) ? "must not contain a NUL" : nil
        }
    }

    /// A name that also travels in headers and URLs.
    static var identifier: Self {
        Self { text in
            let isValid = text.wholeMatch(of: /[!-~]{1,128}/) != nil
            return isValid ? nil : "must be 1 to 128 visible ASCII characters without spaces"
        }
    }

    /// The name of an environment variable. People paste keys here, so the objection says what is meant.
    static var environmentVariable: Self {
        Self { text in
            let isValid = text.wholeMatch(of: /[A-Za-z_][A-Za-z0-9_]*/) != nil
            return isValid ? nil : "must be the name of an environment variable, not its value"
        }
    }

    /// The origin line of a log, which is also the name of its key.
    ///
    /// https://c2sp.org/signed-note: a key name has no spaces and no plus sign.
    static var logOrigin: Self {
        Self { text in
            let isValid = text.wholeMatch(of: /[!-*,-~]+/) != nil
            return isValid ? nil : "must be visible ASCII characters without spaces and plus signs"
        }
    }

    /// An absolute http or https URL to which a path can be appended.
    static var webAddress: Self {
        Self { text in
            guard let parts = URLComponents(string: text, encodingInvalidCharacters: false),
                parts.scheme == "http" || parts.scheme == "https", let host = parts.host, !host.isEmpty
            else { return "must be an absolute http or https URL" }
            if let port = parts.port, !(1...65_535).contains(port) { return "must have a port between 1 and 65535" }
            if parts.user != nil || parts.password != nil { return "must not carry a user name or password" }
            if parts.query != nil || parts.fragment != nil { return "must not have a query or a fragment" }
            return nil
        }
    }
}

extension ValueRule where Value == Secret {
    /// A value that can be sent in a header: https://www.rfc-editor.org/rfc/rfc9110#section-5.5
    static var headerSafe: Self {
        Self { secret in
            let isValid = secret.value.wholeMatch(of: /[!-~]([ -~\t]*[!-~])?/) != nil
            return isValid ? nil : "must be visible ASCII characters, since it travels in a header"
        }
    }
}
