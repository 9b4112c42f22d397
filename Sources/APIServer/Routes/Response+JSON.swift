import HTTPTypes
import Hummingbird
import NIOCore
import OTLP

extension Response {
    init(json writer: JSONWriter, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status, headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}

/// `Link: <…>; rel="next"` (RFC 8288): the same request from where this page ends.
struct NextLink {
    let text: String

    init(_ request: APIRequest, publicURL: String, cursor: String) {
        let kept = (request.request.uri.query ?? "").split(separator: "&").filter { !$0.hasPrefix("cursor=") }
        let query = (kept + ["cursor=\(cursor)"]).joined(separator: "&")
        self.text = "<\(publicURL)\(request.request.uri.path)?\(query)>; rel=\"next\""
    }
}

extension HTTPField.Name {
    // A token, so the initializer can't fail.
    static let link = Self("Link") ?? .from
}
