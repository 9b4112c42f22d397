import Testing

@testable import Accounts

struct EmailAddressTests {
    @Test(arguments: [("Alice@Example.COM", "alice@example.com"), ("é@x", "é@x"), ("a+b@c", "a+b@c")])
    func `an address is taken in lower case`(text: String, stored: String) throws {
        #expect(try EmailAddress(text).text == stored)
    }

    @Test(arguments: ["", "@", "a@", "@b", "a", "a@b@c", "a@b\0", "a@b\n", "a b@c", "a@b\u{7F}", "a@\u{85}b"])
    func `other text is refused`(text: String) {
        #expect(throws: AccountsError(.invalidEmail, "")) { try EmailAddress(text) }
    }

    @Test func `254 bytes are the most`() throws {
        let longest = String(repeating: "a", count: 252) + "@b"
        #expect(try EmailAddress(longest).text == longest)
        #expect(throws: AccountsError(.invalidEmail, "")) { try EmailAddress("a" + longest) }
        #expect(throws: AccountsError(.invalidEmail, "")) {
            try EmailAddress(String(repeating: "é", count: 127) + "@b")
        }
    }
}
