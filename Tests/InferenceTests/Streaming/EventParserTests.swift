import TestSupport
import Testing

@testable import Inference

/// An event with its bytes and texts, for expectations.
struct ParsedEvent: Equatable {
    var raw: String
    var data: String?
    var name: String?
    var isComplete = true
}

@Suite struct EventParserTests {
    @Test(arguments: [
        ("data: a\n\n", [ParsedEvent(raw: "data: a\n\n", data: "a")]),
        ("data: a\r\n\r\n", [ParsedEvent(raw: "data: a\r\n\r\n", data: "a")]),
        ("data: a\r\r", [ParsedEvent(raw: "data: a\r\r", data: "a")]),
        (
            "data:a\n\ndata:  b\n\n",
            [ParsedEvent(raw: "data:a\n\n", data: "a"), ParsedEvent(raw: "data:  b\n\n", data: " b")]
        ),
        ("data: a\ndata: b\ndata\n\n", [ParsedEvent(raw: "data: a\ndata: b\ndata\n\n", data: "a\nb\n")]),
        ("data: a\rdata: b\r\ndata: c\n\r\n", [ParsedEvent(raw: "data: a\rdata: b\r\ndata: c\n\r\n", data: "a\nb\nc")]),
        ("data\n\n", [ParsedEvent(raw: "data\n\n", data: "")]),
        ("data:\n\n", [ParsedEvent(raw: "data:\n\n", data: "")]),
        (
            "event: x\nevent: y\ndata: a\nid: 7\nretry: 1\n\n",
            [ParsedEvent(raw: "event: x\nevent: y\ndata: a\nid: 7\nretry: 1\n\n", data: "a", name: "y")]
        ),
        ("event: x\n\n", [ParsedEvent(raw: "event: x\n\n", name: "x")]),
        (
            "dat: a\ndatax: b\n data: c\nDATA: d\nda\n\n",
            [ParsedEvent(raw: "dat: a\ndatax: b\n data: c\nDATA: d\nda\n\n")]
        ),
        (": ping\n\n", [ParsedEvent(raw: ": ping\n"), ParsedEvent(raw: "\n")]),
        (
            ":\n:\ndata: a\n: b\n\n",
            [ParsedEvent(raw: ":\n"), ParsedEvent(raw: ":\n"), ParsedEvent(raw: "data: a\n: b\n\n", data: "a")]
        ),
        (
            "\n\ndata: a\n\n\n",
            [
                ParsedEvent(raw: "\n"), ParsedEvent(raw: "\n"), ParsedEvent(raw: "data: a\n\n", data: "a"),
                ParsedEvent(raw: "\n"),
            ]
        ),
        ("\u{FEFF}data: a\n\n", [ParsedEvent(raw: "\u{FEFF}data: a\n\n", data: "a")]),
        ("\u{FEFF}\n", [ParsedEvent(raw: "\u{FEFF}\n")]),
        (
            "data: a\n\n\u{FEFF}data: b\n\n",
            [ParsedEvent(raw: "data: a\n\n", data: "a"), ParsedEvent(raw: "\u{FEFF}data: b\n\n")]
        ),
        (
            "data: a\tb\u{B}c\u{85}d\u{2028}\n\n",
            [ParsedEvent(raw: "data: a\tb\u{B}c\u{85}d\u{2028}\n\n", data: "a\tb\u{B}c\u{85}d\u{2028}")]
        ),
        ("data: é中😀\n\n", [ParsedEvent(raw: "data: é中😀\n\n", data: "é中😀")]),
        (
            "data: a\r\r\ndata: b\r\r",
            [
                ParsedEvent(raw: "data: a\r\r", data: "a"), ParsedEvent(raw: "\n"),
                ParsedEvent(raw: "data: b\r\r", data: "b"),
            ]
        ),
    ])
    func `events are cut where their blank lines are, wherever the network cuts`(
        stream: String, events: [ParsedEvent]
    ) throws {
        let bytes = Array(stream.utf8)
        #expect(try parse([bytes]) == events)
        #expect(try parse(bytes.map { [$0] }) == events)
        for cut in bytes.indices {
            #expect(try parse([Array(bytes[..<cut]), [], Array(bytes[cut...])]) == events, "cut at \(cut)")
        }
    }

    @Test(arguments: [
        ("data: a", ParsedEvent(raw: "data: a", data: "a", isComplete: false)),
        ("data: a\n", ParsedEvent(raw: "data: a\n", data: "a", isComplete: false)),
        ("data: a\r", ParsedEvent(raw: "data: a\r", data: "a", isComplete: false)),
        ("data: a\ndata: b", ParsedEvent(raw: "data: a\ndata: b", data: "a\nb", isComplete: false)),
        ("data: a\r\n\r", ParsedEvent(raw: "data: a\r\n\r", data: "a")),
        (": ping", ParsedEvent(raw: ": ping", isComplete: false)),
        ("\u{FEFF}data: a", ParsedEvent(raw: "\u{FEFF}data: a", data: "a", isComplete: false)),
        ("da", ParsedEvent(raw: "da", isComplete: false)), ("\r", ParsedEvent(raw: "\r")),
    ])
    func `what is left at the end of the stream is the last event`(stream: String, event: ParsedEvent) throws {
        #expect(try parse([Array(stream.utf8)]) == [event])
        #expect(try parse(stream.utf8.map { [$0] }) == [event])
    }

