import Accounts
import Hummingbird
import OTLP

/// The lists of parts that are not built yet: empty, in the shape that they will have.
struct EmptyListRoutes {
    var endpoints: [Endpoint] {
        [
            array("/v1/batches", .inference),
            array("/v1/topup/history", .account),
            items("/v1/prompts", docs: "/docs/prompts"),
            items("/v1/prompt-regressions", docs: "/docs/experiments"),
            items("/v1/experiments", docs: "/docs/experiments"),
        ]
    }

    private func array(_ path: String, _ scope: Scope) -> Endpoint {
        Endpoint(.get, path, access: .key(scope)) { _ in
            var writer = JSONWriter()
            writer.beginArray()
            writer.endArray()
            return Response(json: writer)
        }
    }

    private func items(_ path: String, docs: String) -> Endpoint {
        Endpoint(.get, path, access: .key(.tracesRead)) { _ in
            var writer = JSONWriter()
            writer.beginObject()
            writer.key("status")
            writer.string("ready")
            writer.key("docs")
            writer.string(docs)
            writer.key("items")
            writer.beginArray()
            writer.endArray()
            writer.endObject()
            return Response(json: writer)
        }
    }
}
