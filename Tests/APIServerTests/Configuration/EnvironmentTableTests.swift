import Testing
import Yams

@testable import APIServer

struct EnvironmentTableTests {
    /// A value for each variable that differs from the default, as it is printed.
    private static let samples = [
        "BATCHIN_ENVIRONMENT": "staging",
        "BATCHIN_INTERNAL_TOKEN": "<redacted>",
        "BATCHIN_ALLOW_OPEN_DEVELOPMENT": "true",
        "BATCHIN_LISTEN": "localhost:0",
        "BATCHIN_METRICS_LISTEN": "[::1]:9",
        "BATCHIN_PUBLIC_URL": "https://batchin.example",
        "BATCHIN_TRUSTED_PROXIES": "10.0.0.0/8, ::1",
        "BATCHIN_DATA": "/srv",
        "BATCHIN_MASTER_KEY_FILE": "/key",
        "BATCHIN_DATABASE_URL": "postgres://h/d",
        "BATCHIN_SPANS_STORE": "database",
        "BATCHIN_SPANS_URL": "postgres://h/s",
        "BATCHIN_SPANS_RETENTION_DAYS": "0",
        "BATCHIN_SPANS_RETENTION_BYTES": "1",
        "BATCHIN_SPANS_HEAD_BYTES": "2",
        "BATCHIN_LIMITS_BODY_BYTES": "1",
        "BATCHIN_LIMITS_CONTROL_BODY_BYTES": "2",
        "BATCHIN_LIMITS_INGEST_QUEUE_BYTES": "3",
        "BATCHIN_LIMITS_HEAD_TIMEOUT_S": "4",
        "BATCHIN_LIMITS_BODY_IDLE_TIMEOUT_S": "5",
        "BATCHIN_LIMITS_KEEPALIVE_S": "6",
        "BATCHIN_LIMITS_STREAM_WRITE_STALL_S": "7",
        "BATCHIN_LIMITS_STREAM_KEEPALIVE_S": "8",
        "BATCHIN_CAPTURE": "none",
        "BATCHIN_AUDIT_ORIGIN": "log.example",
        "BATCHIN_AUDIT_CHECKPOINT_FILE": "/elsewhere",
        "BATCHIN_WEBHOOKS_ALLOW_PRIVATE": "true",
        "BATCHIN_STRIPE_API_BASE": "http://localhost:1",
        "BATCHIN_STRIPE_SECRET_KEY_ENV": "A",
        "BATCHIN_STRIPE_WEBHOOK_SECRET_ENV": "B",
        "BATCHIN_ENERGY_GRID_ZONE": "DE",
        "BATCHIN_ENERGY_BASELINE_ZONE": "FR",
    ]

    /// Lists of objects, which come from the file alone.
    private static let objectLists: Set = ["providers", "models", "routes", "usdc.chains"]

    @Test func `every scalar and every list of text has a variable, and no variable is without a setting`() throws {
        let root = try #require(try Yams.compose(yaml: Configuration().printed()))
        let paths = Set(leaves(root, at: "").map(\.path)).subtracting(Self.objectLists)
        #expect(paths == Set(EnvironmentTable.names.keys))
    }

    @Test func `a variable is named for its path`() {
        for (path, name) in EnvironmentTable.names {
            #expect(name == "BATCHIN_" + path.uppercased().replacing(".", with: "_"))
        }
    }

    @Test func `every variable sets its setting`() throws {
        #expect(Set(Self.samples.keys) == Set(EnvironmentTable.names.values))
        let configuration = try Configuration(yaml: "", environment: Self.samples)
        let root = try #require(try Yams.compose(yaml: configuration.printed()))
        for (path, value) in leaves(root, at: "") where !Self.objectLists.contains(path) {
            let name = try #require(EnvironmentTable.names[path])
            #expect(value == Self.samples[name], "\(name)")
        }
    }

    @Test(arguments: [("true", true), ("1", true), ("false", false), ("0", false)])
    func `a truth value may be a digit in the environment`(text: String, value: Bool) throws {
        let environment = ["BATCHIN_WEBHOOKS_ALLOW_PRIVATE": text]
        #expect(try Configuration(yaml: "", environment: environment).webhooks.allowPrivate == value)
    }

    @Test func `a mistake names the variable`() {
        #expect(
            Configuration.mistakes("", environment: ["BATCHIN_TRUSTED_PROXIES": "10.0.0.1,x"]) == [
                "trusted_proxies[1]: expected an IP address or a CIDR block, found text \"x\""
                    + " (environment variable BATCHIN_TRUSTED_PROXIES)"
            ])
        #expect(
            Configuration.mistakes("", environment: ["BATCHIN_SPANS_RETENTION_DAYS": ""]) == [
                "spans.retention_days: expected a whole number, found text \"\""
                    + " (environment variable BATCHIN_SPANS_RETENTION_DAYS)"
            ])
    }

    /// The scalars and lists below `node`, lists joined by a comma and a space.
    private func leaves(_ node: Node, at path: String) -> [(path: String, value: String)] {
        switch node {
        case .mapping(let mapping):
            mapping.flatMap { key, value in
                leaves(value, at: path.isEmpty ? key.string ?? "" : "\(path).\(key.string ?? "")")
            }
        case .sequence(let sequence): [(path, sequence.map { $0.string ?? "" }.joined(separator: ", "))]
        case .scalar(let scalar): [(path, scalar.string)]
        case .alias: []
        }
    }
}
