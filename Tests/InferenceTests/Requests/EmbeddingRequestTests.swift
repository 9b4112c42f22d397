import Testing

@testable import Inference

@Suite struct EmbeddingRequestTests {
    @Test func `the fields that a gateway needs are read`() throws {
        let request = try embedding(
            #"{"model":"e","input":["a","b"],"encoding_format":"base64","dimensions":256,"metadata":{"prompt_version":"x"}}"#
        )
        #expect(request.model == "e")
        #expect(request.input.form == .strings)
        #expect(request.input.count == 2)
        #expect(request.encodingFormat == .base64)
        #expect(request.dimensions == 256)
        #expect(request.promptVersion == PromptVersion("x"))
    }

    @Test func `numbers are wanted unless the client says otherwise`() throws {
        #expect(try embedding(#"{"model":"e","input":"a"}"#).encodingFormat == .float)
        #expect(try embedding(#"{"model":"e","input":"a","encoding_format":null}"#).encodingFormat == .float)
        #expect(try embedding(#"{"model":"e","input":"a","encoding_format":"float"}"#).encodingFormat == .float)
    }

    @Test(arguments: [
        (#""input":"a""#, "model"), (#""model":"e""#, "input"), (#""model":"e","input":[]"#, "input"),
        (#""model":"e","input":{}"#, "input"), (#""model":"e","input":[["a"]]"#, "input[0][0]"),
        (#""model":"e","input":"a","encoding_format":"int8""#, "encoding_format"),
        (#""model":"e","input":"a","encoding_format":"Float""#, "encoding_format"),
        (#""model":"e","input":"a","encoding_format":1"#, "encoding_format"),
        (#""model":"e","input":"a","dimensions":0"#, "dimensions"),
    ])
    func `a wrong field is refused by its name`(fields: String, parameter: String) {
        let error = #expect(throws: InferenceError.self) { try embedding("{\(fields)}") }
        #expect(error?.code == .invalidRequest)
        #expect(error?.parameter == parameter)
    }

    @Test(
        arguments: [
            (nil, #"{"model":"e","input":"a"}"#, #"{"model":"up","input":"a"}"#),
            (.float, #"{"model":"e","input":"a"}"#, #"{"model":"up","input":"a"}"#),
            (.base64, #"{"model":"e","input":"a"}"#, #"{"model":"up","input":"a","encoding_format":"base64"}"#),
            (
                .float, #"{"model":"e","encoding_format" : "base64","input":"a"}"#,
                #"{"model":"up","encoding_format" : "float","input":"a"}"#
            ),
            (
                nil, #"{"model":"e","encoding_format":"base64","input":"a"}"#,
                #"{"model":"up","encoding_format":"base64","input":"a"}"#
            ),
            (
                .base64, #"{"model":"e","encoding_format":"base64","input":"a","encoding_format":null}"#,
                #"{"model":"up","encoding_format":"base64","input":"a","encoding_format":"base64"}"#
            ),
        ] as [(EncodingFormat?, String, String)])
    func `a provider that knows one format is asked for that one`(
        onlyFormat: EncodingFormat?, body: String, expected: String
    ) throws {
        let edited = try embedding(body).upstreamBody(model: "up", encodingFormat: onlyFormat)
        #expect(String(decoding: edited, as: UTF8.self) == expected)
    }

    @discardableResult
    private func embedding(_ body: String) throws -> EmbeddingRequest {
        try EmbeddingRequest(body: Array(body.utf8))
    }
}
