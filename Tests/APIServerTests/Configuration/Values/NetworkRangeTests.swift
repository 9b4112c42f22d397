import Testing

@testable import APIServer

struct NetworkRangeTests {
    @Test(arguments: [
        ("10.0.0.1", "10.0.0.1", true), ("10.0.0.1", "10.0.0.2", false), ("10.0.0.0/8", "10.255.0.9", true),
        ("10.0.0.0/8", "11.0.0.0", false), ("192.168.128.0/17", "192.168.255.1", true),
        ("192.168.128.0/17", "192.168.127.1", false), ("0.0.0.0/0", "8.8.8.8", true), ("0.0.0.0/0", "::1", false),
        ("fd00::/8", "fdff::1", true), ("fd00::/8", "fe00::1", false), ("::/0", "10.0.0.1", false),
        ("10.0.0.0/8", "::ffff:10.1.1.1", true), ("::ffff:10.0.0.0/104", "10.1.1.1", true), ("::1", "::1", true),
    ])
    func `a range contains the addresses that share its prefix`(range: String, address: String, isIn: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(try #require(NetworkRange(range)).contains(address) == isIn)
    }

    @Test(arguments: [
        "", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08", "10.0.0.0/8/8", "10.0.0",
        "10.0.0.256", "::1/129", "::ffff:10.0.0.0/95", "proxy", "[::1]",
    ])
    func `what is no address and no block is refused`(text: String) {
        #expect(NetworkRange(text) == nil)
    }

    @Test func `an address does not end at a NUL`() {
        #expect(IPAddress("10.0.0.1\0") == nil)
    }
}
