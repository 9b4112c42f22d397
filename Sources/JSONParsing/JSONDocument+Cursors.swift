extension JSONDocument {
    /// A walk over the members of one object, in their order. Values are stepped over whole, whatever they hold.
    package struct Members: Sendable {
        private var index: Int
        private let end: Int

        fileprivate init(index: Int, end: Int) {
            self.index = index
            self.end = end
        }

        /// The next member, or nil behind the last one. Give it the document that made this cursor.
        package mutating func next(in document: borrowing JSONDocument) -> (key: Node, value: Node)? {
            guard index < end else { return nil }
            let key = Node(index: index)
            let value = Node(index: index + 1)
            index = document.index(after: value.index)
            return (key, value)
        }
    }

    /// A walk over the elements of one array. Elements are stepped over whole, whatever they hold.
    package struct Elements: Sendable {
        private var index: Int
        private let end: Int

        fileprivate init(index: Int, end: Int) {
            self.index = index
            self.end = end
        }

        /// The next element, or nil behind the last one. Give it the document that made this cursor.
        package mutating func next(in document: borrowing JSONDocument) -> Node? {
            guard index < end else { return nil }
            let element = Node(index: index)
            index = document.index(after: index)
            return element
        }
    }

    /// - Precondition: the node is an object.
    package func members(of node: Node) -> Members {
        precondition(tag(at: node.index) == Tag.object, "the node is not an object")
        return Members(index: node.index + 1, end: indexAfterContainer(at: node.index) - 1)
    }

    /// - Precondition: the node is an array.
    package func elements(of node: Node) -> Elements {
        precondition(tag(at: node.index) == Tag.array, "the node is not an array")
        return Elements(index: node.index + 1, end: indexAfterContainer(at: node.index) - 1)
    }
}
