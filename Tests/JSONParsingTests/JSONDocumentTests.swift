import Glibc
import Testing

@testable import JSONParsing

@Suite struct JSONDocumentTests {
    @Test func `an object is walked in its order, duplicates included`() throws {
        let document = try JSONDocument(parsing: Array(#"{"a":1,"b":{"x":[1,2,{"y":0}]},"a":"again","":null}"#.utf8))
        let members = document.allMembers(of: document.root)
        #expect(members.map(\.key) == ["a", "b", "a", ""])
        let kinds = members.map { document.kind(of: $0.value) }
        #expect(kinds == [.integer(1), .object, .string, .null])
    }

    @Test func `an array is walked in its order`() throws {
        let document = try JSONDocument(
            parsing: Array(
                #"[[], {}, "", 0, -1, 9223372036854775807, 9223372036854775808, 1.5, true, false, null, [[1],[2]]]"#
                    .utf8))
        let kinds = document.allElements(of: document.root).map { document.kind(of: $0) }
        #expect(
            kinds == [
                .array, .object, .string, .integer(0), .integer(-1), .integer(.max), .unsigned(1 << 63), .double(1.5),
                .true, .false, .null, .array,
            ])
    }

    @Test func `empty containers have nothing to walk`() throws {
        let document = try JSONDocument(parsing: Array("[[], {}, [ ], {\n}]".utf8))
        let containers = document.allElements(of: document.root)
        #expect(containers.count == 4)
        for container in containers {
            let isEmpty =
                document.kind(of: container) == .array
                ? document.allElements(of: container).isEmpty : document.allMembers(of: container).isEmpty
            #expect(isEmpty)
        }
    }

    @Test func `strings come unescaped`() throws {
        let document = try JSONDocument(
            parsing: Array(#"["plain", "\"\\\/\b\f\n\r\t", "\u00e9\u20AC\uD83D\uDE00", "é€😀", "a\u0000b", ""]"#.utf8))
        let strings = document.allElements(of: document.root).map { document.string(of: $0) }
        #expect(strings == ["plain", "\"\\/\u{8}\u{c}\n\r\t", "é€😀", "é€😀", "a\0b", ""])
    }

    @Test func `a string is lent as bytes and its length counts bytes`() throws {
        let document = try JSONDocument(parsing: Array(#""é\u0000""#.utf8))
        let bytes = document.withString(of: document.root) { span in
            (0..<span.byteCount).map { unsafe span.unsafeLoad(fromByteOffset: $0, as: UInt8.self) }
        }
        #expect(bytes == [0xC3, 0xA9, 0])
    }

    @Test func `an error thrown while a string is lent comes through`() throws {
        struct Refusal: Error {}
        let document = try JSONDocument(parsing: Array(#""text""#.utf8))
        var isRefused = false
        do throws(Refusal) {
            try document.withString(of: document.root) { _ throws(Refusal) in throw Refusal() }
        } catch {
            isRefused = true
        }
        #expect(isRefused)
    }

    @Test func `a string equals only the same bytes`() throws {
        let document = try JSONDocument(
            parsing: Array(#"["key", "ke\u0079", "keys", "ke", "", "kez", 3, ["key"]]"#.utf8))
        let answers = document.allElements(of: document.root).map { document.string(of: $0, equals: "key") }
        #expect(answers == [true, true, false, false, false, false, false, false])
    }

    @Test func `a scalar alone is a document`() throws {
        #expect(try kind(of: "true") == .true)
        #expect(try kind(of: " false ") == .false)
        #expect(try kind(of: "null\n") == .null)
        #expect(try kind(of: "18446744073709551615") == .unsigned(.max))
        #expect(try kind(of: "-9223372036854775808") == .integer(.min))
        #expect(try kind(of: "1e3") == .double(1000))
        #expect(try kind(of: "5e-324") == .double(.leastNonzeroMagnitude))
        #expect(try kind(of: "1.7976931348623157e308") == .double(.greatestFiniteMagnitude))
        #expect(try kind(of: "0.1") == .double(0.1))
    }

    @Test func `a zero keeps its sign as a fraction and loses it as an integer`() throws {
        #expect(try kind(of: "-0") == .integer(0))
        guard case .double(let zero) = try kind(of: "-0.0") else {
            Issue.record("a fraction is a double")
            return
        }
        #expect(zero == 0 && zero.sign == .minus)
    }

    @Test func `a number that looks like a string on the tape hides no string`() throws {
        // The upper eight bits of these 64 are the tag of a string, and the others point at the first one.
        let integer = UInt64(UInt8(ascii: "\"")) << 56
        let fraction = Double(bitPattern: integer)
        let document = try JSONDocument(parsing: Array("[\"first\", \"second\", \(integer), \(fraction)]".utf8))
        let elements = document.allElements(of: document.root)
        let second = document.string(of: elements[1])
        #expect(second == "second")
        let kinds = elements[2...].map { document.kind(of: $0) }
        #expect(kinds == [.integer(Int64(integer)), .double(fraction)])
    }

    @Test func `a text at the end of readable memory parses`() throws {
        let page = 4_096
        let memory = unsafe mmap(nil, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            Issue.record("there is no memory")
            return
        }
        defer { unsafe munmap(memory, 2 * page) }
        let isProtected = unsafe mprotect(memory + page, page, PROT_NONE) == 0
        #expect(isProtected)
        let text = Array("{\"a\":[1,2,\"b\"]}".utf8)
        let start = unsafe memory + page - text.count
        unsafe start.copyMemory(from: text, byteCount: text.count)
        let document = try unsafe JSONDocument(
            parsing: RawSpan(_unsafeStart: start, byteCount: text.count), depthMax: 2)
        let count = document.valueCount()
        #expect(count == 5)
    }

    @Test func `prefixes are refused and a text may lie anywhere in a vector`() throws {
        let text = Array(
            #"{"resource":{"attributes":[{"key":"a","value":{"intValue":"7"}}]},"list":[1,2.5,true]}"#.utf8)
        for count in 0..<text.count {
            #expect(throws: JSONParsingError.self) { _ = try JSONDocument(parsing: Array(text[..<count])) }
        }
        for padding in 0..<130 {
            let padded = [UInt8](repeating: 0x20, count: padding) + text
            _ = try JSONDocument(parsing: padded)
        }
    }

    @Test func `a text of 64 MiB parses and a value behind it is reached in one step`() throws {
        var text: [UInt8] = Array("[[".utf8)
        text.reserveCapacity(64 << 20)
        while text.count < (64 << 20) - 16 { text += Array(#"1,"a",{},"#.utf8) }
        text += Array("0],\"last\"]".utf8)
        let document = try JSONDocument(parsing: text)
        let elements = document.allElements(of: document.root)
        #expect(elements.count == 2)
        let last = document.string(of: elements[1])
        #expect(last == "last")
    }

    @Test func `deep nesting is walked without recursion`() throws {
        let depth = 2_000
        let text = String(repeating: #"{"a":["#, count: depth) + String(repeating: "]}", count: depth)
        let document = try JSONDocument(parsing: Array(text.utf8), depthMax: 2 * depth)
        let count = document.valueCount()
        #expect(count == 2 * depth)
    }

    private func kind(of text: String) throws -> JSONDocument.Kind {
        let document = try JSONDocument(parsing: Array(text.utf8))
        return document.kind(of: document.root)
    }
}
