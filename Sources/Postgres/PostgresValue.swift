/// A value as it travels to and from the server, in PostgreSQL's binary format.
package enum PostgresValue: Hashable, Sendable {
    case null
    case integer(Int64)
    case real(Double)
    case text(String)
    case bytes([UInt8])
}

/// A type's number in the server's catalogue.
/// https://github.com/postgres/postgres/blob/REL_15_STABLE/src/include/catalog/pg_type.dat
struct PostgresType: Hashable, Sendable {
    let number: UInt32

    /// The server finds out from where the parameter stands.
    static let inferred = PostgresType(number: 0)
    static let bool = PostgresType(number: 16)
    static let bytea = PostgresType(number: 17)
    static let name = PostgresType(number: 19)
    static let int8 = PostgresType(number: 20)
    static let int2 = PostgresType(number: 21)
    static let int4 = PostgresType(number: 23)
    static let text = PostgresType(number: 25)
    static let oid = PostgresType(number: 26)
    static let float4 = PostgresType(number: 700)
    static let float8 = PostgresType(number: 701)
    static let unknown = PostgresType(number: 705)
    static let bpchar = PostgresType(number: 1042)
    static let varchar = PostgresType(number: 1043)
    static let void = PostgresType(number: 2278)

    var isSupported: Bool { Self.supported.contains(self) }

    private static let supported: Set<PostgresType> = [
        bool, bytea, name, int8, int2, int4, text, oid, float4, float8, unknown, bpchar, varchar, void,
    ]

    /// For messages: what an operator knows the type as.
    var description: String { Self.otherNames[number] ?? "the type number \(number)" }

    private static let otherNames: [UInt32: String] = [
        114: "json", 1082: "date", 1083: "time", 1114: "timestamp", 1184: "timestamptz", 1186: "interval",
        1700: "numeric", 2950: "uuid", 3802: "jsonb",
    ]
}

extension PostgresValue {
    /// As which type the value is sent. Only null has none of its own.
    var type: PostgresType {
        switch self {
        case .null: .inferred
        case .integer: .int8
        case .real: .float8
        case .text: .text
        case .bytes: .bytea
        }
    }

    /// Appends what the server takes for a value of this type. Nothing is appended for null.
    func append(to bytes: inout [UInt8]) {
        switch self {
        case .null: break
        case .integer(let integer): Self.append(UInt64(bitPattern: integer), to: &bytes)
        case .real(let real): Self.append(real.bitPattern, to: &bytes)
        case .text(let text): bytes += text.utf8
        case .bytes(let content): bytes += content
        }
    }

    private static func append(_ number: UInt64, to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) {
            bytes.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
        }
    }

    /// Reads a value that is not null; nil if the bytes are none of a supported type. Truth is 0 or 1.
    init?(_ bytes: RawSpan, type: PostgresType) {
        switch type {
        case .bool, .int2, .int4, .int8, .oid:
            guard let integer = Self.integer(bytes, type: type) else { return nil }
            self = .integer(integer)
        case .float4:
            guard bytes.byteCount == 4 else { return nil }
            self = .real(Double(Float(bitPattern: UInt32(truncatingIfNeeded: Self.bigEndian(bytes)))))
        case .float8:
            guard bytes.byteCount == 8 else { return nil }
            self = .real(Double(bitPattern: Self.bigEndian(bytes)))
        case .text, .varchar, .bpchar, .name, .unknown:
            self = .text(unsafe bytes.withUnsafeBytes { unsafe String(decoding: $0, as: UTF8.self) })
        case .bytea:
            self = .bytes(unsafe bytes.withUnsafeBytes { unsafe Array($0) })
        case .void:
            self = .null
        default:
            return nil
        }
    }

    private static func integer(_ bytes: RawSpan, type: PostgresType) -> Int64? {
        let number = bigEndian(bytes)
        switch (type, bytes.byteCount) {
        case (.bool, 1): return Int64(number)
        case (.int2, 2): return Int64(Int16(truncatingIfNeeded: number))
        case (.int4, 4): return Int64(Int32(truncatingIfNeeded: number))
        case (.oid, 4): return Int64(number)
        case (.int8, 8): return Int64(bitPattern: number)
        default: return nil
        }
    }

    private static func bigEndian(_ bytes: RawSpan) -> UInt64 {
        var number: UInt64 = 0
        for offset in 0..<min(bytes.byteCount, 8) {
            number = number << 8 | UInt64(unsafe bytes.unsafeLoad(fromByteOffset: offset, as: UInt8.self))
        }
        return number
    }
}
