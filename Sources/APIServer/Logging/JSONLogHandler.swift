import Foundation
import Logging
import OTLP

/// Writes each log message as one line of JSON: `time`, `level`, `label`, `message`, and `metadata` if there is any.
///
/// `time` is RFC 3339 in UTC. The metadata of one message wins over that of its logger, which wins over that of the
/// task.
struct JSONLogHandler: LogHandler {
    var metadata: Logger.Metadata = [:]
    var metadataProvider: Logger.MetadataProvider?
    var logLevel = Logger.Level.info

    private let label: String
    private let now: @Sendable () -> Date
    private let write: @Sendable (Data) -> Void

    /// - Parameter write: Takes a whole line at once, so that lines of several threads don't mix.
    init(
        label: String,
        now: @escaping @Sendable () -> Date = { Date() },
        write: @escaping @Sendable (Data) -> Void = { line in
            // There is nowhere left to tell that standard error is gone.
            try? FileHandle.standardError.write(contentsOf: line)
        }
    ) {
        self.label = label
        self.now = now
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let all = (metadataProvider?.get() ?? [:])
            .merging(metadata) { $1 }
            .merging(event.metadata ?? [:]) { $1 }
        var json = JSONWriter()
        json.beginObject()
        json.key("time")
        json.string(now().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        json.key("level")
        json.string(event.level.rawValue)
        json.key("label")
        json.string(label)
        json.key("message")
        json.string(event.message.description)
        if !all.isEmpty {
            json.key("metadata")
            json.metadata(.dictionary(all))
        }
        json.endObject()
        write(Data(json.bytes + [UInt8(ascii: "\n")]))
    }
}

extension JSONWriter {
    fileprivate mutating func metadata(_ value: Logger.Metadata.Value) {
        switch value {
        case .string(let text):
            string(text)
        case .stringConvertible(let value):
            string(value.description)
        case .array(let values):
            beginArray()
            for value in values { metadata(value) }
            endArray()
        case .dictionary(let values):
            beginObject()
            for (name, value) in values.sorted(by: { $0.key < $1.key }) {
                key(name)
                metadata(value)
            }
            endObject()
        }
    }
}
