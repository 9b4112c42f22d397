/// A content coding of HTTP (https://www.rfc-editor.org/rfc/rfc9110#section-8.4.1). The raw value is its token.
package enum ContentCoding: String, CaseIterable, Sendable {
    /// One gzip member or several in a row (https://www.rfc-editor.org/rfc/rfc1952).
    case gzip
    /// The zlib format (https://www.rfc-editor.org/rfc/rfc1950), not bare deflate blocks.
    case deflate
    /// Zstandard frames (https://www.rfc-editor.org/rfc/rfc8878) with a window of at most 8 MiB
    /// (https://www.rfc-editor.org/rfc/rfc9659).
    case zstd
}
