extension Configuration {
    /// Checks that ids are unique, and that what is named exists.
    func validateCatalogue(_ reading: ConfigurationReading) {
        requireUnique(providers.map(\.id), "providers", key: "id", reading)
        requireUnique(models.map(\.id), "models", key: "id", reading)
        requireUnique(routes.map(\.id), "routes", key: "id", reading)
        requireUnique(usdc.chains.map(\.chain), "usdc.chains", key: "chain", reading)
        validateHeaders(reading)
        validateTargets(reading)
        validateModelRoutes(reading)
    }

    private func requireUnique(_ ids: [String], _ list: String, key: String, _ reading: ConfigurationReading) {
        var first: [String: Int] = [:]
        for (index, id) in ids.enumerated() where !id.isEmpty {
            if let earlier = first[id] {
                reading.add("\(id) is already used by \(list)[\(earlier)]", at: "\(list)[\(index)].\(key)")
            } else {
                first[id] = index
            }
        }
    }

    /// Header names are tokens, whatever their case: https://www.rfc-editor.org/rfc/rfc9110#section-5.1
    private func validateHeaders(_ reading: ConfigurationReading) {
        for (index, provider) in providers.enumerated() {
            let path = "providers[\(index)].headers"
            var seen: Set<String> = []
            for name in provider.headers.keys.sorted() {
                if name.wholeMatch(of: /[A-Za-z0-9!#$%&'*+.^_`|~-]+/) == nil {
                    reading.add("\(name.debugDescription) is not a valid header name", at: path)
                } else if !seen.insert(name.lowercased()).inserted {
                    reading.add("is given twice, in different case", at: "\(path).\(name)")
                }
            }
        }
    }

    private func validateTargets(_ reading: ConfigurationReading) {
        let known = Set(providers.map(\.id))
        for (index, route) in routes.enumerated() {
            let path = "routes[\(index)].targets"
            if route.targets.isEmpty {
                reading.add("must name at least one provider", at: path)
            } else if route.targets.allSatisfy({ $0.weight == 0 }) {
                reading.add("must have one target with a weight above 0", at: path)
            }
            // A provider whose own id is a mistake would make every route that names it look wrong too.
            guard !known.contains("") else { continue }
            for (position, target) in route.targets.enumerated() where !known.contains(target.provider) {
                reading.add("there is no provider \(target.provider)", at: "\(path)[\(position)].provider")
            }
        }
    }

    private func validateModelRoutes(_ reading: ConfigurationReading) {
        let known = Set(routes.map(\.id))
        guard !known.contains("") else { return }
        for (index, model) in models.enumerated() where !known.contains(model.route) {
            reading.add("there is no route \(model.route)", at: "models[\(index)].route")
        }
    }
}
