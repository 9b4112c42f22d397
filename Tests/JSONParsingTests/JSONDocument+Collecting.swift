@testable import JSONParsing

/// What the tests ask of a document: the cursors and the document itself can't be copied into an expectation.
extension JSONDocument {
    init(parsing text: [UInt8]) throws(JSONParsingError) {
        try self.init(parsing: text, depthMax: 64)
    }

    func allElements(of node: Node) -> [Node] {
        var elements = elements(of: node)
        var found: [Node] = []
        while let element = elements.next(in: self) { found.append(element) }
        return found
    }

    func allMembers(of node: Node) -> [(key: String, value: Node)] {
        var members = members(of: node)
        var found: [(key: String, value: Node)] = []
        while let (key, value) = members.next(in: self) { found.append((string(of: key), value)) }
        return found
    }

    /// Visits every value, reads every string, and returns how many values there are.
    func valueCount() -> Int {
        var pending = [root]
        var count = 0
        while let node = pending.popLast() {
            count += 1
            switch kind(of: node) {
            case .object: pending += allMembers(of: node).map(\.value)
            case .array: pending += allElements(of: node)
            case .string: _ = string(of: node)
            default: break
            }
        }
        return count
    }
}
