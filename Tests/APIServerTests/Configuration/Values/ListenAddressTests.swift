import Testing

@testable import APIServer

struct ListenAddressTests {
    @Test(arguments: [
        ("127.0.0.1:8080", "127.0.0.1", 8080), ("localhost:0", "localhost", 0), ("[::1]:65535", "::1", 65535),
        ("[::]:80", "::", 80), ("batchin-1.example:443", "batchin-1.example", 443),
    ])
    func `a host and a port are taken apart and put together`(text: String, host: String, port: Int) throws {
        let address = try #require(ListenAddress(text))
        #expect(address == ListenAddress(host: host, port: port))
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", ":", ":80", "8080", "localhost", "localhost:", "localhost:65536", "localhost:-1", "localhost:+1",
        "localhost: 1", "::1:80", "[::1]", "[::1]80", "[]:80", "[localhost]:80", "[127.0.0.1]:80", "[::1%lo]:80",
        "a b:80", "a/b:80", "http://localhost:80", "host:٣",
    ])
    func `anything else is refused`(text: String) {
        #expect(ListenAddress(text) == nil)
    }

    @Test(arguments: [
        ("127.0.0.1:1", true), ("127.9.9.9:1", true), ("localhost:1", true), ("LOCALHOST:1", true), ("[::1]:1", true),
        ("[::ffff:127.0.0.1]:1", true), ("0.0.0.0:1", false), ("[::]:1", false), ("10.0.0.1:1", false),
        ("127.example:1", false), ("localhost.example:1", false), ("[::2]:1", false),
    ])
    func `loopback is what only this machine reaches`(text: String, isLoopback: Bool) throws {
        #expect(try #require(ListenAddress(text)).isLoopback == isLoopback)
    }
}
