/// Writes metrics in Prometheus' text format, version 0.0.4.
///
/// https://prometheus.io/docs/instrumenting/exposition_formats/#text-based-format
struct PrometheusText {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        describe(name, help, type: "counter")
        text += "\(name) \(value)\n"
    }

    mutating func gauge(_ name: String, _ help: String, _ value: some CustomStringConvertible) {
        describe(name, help, type: "gauge")
        text += "\(name) \(value)\n"
    }

    /// - Parameter samples: Labels in braces' syntax, without the braces.
    mutating func counter(_ name: String, _ help: String, samples: [(labels: String, value: Int)]) {
        describe(name, help, type: "counter")
        for sample in samples { text += "\(name){\(sample.labels)} \(sample.value)\n" }
    }

    /// - Parameter counts: For each bound the observations up to it and above the one before, then those above all.
    mutating func histogram(_ name: String, _ help: String, bounds: [Double], counts: [Int], sum: Double) {
        describe(name, help, type: "histogram")
        var total = 0
        for (bound, count) in zip(bounds, counts) {
            total += count
            text += "\(name)_bucket{le=\"\(bound)\"} \(total)\n"
        }
        total += counts.last ?? 0
        text += "\(name)_bucket{le=\"+Inf\"} \(total)\n\(name)_sum \(sum)\n\(name)_count \(total)\n"
    }

    mutating func sample(_ name: String, _ labels: String, _ value: some CustomStringConvertible) {
        text += "\(name){\(labels)} \(value)\n"
    }

    /// A label's value, as it stands between quotes.
    func escaped(_ value: String) -> String {
        value.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n")
    }

    mutating func describe(_ name: String, _ help: String, type: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }
}
