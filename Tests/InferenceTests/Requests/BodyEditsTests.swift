import TestSupport
import Testing

@testable import Inference

@Suite struct BodyEditsTests {
    @Test(arguments: [
        (#"{"u":1}"#, "{}"), (#"{"u":1,"a":2}"#, #"{"a":2}"#), (#"{"a":2,"u":1}"#, #"{"a":2}"#),
        (#"{"a":2,"u":1,"b":3}"#, #"{"a":2,"b":3}"#), (#"{"u":1,"u":2}"#, "{}"),
        (#"{"a":2,"u":1,"u":2}"#, #"{"a":2}"#), (#"{"u":1,"u":2,"a":3}"#, #"{"a":3}"#),
        (#"{"u":1,"a":2,"u":3}"#, #"{"a":2}"#), (#"{"u":1,"a":2,"u":3,"b":4}"#, #"{"a":2,"b":4}"#),
        ("{ \"u\" : [1] ,\n \"a\" : 2 }", "{ \n \"a\" : 2 }"), ("{ \"a\" : 2 ,\n \"u\" : {} }", "{ \"a\" : 2  }"),
        (#"{"\u0075":{"u":0},"a":{"u":1}}"#, #"{"a":{"u":1}}"#), (#"{"a":1}"#, #"{"a":1}"#),
    ])
    func `removed members leave sound JSON and nothing else changed`(text: String, expected: String) throws {
        #expect(try removing("u", from: Array(text.utf8)) == Array(expected.utf8))
    }

    @Test(arguments: [
        ("{}", #"{"x":1}"#), ("{ }", #"{ "x":1}"#), (#"{"a":2}"#, #"{"a":2,"x":1}"#),
        ("{\"a\":2\n}\n", "{\"a\":2\n,\"x\":1}\n"),
    ])
    func `a member is put at an object's end`(text: String, expected: String) throws {
        var edits = BodyEdits()
        edits.insert(Array(#""x":1"#.utf8), into: try outline("u", of: Array(text.utf8)).object)
        #expect(edits.applied(to: Array(text.utf8)) == Array(expected.utf8))
    }

    @Test func `edits are made in the order of their places, whatever the order they were asked in`() {
        var edits = BodyEdits()
        edits.replace(8..<10, with: Array("three".utf8))
        edits.replace(0..<1, with: [])
        edits.replace(4..<4, with: Array("two".utf8))
        #expect(edits.applied(to: Array("0123456789ab".utf8)) == Array("123two4567threeab".utf8))
    }

    @Test func `only a part of a body can be edited`() {
        var edits = BodyEdits()
        edits.replace(3..<4, with: Array("x".utf8))
        var output = Array("<".utf8)
        Array("0123456".utf8).withRawBytes { edits.apply(to: 2..<6, of: $0, appendingTo: &output) }
        #expect(output == Array("<2x45".utf8))
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `after a removal the other members are there, byte for byte`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<200 {
            let members = (0..<Int.random(in: 0...6, using: &random)).map { _ in
                (
                    key: ["u", "a", "b"].randomElement(using: &random) ?? "",
                    value: JSONStub.value(depth: 2, using: &random)
                )
            }
            func text(_ members: [(key: String, value: [UInt8])]) -> [UInt8] {
                let parts = members.map { Array("\"\($0.key)\":".utf8) + $0.value }
                return Array("{".utf8) + Array(parts.joined(separator: Array(",".utf8))) + Array("}".utf8)
            }
            let edited = try removing("u", from: text(members))
            #expect(isJSON(edited, by: .client), "seed \(seed)")
            let spaces = Array(" \t\r\n".utf8)
            let kept = text(members.filter { $0.key != "u" })
            #expect(edited.filter { !spaces.contains($0) } == kept.filter { !spaces.contains($0) }, "seed \(seed)")
        }
    }

    private func removing(_ name: StaticString, from text: [UInt8]) throws -> [UInt8] {
        let members = try outline(name, of: text).members
        var edits = BodyEdits()
        text.withRawBytes { edits.remove(members, in: $0) }
        return edits.applied(to: text)
    }

    private func outline(
        _ name: StaticString, of text: [UInt8]
    ) throws -> (object: JSONContainer, members: [BodyEdits.Member]) {
        try text.withRawBytes { bytes in
            var members: [BodyEdits.Member] = []
            var cursor = JSONCursor(0..<bytes.byteCount, by: .client)
            var object = try cursor.beginObject(in: bytes)
            while let member = try cursor.nextMember(of: &object, in: bytes) {
                let value = try cursor.skipValue(in: bytes)
                if member.isNamed(name, in: bytes) {
                    members.append(BodyEdits.Member(member: member, value: value.range))
                }
            }
            return (object, members)
        }
    }
}
