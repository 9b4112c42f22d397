import TestSupport

/// Random JSON, with whitespace, escapes and characters of every length.
enum JSONStub {
    static func value(depth: Int, using random: inout SeededGenerator) -> [UInt8] {
        space(&random) + content(depth: depth, using: &random) + space(&random)
    }

    static func string(using random: inout SeededGenerator) -> [UInt8] {
        let pieces = [
            "a", "model", "usage", "12345678", "é", "中文", "😀", #"\n"#, #"\""#, #"\\"#, #"\u0041"#, #"\ud83d\ude00"#,
            " ",
            "{", "]", ",", ":", "\u{7F}",
        ]
        let content = (0..<Int.random(in: 0...5, using: &random)).map { _ in pieces.randomElement(using: &random) ?? ""
        }
        return Array("\"\(content.joined())\"".utf8)
    }

    /// Flips, drops, doubles or inserts a byte here and there.
    static func mutate(_ text: inout [UInt8], using random: inout SeededGenerator) {
        for _ in 0..<Int.random(in: 1...3, using: &random) where !text.isEmpty {
            let index = text.indices.randomElement(using: &random) ?? 0
            switch Int.random(in: 0..<5, using: &random) {
            case 0: text[index] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: text.remove(at: index)
            case 2: text.insert(text[index], at: index)
            case 3: text.insert(Array("{}[],:\"\\0 -.eEu\u{1}".utf8).randomElement(using: &random) ?? 0, at: index)
            default: text.removeSubrange(index...)
            }
        }
    }

    private static func content(depth: Int, using random: inout SeededGenerator) -> [UInt8] {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 6), using: &random) {
        case 0: return string(using: &random)
        case 1: return Array(["true", "false", "null"].randomElement(using: &random)?.utf8 ?? "".utf8)
        case 2: return Array("\(Int32.random(in: .min ... .max, using: &random))".utf8)
        case 3:
            return Array(
                ["0", "-0", "0.5", "-1.25e2", "1E-3", "7e+1", "10.0"].randomElement(using: &random)?.utf8 ?? "".utf8)
        case 4: return Array("{}".utf8)
        case 5: return Array("[]".utf8)
        case 6:
            let elements = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                value(depth: depth - 1, using: &random)
            }
            return Array("[".utf8) + Array(elements.joined(separator: Array(",".utf8))) + Array("]".utf8)
        default:
            let members = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                space(&random) + string(using: &random) + space(&random) + Array(":".utf8)
                    + value(depth: depth - 1, using: &random)
            }
            return Array("{".utf8) + Array(members.joined(separator: Array(",".utf8))) + Array("}".utf8)
        }
    }

    private static func space(_ random: inout SeededGenerator) -> [UInt8] {
        Array(["", "", "", " ", "\n", "\r\n\t "].randomElement(using: &random)?.utf8 ?? "".utf8)
    }
}
