import NIOCore
import Testing

@testable import Inference

struct AnswerBoundsTests {
    private var bounds = AnswerBounds()
    private static let head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n"

    private mutating func read(_ text: String) {
        bounds.read(ByteBuffer(string: text))
    }

    @Test mutating func `an answer read at once is the last if nothing follows it`() {
        for (rest, isLast) in [("", true), ("H", false), ("\r\n", false)] {
            read(Self.head + "{}" + rest)
            bounds.decodedHead(isChunked: false)
            bounds.decodedBody(byteCount: 2)
            #expect(bounds.isLast == isLast)
        }
    }

    @Test mutating func `an answer whose head came before is the last if nothing follows it`() {
        for (rest, isLast) in [("", true), ("H", false)] {
            read(Self.head + "{")
            bounds.decodedHead(isChunked: false)
            bounds.decodedBody(byteCount: 1)
            read("}" + rest)
            bounds.decodedBody(byteCount: 1)
            #expect(bounds.isLast == isLast)
        }
    }

    @Test mutating func `an answer without a body ends with its head`() {
        for (rest, isLast) in [("", true), ("HTTP/1.1", false)] {
            read("HTTP/1.1 204 No Content\r\n\r\n" + rest)
            bounds.decodedHead(isChunked: false)
            #expect(bounds.isLast == isLast)
        }
    }

    @Test(arguments: [
        (["0\r\n\r\n"], true), (["0\r\n\r", "\n"], true), (["0\r\n", "\r\n"], true), (["0\r\n\r\nH"], false),
    ])
    mutating func `a chunked answer ends with an empty line, however it is cut`(reads: [String], isLast: Bool) {
        read("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n.\r\n")
        bounds.decodedHead(isChunked: true)
        bounds.decodedBody(byteCount: 1)
        for text in reads { read(text) }
        #expect(bounds.isLast == isLast)
    }
}
