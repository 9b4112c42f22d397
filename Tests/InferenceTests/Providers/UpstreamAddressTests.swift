import NIOHTTP1
import Testing

@testable import Inference

struct UpstreamAddressTests {
    @Test(arguments: [
        ("http://example.com/v1", "example.com", 80, "example.com", "/v1/embeddings"),
        ("HTTPS://example.com/v1/", "example.com", 443, "example.com", "/v1/embeddings"),
        ("https://example.com:8443", "example.com", 8443, "example.com:8443", "/embeddings"),
        ("http://example.com:443/a%20b", "example.com", 443, "example.com:443", "/a%20b/embeddings"),
        ("http://[::1]:8000/v1", "::1", 8000, "[::1]:8000", "/v1/embeddings"),
        ("https://[::1]/", "::1", 443, "[::1]", "/embeddings"),
    ])
    func `a base URL is taken apart`(url: String, host: String, port: Int, authority: String, path: String) throws {
        let address = try #require(UpstreamAddress(baseURL: url))
        #expect(address.host == host)
        #expect(address.port == port)
        #expect(address.authority == authority)
        #expect(address.isSecure == url.lowercased().hasPrefix("https"))
        #expect(address.path(of: .embeddings) == path)
    }

    @Test(arguments: ["", "/v1", "ftp://example.com/", "http://", "http:///v1", "http://example.com:99999/"])
    func `a URL that can't be called is none`(url: String) {
        #expect(UpstreamAddress(baseURL: url) == nil)
    }

    @Test(arguments: [
        ("X-Own", "yes", true), ("X-Own", "a\tb \u{e4}", true), ("", "x", false), ("X Own", "x", false),
        ("X-Own:", "x", false), ("X-Own", "a\r\nEvil: 1", false), ("X-Own", "a\nb", false), ("X-Own", "a\u{0}", false),
        ("X-\u{e4}", "x", false), ("X-Own", "a\u{7f}", false),
    ])
    func `a header that would be taken for more than one is not well formed`(name: String, value: String, isFine: Bool)
    {
        #expect(HTTPHeaders([(name, value)]).areWellFormed == isFine)
    }
}
