import HTTPTypes
import Inference

/// What every response to an inference call says of its run.
struct RunHeaders {
    let fields: HTTPFields

    init(_ run: InferenceRun, environment: String) {
        var fields = HTTPFields()
        fields.reserveCapacity(12)
        fields[.runID] = run.id
        fields[.routeID] = run.model.route.id
        if let provider = run.provider { fields[.provider] = provider }
        fields[.environment] = environment
        fields[.promptVersion] = run.promptVersion.description
        self.fields = fields
    }
}

extension HTTPField.Name {
    // The names are tokens, so the initializer can't fail.
    static let runID = Self("X-BatchIn-Run-Id") ?? .from
    static let promptVersion = Self("X-BatchIn-Prompt-Version") ?? .from
    fileprivate static let routeID = Self("X-BatchIn-Route-Id") ?? .from
    fileprivate static let provider = Self("X-BatchIn-Provider") ?? .from
    fileprivate static let environment = Self("X-BatchIn-Environment") ?? .from
}
