/// The members of a JSON object in the order they came in. No name stands twice.
package struct JSONObject: Sendable {
    package struct Member: Sendable {
        package let name: String
        package var value: JSONValue

        package init(name: String, value: JSONValue) {
            self.name = name
            self.value = value
        }
    }

    package private(set) var members: [Member]

    /// The names must differ: whoever reads them from outside checks that before.
    package init(_ members: [Member] = []) {
        self.members = members
    }

    package var names: [String] { members.map(\.name) }

    /// The value under a name; setting nil takes the member away.
    package subscript(name: String) -> JSONValue? {
        get { index(of: name).map { members[$0].value } }
        set {
            switch (index(of: name), newValue) {
            case (let index?, let value?): members[index].value = value
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// Names are compared by their bytes, as JSON readers of every language do.
    private func index(of name: String) -> Int? {
        members.firstIndex { $0.name.utf8.elementsEqual(name.utf8) }
    }
}

extension JSONObject: Equatable {
    /// The order of members means nothing.
    package static func == (left: Self, right: Self) -> Bool {
        left.members.count == right.members.count
            && left.members.allSatisfy { member in right[member.name].map { $0 == member.value } ?? false }
    }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
    package init(dictionaryLiteral members: (String, JSONValue)...) {
        self.init(members.map { Member(name: $0.0, value: $0.1) })
    }
}