    @Test func `an event is there with its blank line and a comment with its line`() throws {
        for lineEnd in ["\n", "\r"] {
            var parser = EventParser()
            #expect(try take(": ping\(lineEnd)", &parser).count == (lineEnd == "\n" ? 1 : 0))
            #expect(try take("data: a\(lineEnd)", &parser).count == (lineEnd == "\n" ? 0 : 1))
            #expect(try take(lineEnd, &parser).last?.data == "a")
            #expect(try take("data: b\(lineEnd)\(lineEnd)", &parser).map(\.data) == ["b"])
        }
    }

    @Test func `an event may have so many bytes and no more`() throws {
        let event = "data: 0123456789\n\n"
        var parser = EventParser(eventBytesMax: event.utf8.count)
        #expect(try take(event + event + ": 012\n" + event, &parser).count == 4)
        for stream in [
            "data: 0123456789a\n\n", "data: 0123456789abcdef", "data: 01234\ndata: 56789", ": 0123456789abcdef\n",
        ] {
            for pieces in [[Array(stream.utf8)], stream.utf8.map { [$0] }] {
                #expect(throws: InferenceError(.upstreamError, "")) {
                    try parse(pieces, eventBytesMax: event.utf8.count)
                }
            }
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `nothing is lost and nothing depends on how the network cuts`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let pieces = [
                "\n", "\r", "\r\n", "data", ":", ": ", "event", "a", "é", "data: x\n\n", "\u{FEFF}", "12345678", "id",
            ]
            let stream = (0..<Int.random(in: 0...40, using: &random)).flatMap { _ in
                Array((pieces.randomElement(using: &random) ?? "").utf8)
            }
            let whole = try parse([stream])
            let joined = whole.reduce(into: [UInt8]()) { $0 += Array($1.raw.utf8) }
            #expect(joined == stream, "seed \(seed)")
            #expect(try parse(cut(stream, using: &random)) == whole, "seed \(seed)")
            #expect(!whole.dropLast().contains { !$0.isComplete }, "seed \(seed)")
            let data = whole.filter(\.isComplete).compactMap(\.data)
            #expect(data == reference(stream), "seed \(seed)")
        }
    }

    /// The specification's own steps, line by line.
    private func reference(_ stream: [UInt8]) -> [String] {
        var text = String(decoding: stream, as: UTF8.self).unicodeScalars.map { $0 }[...]
        if text.first == "\u{FEFF}" { text = text.dropFirst() }
        var lines: [String] = []
        var line = ""
        var previous: Unicode.Scalar?
        for scalar in text {
            if scalar == "\n" || scalar == "\r" {
                if scalar != "\n" || previous != "\r" { lines.append(line) }
                line = ""
            } else {
                line.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        var events: [String] = []
        var data: [String] = []
        for line in lines {
            if line.isEmpty {
                if !data.isEmpty { events.append(data.joined(separator: "\n")) }
                data = []
            } else if line == "data" {
                data.append("")
            } else if line.unicodeScalars.starts(with: "data:".unicodeScalars) {
                let value = line.unicodeScalars.dropFirst(5)
                data.append(String(String.UnicodeScalarView(value.first == " " ? value.dropFirst() : value)))
            }
        }
        return events
    }

    private func parse(_ pieces: [[UInt8]], eventBytesMax: Int = 1 << 20) throws -> [ParsedEvent] {
        var parser = EventParser(eventBytesMax: eventBytesMax)
        var events: [ParsedEvent] = []
        for piece in pieces {
            parser.append(piece)
            try drain(&parser, into: &events)
        }
        parser.end()
        try drain(&parser, into: &events)
        return events
    }

    private func take(_ text: String, _ parser: inout EventParser) throws -> [ParsedEvent] {
        var events: [ParsedEvent] = []
        parser.append(Array(text.utf8))
        try drain(&parser, into: &events)
        return events
    }

    private func drain(_ parser: inout EventParser, into events: inout [ParsedEvent]) throws {
        while let event = try parser.next() {
            let buffer = parser.buffer
            func text(_ range: Range<Int>) -> String { String(decoding: buffer[range], as: UTF8.self) }
            let joined = buffer.withRawBytes { event.joinedData(in: $0) }
            events.append(
                ParsedEvent(
                    raw: text(event.raw), data: event.data.isEmpty ? nil : String(decoding: joined, as: UTF8.self),
                    name: event.name.map(text), isComplete: event.isComplete))
        }
    }
}

/// Cuts bytes in random places, inside characters and line ends too.
func cut(_ bytes: [UInt8], using random: inout SeededGenerator) -> [[UInt8]] {
    var pieces: [[UInt8]] = []
    var rest = bytes[...]
    let longest = [1, 3, 20, 500].randomElement(using: &random) ?? 1
    while !rest.isEmpty {
        let piece = rest.prefix(Int.random(in: 1...longest, using: &random))
        pieces.append(Array(piece))
        rest = rest.dropFirst(piece.count)
    }
    return pieces
}
