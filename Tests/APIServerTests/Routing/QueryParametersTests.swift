import Testing
import TraceStore

@testable import APIServer

@Suite struct QueryParametersTests {
    @Test func `values are percent-decoded and plus is a space`() throws {
        let query = try QueryParameters("service=caf%C3%A9+one&attr=http.method%3DGET&attr=a=b=c&empty=")
        #expect(try query.value("service") == "café one")
        #expect(try query.attributes("attr").map(\.key) == ["http.method", "a"])
        #expect(try query.attributes("attr").map(\.value) == ["GET", "b=c"])
        #expect(try query.value("empty") == nil)
        #expect(try query.value("absent") == nil)
    }

    @Test(arguments: ["a=%", "a=%4", "a=%zz", "a=%ff", "%c3=1"])
    func `what is not percent-encoded UTF-8 is refused`(query: String) {
        #expect(throws: APIError.self) { try QueryParameters(query) }
    }

    @Test func `a parameter given twice is refused by name`() throws {
        let query = try QueryParameters("limit=1&limit=2")
        let error = try #require(throws: APIError.self) { try query.integer("limit", in: 1...5) }
        #expect(error.parameter == "limit")
    }

    @Test(arguments: ["0", "101", "-1", "1.5", "x", "9999999999999999999999"])
    func `a limit that is out of range or no integer is refused by name`(text: String) throws {
        let error = try #require(throws: APIError.self) {
            try QueryParameters("limit=\(text)").integer("limit", in: 1...100)
        }
        #expect(error.code == .invalidRequest && error.parameter == "limit")
        #expect(error.message == "limit must be an integer from 1 to 100")
    }

    @Test(arguments: ["12", "zz8efff798038103d269b633813fc60c", "00000000000000000000000000000000"])
    func `a trace id that is none is refused`(text: String) throws {
        #expect(throws: APIError.self) { try QueryParameters("trace_id=\(text)").traceID("trace_id") }
    }

    @Test func `durations take fractions of a millisecond`() throws {
        #expect(try QueryParameters("d=1.5").milliseconds("d") == 1_500_000)
        for text in ["-1", "nan", "inf", "x", "1e13"] {
            #expect(throws: APIError.self) { try QueryParameters("d=\(text)").milliseconds("d") }
        }
    }

    @Test func `a run id has its shape`() throws {
        #expect(try QueryParameters("r=run_0123456789abcdefghij").runID("r") == "run_0123456789abcdefghij")
        for text in ["run_short", "0123456789abcdefghij", "run_0123456789abcdefghi-"] {
            #expect(throws: APIError.self) { try QueryParameters("r=\(text)").runID("r") }
        }
    }
}
