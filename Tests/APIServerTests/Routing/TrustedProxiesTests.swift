import HTTPTypes
import Testing

@testable import APIServer

@Suite struct TrustedProxiesTests {
    private let proxies = TrustedProxies(["10.0.0.0/8", "192.0.2.7", "fd00::/8"].compactMap(NetworkRange.init))

    private func client(
        _ peer: String?, xForwardedFor: [String] = [], forwarded: [String] = []
    ) -> IPAddress? {
        var headers = HTTPFields()
        headers[values: .xForwardedFor] = xForwardedFor
        headers[values: .forwarded] = forwarded
        return proxies.client(peer: peer.flatMap(IPAddress.init), headers)
    }

    @Test func `a peer that is no trusted proxy is the client, whatever it says`() {
        #expect(client("203.0.113.9", xForwardedFor: ["198.51.100.1"]) == IPAddress("203.0.113.9"))
        #expect(client("203.0.113.9", forwarded: ["for=198.51.100.1"]) == IPAddress("203.0.113.9"))
        #expect(client(nil, xForwardedFor: ["198.51.100.1"]) == nil)
    }

    @Test func `a trusted proxy that says nothing is the client itself`() {
        #expect(client("10.1.2.3") == IPAddress("10.1.2.3"))
        #expect(client("10.1.2.3", xForwardedFor: ["", " , "]) == IPAddress("10.1.2.3"))
    }

    @Test(arguments: [
        (["198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1", "198.51.100.1"], "198.51.100.1"),
        (["1.1.1.1, 198.51.100.1, 192.0.2.7, fd00::1"], "198.51.100.1"),
        (["10.9.9.9 ,10.8.8.8"], "10.9.9.9"),
        (["198.51.100.1:4711"], "198.51.100.1"),
        (["[2001:db8::1]:4711"], "2001:db8::1"),
        (["2001:db8::1"], "2001:db8::1"),
        (["::ffff:198.51.100.1"], "198.51.100.1"),
    ])
    func `the right-most address that is no trusted proxy is the client`(values: [String], expected: String) {
        #expect(client("10.1.2.3", xForwardedFor: values) == IPAddress(expected))
        #expect(client("::ffff:10.1.2.3", xForwardedFor: values) == IPAddress(expected))
    }

    @Test(arguments: ["unknown", "_hidden", "1.2.3", "1.2.3.4:", "1.2.3.4:x", "[1.2.3.4]", "[::1", "::1]", "localhost"])
    func `an entry that is no address ends the walk`(entry: String) {
        #expect(client("10.1.2.3", xForwardedFor: ["198.51.100.1, \(entry)"]) == IPAddress("10.1.2.3"))
        let behind = client("10.1.2.3", xForwardedFor: ["198.51.100.1, \(entry), 10.4.4.4"])
        #expect(behind == IPAddress("10.4.4.4"))
    }

    @Test(arguments: [
        (["for=198.51.100.1"], "198.51.100.1"),
        (["FOR = \"198.51.100.1:4711\" ; proto=https;by=10.0.0.1"], "198.51.100.1"),
        (["for=1.1.1.1, for=\"[2001:db8::1]:_port\""], "2001:db8::1"),
        (["for=1.1.1.1;by=\"a,b;for=2.2.2.2\", for=198.51.100.1", "for=10.5.5.5"], "198.51.100.1"),
        (["for=\"\\198.51.100.1\""], "198.51.100.1"),
    ])
    func `the standard header is read too`(values: [String], expected: String) {
        #expect(client("10.1.2.3", forwarded: values) == IPAddress(expected))
    }

    @Test(arguments: ["for=unknown", "for=_x", "proto=https", "for=1.1.1.1;for=2.2.2.2", "198.51.100.1", "for"])
    func `an element of the standard header without one address ends the walk`(element: String) {
        #expect(client("10.1.2.3", forwarded: ["for=1.1.1.1, \(element)"]) == IPAddress("10.1.2.3"))
    }

    @Test func `where both headers are there they must agree`() {
        let same = client("10.1.2.3", xForwardedFor: ["198.51.100.1"], forwarded: ["for=198.51.100.1"])
        #expect(same == IPAddress("198.51.100.1"))
        let differing = client("10.1.2.3", xForwardedFor: ["198.51.100.1"], forwarded: ["for=198.51.100.2"])
        #expect(differing == IPAddress("10.1.2.3"))
    }
}
