import Foundation
import Logging
import Synchronization
import Testing

@testable import APIServer

struct JSONLogHandlerTests {
    /// Collects what a handler writes.
    private final class Output: Sendable {
        private let data = Mutex(Data())

        func write(_ line: Data) { data.withLock { $0.append(line) } }

        var text: String { data.withLock { String(decoding: $0, as: UTF8.self) } }
    }

    private func logger(_ output: Output, provider: Logger.MetadataProvider? = nil) -> Logger {
        var handler = JSONLogHandler(
            label: "batchin", now: { Date(timeIntervalSince1970: 1.5) }, write: { output.write($0) })
        handler.metadataProvider = provider
        return Logger(label: "batchin") { _ in handler }
    }

    @Test func `a message is one line of JSON`() {
        let output = Output()
        logger(output).warning("disk full")
        #expect(
            output.text == """
                {"time":"1970-01-01T00:00:01.500Z","level":"warning","label":"batchin","message":"disk full"}

                """)
    }

    @Test func `nested metadata and text with quotes and newlines stay one valid line`() throws {
        let output = Output()
        logger(output).info(
            "a \"quoted\"\nline", metadata: ["list": ["x", "y"], "map": ["n": .stringConvertible(5)], "a\"b": "\u{1}"])
        #expect(output.text.filter { $0 == "\n" }.count == 1)
        let object = try #require(
            try JSONSerialization.jsonObject(with: Data(output.text.utf8)) as? [String: Any])
        #expect(object["message"] as? String == "a \"quoted\"\nline")
        let metadata = try #require(object["metadata"] as? [String: Any])
        #expect(metadata["list"] as? [String] == ["x", "y"])
        #expect(metadata["map"] as? [String: String] == ["n": "5"])
        #expect(metadata["a\"b"] as? String == "\u{1}")
    }

    @Test func `the message's metadata wins over the logger's, which wins over the task's`() {
        let output = Output()
        var logger = logger(output, provider: Logger.MetadataProvider { ["a": "task", "b": "task", "c": "task"] })
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("x", metadata: ["c": "message"])
        #expect(output.text.contains(#""metadata":{"a":"task","b":"logger","c":"message"}"#))
    }

    @Test func `what is below the level is not written`() {
        let output = Output()
        var logger = logger(output)
        logger.debug("hidden")
        #expect(output.text.isEmpty)
        logger.logLevel = .debug
        logger.debug("shown")
        #expect(output.text.contains("shown"))
    }
}
