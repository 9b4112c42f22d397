import TestSupport
import Testing

@testable import Postgres

@Suite(.timeLimit(.minutes(5)))
struct PostgresConnectionTests {
    private func withConnection(_ body: (inout PostgresConnection) throws -> Void) async throws {
        try await withTestDatabase(.postgres) { database in
            var connection = try PostgresConnection(url: database.location)
            try body(&connection)
        }
    }

    private func value(
        _ text: String, _ values: [PostgresValue] = [], on connection: inout PostgresConnection
    ) throws -> PostgresValue {
        let rows = try connection.run(text, values, isKept: false).rows(countMax: 1)
        return try #require(rows.first?.first)
    }

    private func preparedCount(_ connection: inout PostgresConnection) throws -> PostgresValue {
        try value("SELECT COUNT(*) FROM pg_prepared_statements", on: &connection)
    }

    @Test func `each type that is read has its value`() async throws {
        let expected: [(expression: String, value: PostgresValue)] = [
            ("NULL", .null), ("CAST(-2 AS SMALLINT)", .integer(-2)), ("CAST(-2 AS INTEGER)", .integer(-2)),
            ("CAST(-2 AS BIGINT)", .integer(-2)), ("CAST(4294967295 AS OID)", .integer(4_294_967_295)),
            ("TRUE", .integer(1)), ("FALSE", .integer(0)), ("CAST(-0.5 AS REAL)", .real(-0.5)),
            ("CAST('-Infinity' AS REAL)", .real(-.infinity)), ("CAST(0.1 AS DOUBLE PRECISION)", .real(0.1)),
            ("'é'", .text("é")), ("CAST('a' AS VARCHAR(3))", .text("a")), ("CAST('a' AS CHAR(3))", .text("a  ")),
            ("CAST('a' AS NAME)", .text("a")), ("CAST('' AS BYTEA)", .bytes([])),
            ("CAST('\\x00ff' AS BYTEA)", .bytes([0, 255])), ("pg_sleep(0)", .null),
        ]
        try await withConnection { connection in
            for (expression, expectedValue) in expected {
                let found = try value("SELECT \(expression)", on: &connection)
                #expect(found == expectedValue, "\(expression)")
            }
        }
    }

