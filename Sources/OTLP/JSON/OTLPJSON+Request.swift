import JSONParsing

extension OTLPJSON {
    /// How deep a request's containers may lie inside each other. An `AnyValue` at its own limit needs 267.
    private static let containerDepthMax = 512

    /// Turns an OTLP/JSON request into the bytes of an `ExportTraceServiceRequest`.
    ///
    /// Fields are written in the order of their numbers and defaults are left out, as official serializers do, so that
    /// equal spans give equal bytes whichever way they came in. The result is made for `TraceRequestWalker`: ids are
    /// passed on as they are, even wrong ones, for the walker to judge.
    ///
    /// Unknown members are ignored. A known member with a value of the wrong type or range fails the request; the
    /// error names its path.
    package static func transcodeRequest(_ json: [UInt8]) throws(OTLPError) -> [UInt8] {
        let document: JSONDocument
        do throws(JSONParsingError) {
            document = try JSONDocument(parsing: json, depthMax: containerDepthMax)
        } catch {
            throw OTLPError(code: error.code == .tooLarge ? .tooLarge : .invalidJSON, message: error.message)
        }
        let root = document.root
        guard case .object = document.kind(of: root) else {
            throw OTLPError(code: .invalidJSON, message: "the JSON text must be an object")
        }
        // Protobuf is about half as long as the JSON text it came from.
        var writer = WireWriter(reservingCapacity: json.count / 2)
        try JSONRequestReader(document: document).writeRequest(root, to: &writer)
        return writer.bytes
    }
}
