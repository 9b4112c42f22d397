import Testing

@testable import APIServer

struct ConfigurationPrintingTests {
    @Test func `what is printed reads back as the same value, redactions aside`() throws {
        var expected = try Configuration(yaml: Configuration.everything)
        expected.internalToken = Secret("<redacted>")
        expected.database.url = PostgresURL("postgres://batchin:redacted@db.example:5432/batchin?sslmode=require")
        expected.spans.url = PostgresURL("postgresql:///spans?host=/run/postgresql&password=redacted")
        expected.providers[0].headers = ["Authorization": Secret("<redacted>"), "X-Team": Secret("<redacted>")]
        let printed = try Configuration(yaml: Configuration.everything).printed()
        #expect(try Configuration(yaml: printed) == expected)
        #expect(try Configuration(yaml: printed).printed() == printed)
    }

    @Test func `the defaults read back as the defaults`() throws {
        #expect(try Configuration(yaml: Configuration().printed()) == Configuration())
    }

    @Test func `text that looks like something else is quoted`() throws {
        var configuration = Configuration()
        for text in ["true", "12", "1.5", "null", "~", "2001-01-01", "<<", "a: b", "# a", "'\"\n\t\\", "  x ", "- a"] {
            configuration.data = text
            #expect(try Configuration(yaml: configuration.printed()).data == text)
        }
    }

    @Test func `no planted secret is printed, described or dumped`() throws {
        let configuration = try Configuration(yaml: Configuration.everything)
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [configuration.printed(), "\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("canary"))
        }
        #expect(Configuration.everything.contains("canary"))
    }

    @Test func `settings are printed in the order of the schema under their own keys`() {
        let printed = Configuration().printed()
        #expect(printed.hasPrefix("environment: development\ninternal_token: ''\nallow_open_development: false\n"))
        #expect(printed.contains("\nlimits:\n  body_bytes: 67108864\n  control_body_bytes: 1048576\n"))
        #expect(printed.contains("\nproviders: []\n"))
    }
}
