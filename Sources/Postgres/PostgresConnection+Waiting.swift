internal import CPostgres
import Glibc

/// Sending and receiving, as https://www.postgresql.org/docs/15/libpq-async.html describes it. libpq's simpler calls
/// would wait for an answer without end.
extension PostgresConnection {
    /// Sends a request and waits for everything that the server answers to it.
    ///
    /// - Returns: The last result.
    /// - Throws: The first failure. It is `connectionLost` whenever the connection is of no more use.
    @discardableResult
    mutating func exchange(_ send: (OpaquePointer) -> Int32) throws(PostgresError) -> PostgresResult {
        let deadline = answerTimeout.map { ContinuousClock.now + $0 }
        guard unsafe send(connection) == 1 else { throw unsendable() }
        try flush(until: deadline)

        var last: PostgresResult?
        var failure: PostgresError?
        while let result = try nextResult(until: deadline) {
            failure = failure ?? result.failure
            // In a copy there is no end of results.
            if failure?.code == .connectionLost { break }
            last = consume result
        }
        if unsafe PQstatus(connection) != CONNECTION_OK {
            throw failure?.with(.connectionLost) ?? lost()
        }
        if let failure { throw failure }
        guard let last else { throw PostgresError(.connectionLost, "the server gave no result") }
        return last
    }

    private func flush(until deadline: ContinuousClock.Instant?) throws(PostgresError) {
        while true {
            switch unsafe PQflush(connection) {
            case 0:
                return
            case 1:
                // A server that can't send its answer may have stopped reading, so both ways have to be looked after.
                try wait(for: POLLIN | POLLOUT, until: deadline)
                guard unsafe PQconsumeInput(connection) == 1 else { return }
            default:
                throw lost()
            }
        }
    }

    private func nextResult(until deadline: ContinuousClock.Instant?) throws(PostgresError) -> PostgresResult? {
        while unsafe PQisBusy(connection) == 1 {
            try wait(for: POLLIN, until: deadline)
            // When the connection is broken, the next result says why.
            guard unsafe PQconsumeInput(connection) == 1 else { break }
        }
        guard let result = unsafe PQgetResult(connection) else { return nil }
        return unsafe PostgresResult(owning: result)
    }

    private func wait(for events: Int32, until deadline: ContinuousClock.Instant?) throws(PostgresError) {
        let socket = unsafe PQsocket(connection)
        guard socket >= 0 else { throw lost() }
        guard try Poll.wait(for: [(socket, events)], until: deadline) else {
            throw PostgresError(.connectionLost, "the server did not answer in time")
        }
    }

    /// Why a request was not even sent: the connection is broken, or there is something wrong with the request.
    private func unsendable() -> PostgresError {
        unsafe PQstatus(connection) == CONNECTION_OK ? lost().with(.refused) : lost()
    }

    /// Why the connection is of no more use, as libpq tells.
    func lost() -> PostgresError {
        let message = PostgresError.redacted(unsafe String(cString: PQerrorMessage(connection)))
        return PostgresError(.connectionLost, message)
    }
}
