import Testing

@testable import Inference

@Suite struct PromptVersionTests {
    @Test(arguments: [
        "default", "support@v2", "a", "A.b_c-9@0",
        String(repeating: "x", count: 64) + "@" + String(repeating: "y", count: 64),
    ])
    func `a name, or a name and a version, is read and written the same`(text: String) throws {
        #expect(try #require(PromptVersion(text)).description == text)
    }

    @Test func `name and version are told apart`() throws {
        let version = try #require(PromptVersion("support@v2"))
        #expect(version.name == "support")
        #expect(version.version == "v2")
        #expect(PromptVersion.default.description == "default")
    }

    @Test(arguments: [
        "", "@", "a@", "@b", "a@b@c", "a b", "é", "a\n", "a/b", "a\u{0}", String(repeating: "x", count: 65),
        "a@" + String(repeating: "x", count: 65),
    ])
    func `other text is refused`(text: String) {
        #expect(PromptVersion(text) == nil)
    }
}
