import Audit
import Testing

struct RunStatementTests {
    @Test func `a statement reads back as it was written`() throws {
        for record in [
            try TestRecord.observed(), try .observed(routeID: nil, provider: nil, energy: .none(.noOutput)),
            try .asserted(),
        ] {
            #expect(try RunStatement(try JSONParser.parse(record.statement.payload)) == record.statement)
        }
    }

    @Test func `nothing is made that would be refused when read`() throws {
        let good = try TestRecord.observed().statement
        func make(
            run: RunStatement.Run?, modelID: String = "m", outcome: RunOutcome = .ok, nonce: String? = nil,
            origin: String = "log.test", without field: CommitmentField? = nil
        ) throws(AuditError) -> RunStatement {
            var commitments = good.commitments
            if run == nil {
                for field in [.requestWire, .responseWire, .promptTemplate] as [CommitmentField] {
                    commitments[field] = nil
                }
            }
            if let field { commitments[field] = nil }
            return try RunStatement(
                origin: origin, recordID: good.recordID, run: run, environment: "e", modelID: modelID,
                outcome: outcome, receivedAt: TestLog.time, completedAt: TestLog.time, commitments: commitments,
                energy: .stub, nonce: nonce ?? good.nonce)
        }
        for statement in [try make(run: good.run), try make(run: nil)] {
            #expect(try RunStatement(statement.json) == statement)
        }
        var shortRun = try #require(good.run)
        shortRun.runID = "run_short"
        var flatTrace = try #require(good.run)
        flatTrace.traceID = "0AF7"
        #expect(throws: AuditError.self) { try make(run: shortRun) }
        #expect(throws: AuditError.self) { try make(run: flatTrace) }
        #expect(throws: AuditError.self) { try make(run: good.run, modelID: "") }
        #expect(throws: AuditError.self) { try make(run: good.run, nonce: "x") }
        #expect(throws: AuditError.self) { try make(run: good.run, origin: "a b") }
        #expect(throws: AuditError.self) { try make(run: nil, outcome: .timeout) }
        for field in CommitmentField.allCases where field != .promptTemplate {
            #expect(throws: AuditError.self) { try make(run: good.run, without: field) }
        }
    }

    @Test func `times in a statement are cut to the minute`() throws {
        let statement = try TestRecord.observed().statement
        #expect(statement.receivedAt == "2026-11-23T06:15:00.000000Z")
        #expect(statement.completedAt == "2026-11-23T06:16:00.000000Z")
    }

    @Test func `a statement with a time that is not cut is refused`() throws {
        let json = try TestRecord.observed().statement.json
        for member in ["received_at", "completed_at"] {
            for time in ["2026-11-23T06:15:09.000000Z", "2026-11-23T06:15:00.000001Z", "2026-11-23T06:15:00Z"] {
                let path: [JSONStep] = [.member("predicate"), .member(member)]
                #expect(throws: AuditError.self) { try RunStatement(json.replacing(path[...], with: .string(time))) }
            }
        }
    }

    @Test func `what is asserted and what is observed never mix`() throws {
        let observed = try TestRecord.observed().statement.json
        let asserted = try TestRecord.asserted().statement.json
        for path: [JSONStep] in [
            [.member("predicateType")], [.member("predicate"), .member("observation")],
            [.member("predicate"), .member("evidence_level")],
            [.member("predicate"), .member("commitments"), .member("scheme")],
        ] {
            #expect(throws: AuditError.self) {
                try RunStatement(observed.replacing(path[...], with: asserted[path[...]]))
            }
            #expect(throws: AuditError.self) {
                try RunStatement(asserted.replacing(path[...], with: observed[path[...]]))
            }
        }
        let failed = asserted.replacing([.member("predicate"), .member("outcome")], with: "timeout")
        #expect(throws: AuditError.self) { try RunStatement(failed) }
    }

    @Test func `every member that is missing, null, of another kind or a stranger is refused`() throws {
        for json in [try TestRecord.observed().statement.json, try TestRecord.asserted().statement.json] {
            let optional: [[JSONStep]] = [
                [.member("predicate"), .member("route_id")], [.member("predicate"), .member("provider")],
                [.member("predicate"), .member("commitments"), .member("prompt_template")],
            ]
            for path in json.paths {
                for other: JSONValue in [.null, 7, [], ["x": "y"], ""] {
                    #expect(throws: AuditError.self, "\(path)") {
                        try RunStatement(json.replacing(path[...], with: other))
                    }
                }
                if !optional.contains(path) {
                    #expect(throws: AuditError.self, "\(path)") {
                        try RunStatement(json.replacing(path[...], with: nil))
                    }
                }
                if json[path[...]].object != nil {
                    #expect(throws: AuditError.self, "\(path)") {
                        try RunStatement(json.replacing((path + [.member("stranger")])[...], with: "x"))
                    }
                }
            }
        }
    }

    @Test func `low, middle and high energy stand in their order`() throws {
        func accepts(_ low: String, _ middle: String, _ high: String) throws -> Bool {
            var json = try TestRecord.observed().statement.json
            for (member, figure) in [("wh_low", low), ("wh", middle), ("wh_high", high)] {
                json = json.replacing(
                    [.member("predicate"), .member("energy"), .member(member)], with: .string(figure))
            }
            return (try? RunStatement(json)) != nil  // Refusing is an answer here.
        }
        #expect(try accepts("0.5", "0.50", "0.500"))
        #expect(try accepts("0", "9.99", "10"))
        #expect(try accepts("0.09", "0.1", "0.11"))
        #expect(try !accepts("0.1", "0.09", "0.11"))
        #expect(try !accepts("0.1", "10", "9.99"))
        #expect(try !accepts("10", "9", "11"))
        #expect(try !accepts("-1", "0", "1"))
        #expect(try !accepts("0.", "1", "1"))
        #expect(try !accepts("00", "1", "1"))
        #expect(try !accepts("1e0", "1", "1"))
    }

    @Test func `a record's two names are told apart from everything else`() throws {
        let id = try #require(RecordID(bytes: [UInt8](0xA0..<0xB0)))
        #expect(id.recordText == "vaas_a0a1a2a3a4a5a6a7a8a9aaabacadaeaf")
        #expect(id.auditText == "a0a1a2a3-a4a5-a6a7-a8a9-aaabacadaeaf")
        #expect(RecordID(text: id.recordText) == id)
        #expect(RecordID(text: id.auditText) == id)
        for text in [
            "", "vaas_", String(id.recordText.dropLast()), id.recordText + "0", id.recordText.uppercased(),
            String(id.recordText.dropFirst(5)), "vaas_" + id.auditText, id.auditText.uppercased(), "a0a1-a2",
        ] {
            #expect(RecordID(text: text) == nil)
        }
    }

    @Test(arguments: [
        (0, "1970-01-01T00:00:00.000000Z"), (-1, "1969-12-31T23:59:59.999999Z"),
        (951_782_400_000_000, "2000-02-29T00:00:00.000000Z"), (4_107_542_399_999_999, "2100-02-28T23:59:59.999999Z"),
        (4_107_542_400_000_000, "2100-03-01T00:00:00.000000Z"),
        (253_402_300_799_000_001, "9999-12-31T23:59:59.000001Z"),
    ])
    func `times are written in the calendar`(microseconds: Int64, text: String) {
        #expect(AuditTime(microsecondsSince1970: microseconds).text == text)
    }
}