    @Test(arguments: ["1.5", "now()", "CAST('{}' AS JSONB)", "CAST('{1}' AS BIGINT[])"])
    func `a type that is not read is refused, with its column`(expression: String) async throws {
        try await withConnection { connection in
            for condition in ["TRUE", "FALSE"] {
                let error = #expect(throws: PostgresError.self) {
                    _ = try connection.run("SELECT 1 AS one, \(expression) AS odd WHERE \(condition)", [], isKept: true)
                        .rows(countMax: 1)
                }
                #expect(error?.code == .unsupportedType)
                #expect(error?.message.contains("column odd") == true)
            }
        }
    }

    @Test func `values come back as they went in, however large`() async throws {
        let large = (0..<5_000_000).map { UInt8(truncatingIfNeeded: $0) }
        let values: [PostgresValue] = [
            .integer(.min), .integer(.max), .integer(-1), .real(-0.0), .real(.greatestFiniteMagnitude), .text(""),
            .text("\u{1F600}\n"), .bytes([]), .bytes(large),
        ]
        try await withConnection { connection in
            for sent in values {
                let found = try value("SELECT $1", [sent], on: &connection)
                #expect(found == sent)
            }
            let row = try connection.run("SELECT $1, $2, $3, $4", [.null] + values.prefix(3), isKept: true)
                .rows(countMax: 1)
            #expect(row == [[.null] + values.prefix(3)])
        }
    }

    @Test func `only rows that a statement changed are counted`() async throws {
        let expected: [(statement: String, count: Int)] = [
            ("CREATE TABLE t (a BIGINT)", 0), ("INSERT INTO t VALUES (1), (2), (3)", 3), ("SELECT * FROM t", 0),
            ("UPDATE t SET a = 9 WHERE a > 1", 2), ("DELETE FROM t", 3), ("CREATE TABLE u AS SELECT 1", 0),
        ]
        try await withConnection { connection in
            for (statement, expectedCount) in expected {
                let count = try connection.run(statement, [], isKept: false).changedRowCount
                #expect(count == expectedCount, "\(statement)")
            }
        }
    }

    @Test func `a statement is prepared once for each types of its parameters`() async throws {
        try await withConnection { connection in
            for number in 0..<10 {
                _ = try connection.run("SELECT $1", [.integer(Int64(number))], isKept: true)
                _ = try connection.run("SELECT $1", [.text("\(number)")], isKept: true)
                _ = try connection.run("SELECT $1, $1", [.text("\(number)")], isKept: false)
            }
            let count = try preparedCount(&connection)
            #expect(count == .integer(2))
        }
    }

    @Test func `no more statements than the limit are kept`() async throws {
        try await withConnection { connection in
            for number in 0..<(2 * PostgresConnection.preparedCountMax + 10) {
                _ = try connection.run("SELECT \(number)", [], isKept: true)
                guard case .integer(let count) = try preparedCount(&connection) else { return }
                #expect(count <= PostgresConnection.preparedCountMax)
            }
            let count = try preparedCount(&connection)
            #expect(count == .integer(10))
        }
    }

    @Test func `a statement that the server has forgotten, or no longer likes, is prepared again`() async throws {
        try await withConnection { connection in
            try connection.run(script: "CREATE TABLE t (a BIGINT); INSERT INTO t VALUES (1)")
            let columns = try connection.run("SELECT * FROM t", [], isKept: true).columnNames
            #expect(columns == ["a"])
            try connection.run(script: "ALTER TABLE t ADD COLUMN b BIGINT")
            let widerColumns = try connection.run("SELECT * FROM t", [], isKept: true).columnNames
            #expect(widerColumns == ["a", "b"])
            try connection.run(script: "DEALLOCATE ALL")
            let sameColumns = try connection.run("SELECT * FROM t", [], isKept: true).columnNames
            #expect(sameColumns == ["a", "b"])
            // Those that were forgotten here are forgotten there too.
            let count = try preparedCount(&connection)
            #expect(count == .integer(1))
        }
    }

    @Test func `inside a transaction, which is spoilt by then, it is said to be stale`() async throws {
        try await withConnection { connection in
            try connection.run(script: "CREATE TABLE t (a BIGINT)")
            _ = try connection.run("SELECT * FROM t", [], isKept: true)
            try connection.run(script: "ALTER TABLE t ADD COLUMN b BIGINT")
            try connection.run(script: "BEGIN")
            let error = #expect(throws: PostgresError.self) {
                _ = try connection.run("SELECT * FROM t", [], isKept: true)
            }
            #expect(error?.code == .staleStatement)
            try connection.run(script: "ROLLBACK; BEGIN")
            let columns = try connection.run("SELECT * FROM t", [], isKept: true).columnNames
            #expect(columns == ["a", "b"])
        }
    }

    @Test func `something unsupported in the statement itself is just refused`() async throws {
        try await withConnection { connection in
            try connection.run(script: "CREATE TABLE t (a BIGINT)")
            for _ in 0..<3 {
                let error = #expect(throws: PostgresError.self) {
                    _ = try connection.run("ALTER TABLE t ADD CHECK (a > (SELECT 1))", [], isKept: true)
                }
                #expect(error?.code == .refused)
                #expect(error?.sqlState == "0A000")
            }
        }
    }

    @Test func `a script ends with its first failure`() async throws {
        try await withConnection { connection in
            let error = #expect(throws: PostgresError.self) {
                try connection.run(script: "BEGIN; SELECT 1; SELEKT; COMMIT")
            }
            #expect(error?.sqlState == "42601")
            var states = [connection.isInTransaction]
            try connection.run(script: "BEGIN")
            states.append(connection.isInTransaction)
            _ = try? connection.run(script: "SELECT * FROM nowhere")
            states.append(connection.isInTransaction)
            let tag = try connection.run(script: "COMMIT").commandTag
            states.append(connection.isInTransaction)
            #expect(tag == "ROLLBACK")
            #expect(states == [false, true, true, false])
        }
    }

    @Test func `a server that does not answer in time counts as lost`() async throws {
        try await withConnection { connection in
            connection.answerTimeout = .milliseconds(10)
            let error = #expect(throws: PostgresError.self) { try connection.run(script: "SELECT pg_sleep(60)") }
            #expect(error?.code == .connectionLost)
            let isInTransaction = connection.isInTransaction
            #expect(isInTransaction)
        }
    }

    @Test func `an ended connection says why, and then that it is lost`() async throws {
        try await withConnection { connection in
            let ended = #expect(throws: PostgresError.self) {
                try connection.run(script: "SELECT pg_terminate_backend(pg_backend_pid())")
            }
            #expect(ended?.code == .connectionLost)
            #expect(ended?.sqlState == "57P01")
            let lost = #expect(throws: PostgresError.self) { try connection.run(script: "SELECT 1") }
            #expect(lost?.code == .connectionLost)
        }
    }

    @Test(arguments: ["COPY (SELECT 1) TO STDOUT", "CREATE TABLE t (a BIGINT); COPY t FROM STDIN"])
    func `a copy ends the connection instead of waiting for ever`(script: String) async throws {
        try await withConnection { connection in
            let error = #expect(throws: PostgresError.self) { try connection.run(script: script) }
            #expect(error?.code == .connectionLost)
        }
    }

    @Test func `more parameters than the protocol has room for are refused`() async throws {
        try await withConnection { connection in
            let values = Array(repeating: PostgresValue.integer(1), count: 65_536)
            let error = #expect(throws: PostgresError.self) {
                _ = try connection.run("SELECT 1", values, isKept: false)
            }
            #expect(error?.code == .refused)
            let found = try value("SELECT 1", on: &connection)
            #expect(found == .integer(1))
        }
    }

    @Test func `notifications are waited for, until a wake-up`() async throws {
        try await withConnection { connection in
            let wakeUp = try WakeUp()
            try connection.run(script: "LISTEN here; NOTIFY here, 'a'; NOTIFY there, 'b'; NOTIFY here, 'c'")
            let payloads = try connection.waitForNotifications(orUntil: wakeUp)
            #expect(payloads == ["a", "c"])
            #expect(try wakeUp.wait(atMost: .zero) == false)
            wakeUp.signal()
            let noPayloads = try connection.waitForNotifications(orUntil: wakeUp)
            #expect(noPayloads == nil)
            #expect(try wakeUp.wait(atMost: .seconds(60)))
        }
    }

    @Test func `what the URL says about time overrides the defaults`() async throws {
        try await withTestDatabase(.postgres) { database in
            var connection = try PostgresConnection(
                url: database.location + "&application_name=mine&client_encoding=LATIN1")
            let name = try value("SELECT current_setting('application_name')", on: &connection)
            #expect(name == .text("mine"))
            // Text is always UTF-8 here.
            let encoding = try value("SELECT current_setting('client_encoding')", on: &connection)
            #expect(encoding == .text("UTF8"))
        }
    }

    @Test func `quoted words are left out of what the log gets about a connection`() {
        let message = "connection to server at \"db.test\" (10.0.0.1), port 1 failed: FATAL:  no role \"a\"\n\tHint.\n"
        #expect(
            PostgresError.redacted(message)
                == "connection to server at \"…\" (10.0.0.1), port 1 failed: FATAL: no role \"…\" Hint.")
        #expect(PostgresError.redacted("unterminated \"canary").contains("canary") == false)
    }
}
