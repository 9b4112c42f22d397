import Foundation
import Hummingbird
import Inference
import OTLP

/// Lists the models that can be called, with what they cost and how they do.
struct ModelRoutes {
    let gateway: InferenceGateway

    var endpoints: [Endpoint] {
        [
            Endpoint(.get, "/v1/models", access: .everyone, act: list),
            Endpoint(.get, "/v1/models/{id}", access: .everyone, act: show),
            // Names like `meta-llama/Llama-3` come with their slash as it is, too.
            Endpoint(.get, "/v1/models/{owner}/{id}", access: .everyone, act: show),
        ]
    }

    @Sendable
    private func list(_ request: APIRequest) async throws -> Response {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("object")
        writer.string("list")
        writer.key("data")
        writer.beginArray()
        for model in gateway.catalogue.models { writer.model(model, gateway.router.status(of: model)) }
        writer.endArray()
        writer.endObject()
        return Response(json: writer)
    }

    @Sendable
    private func show(_ request: APIRequest) async throws -> Response {
        let id = [request.parameters["owner"], request.parameters["id"]].compactMap(\.self).joined(separator: "/")
        let model = try gateway.catalogue.model(id.removingPercentEncoding ?? id)
        var writer = JSONWriter()
        writer.model(model, gateway.router.status(of: model))
        return Response(json: writer)
    }
}

extension JSONWriter {
    fileprivate mutating func model(_ model: Model, _ status: Model.Status) {
        beginObject()
        key("id")
        string(model.id)
        key("object")
        string("model")
        key("created")
        integer(model.created)
        key("owned_by")
        string(model.ownedBy)
        key("status")
        string(status.rawValue)
        key("kind")
        string(model.kind.rawValue)
        key("context_length")
        if let length = model.contextLength { integer(Int64(length)) } else { null() }
        key("license")
        stringOrNull(model.license)
        key("capabilities")
        beginArray()
        for capability in model.capabilities { string(capability) }
        endArray()
        key("pricing")
        pricing(model.pricing)
        endObject()
    }

    /// A price that is not charged is left out, but for the two that are always asked for.
    private mutating func pricing(_ pricing: Pricing) {
        beginObject()
        key("unit")
        string("usd_per_1m_tokens")
        key("std_input")
        number(pricing.standardInput?.decimalText ?? "0")
        key("std_output")
        number(pricing.standardOutput?.decimalText ?? "0")
        let others: KeyValuePairs = [
            "cached_input": pricing.cachedInput, "batch_input": pricing.batchInput,
            "batch_output": pricing.batchOutput, "per_image": pricing.perImage,
            "per_second_video": pricing.perSecondOfVideo, "per_million_characters": pricing.perMillionCharacters,
        ]
        for (name, price) in others {
            guard let price else { continue }
            key(name)
            number(price.decimalText)
        }
        endObject()
    }
}
