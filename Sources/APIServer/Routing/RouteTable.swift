import HTTPTypes

/// Finds the endpoint for a method and a path. Everything the server answers is listed here.
struct RouteTable: Sendable {
    struct Match: Sendable {
        /// By method; never empty.
        var endpoints: [HTTPRequest.Method: Endpoint]
        var parameters: [String: String]

        /// The endpoint for a method; for one that the path does not take, that of another.
        func endpoint(closestTo method: HTTPRequest.Method) -> Endpoint? {
            endpoints[method == .head ? .get : method] ?? endpoints.min { $0.key.rawValue < $1.key.rawValue }?.value
        }

        func takes(_ method: HTTPRequest.Method) -> Bool { allowedMethods.contains(method) }

        var allowedMethods: [HTTPRequest.Method] {
            let methods = endpoints.keys.sorted { $0.rawValue < $1.rawValue }
            return endpoints[.get] == nil ? methods : methods + [.head]
        }
    }

    private struct Template: Sendable {
        var segments: [Substring]
        var endpoints: [HTTPRequest.Method: Endpoint]
    }

    private var literal: [String: [HTTPRequest.Method: Endpoint]] = [:]
    private var templates: [Template] = []

    init(_ endpoints: [Endpoint]) {
        for endpoint in endpoints {
            guard endpoint.path.contains("{") else {
                literal[endpoint.path, default: [:]][endpoint.method] = endpoint
                continue
            }
            let segments = Self.segments(endpoint.path)
            if let known = templates.firstIndex(where: { $0.segments == segments }) {
                templates[known].endpoints[endpoint.method] = endpoint
            } else {
                templates.append(Template(segments: segments, endpoints: [endpoint.method: endpoint]))
            }
        }
    }

    /// `nil` when nothing is served at that path, whatever the method. Literal paths come before templates.
    func match(_ path: String) -> Match? {
        if let endpoints = literal[path] { return Match(endpoints: endpoints, parameters: [:]) }
        let segments = Self.segments(path)
        for template in templates {
            if let parameters = Self.parameters(of: segments, in: template.segments) {
                return Match(endpoints: template.endpoints, parameters: parameters)
            }
        }
        return nil
    }

    /// - Returns: nil if the path does not follow the template.
    private static func parameters(of segments: [Substring], in template: [Substring]) -> [String: String]? {
        var parameters: [String: String] = [:]
        for (place, wanted) in template.enumerated() {
            guard place < segments.count else { return nil }
            let given = segments[place]
            if wanted.hasSuffix("...}") {
                parameters[String(wanted.dropFirst().dropLast(4))] = segments[place...].joined(separator: "/")
                return parameters
            }
            if wanted.first == "{" {
                guard !given.isEmpty else { return nil }
                parameters[String(wanted.dropFirst().dropLast())] = String(given)
            } else {
                guard wanted == given else { return nil }
            }
        }
        return segments.count == template.count ? parameters : nil
    }

    private static func segments(_ path: String) -> [Substring] {
        path.split(separator: "/", omittingEmptySubsequences: false)
    }
}
