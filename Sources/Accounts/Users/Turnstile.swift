import Database
import Synchronization

/// Lets a few callers through at once; others wait in line, first come, first served, until the line is full.
final class Turnstile: Sendable {
    private struct Line {
        var insideCount = 0
        var waiting: [Waiter] = []
        var lastNumber: UInt64 = 0
    }

    private struct Waiter {
        let number: UInt64
        let continuation: CheckedContinuation<Admission, Never>
    }

    private enum Admission {
        case admitted
        case refused
        case cancelled
    }

    private let insideCountMax: Int
    private let waitingCountMax: Int
    private let line = Mutex(Line())

    init(insideCountMax: Int, waitingCountMax: Int) {
        self.insideCountMax = insideCountMax
        self.waitingCountMax = waitingCountMax
    }

    var waitingCount: Int { line.withLock { $0.waiting.count } }

    var isEmpty: Bool { line.withLock { $0.insideCount == 0 && $0.waiting.isEmpty } }

    /// Runs `body` when it is the caller's turn.
    ///
    /// - Throws: What `body` throws; `overloaded` when too many wait already; `database`, with a cancelled read beneath,
    ///   if the task is cancelled before its turn has come. The turn of one that is cancelled later goes on.
    func pass<Value: Sendable>(
        _ body: () async throws(AccountsError) -> Value
    ) async throws(AccountsError) -> Value {
        switch await enter() {
        case .admitted: break
        case .refused: throw AccountsError(.overloaded, "too many passwords wait to be checked", retryAfterSeconds: 1)
        case .cancelled: throw AccountsError(DatabaseError(.cancelled, "the task was cancelled"))
        }
        defer { leave() }
        return try await body()
    }

    private func enter() async -> Admission {
        let number = line.withLock { line in
            line.lastNumber += 1
            return line.lastNumber
        }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                if let admission = arrive(Waiter(number: number, continuation: continuation)) {
                    continuation.resume(returning: admission)
                }
            }
        } onCancel: {
            withdraw(number)
        }
    }

    /// - Returns: nil if the caller has to wait.
    private func arrive(_ waiter: Waiter) -> Admission? {
        line.withLock { line in
            // `withdraw` may have come before: it found nobody, but the task was marked before it was called.
            guard !Task.isCancelled else { return .cancelled }
            if line.insideCount < insideCountMax {
                line.insideCount += 1
                return .admitted
            }
            guard line.waiting.count < waitingCountMax else { return .refused }
            line.waiting.append(waiter)
            return nil
        }
    }

    private func withdraw(_ number: UInt64) {
        let waiter = line.withLock { line in
            line.waiting.firstIndex { $0.number == number }.map { line.waiting.remove(at: $0) }
        }
        waiter?.continuation.resume(returning: .cancelled)
    }

    /// Whoever leaves gives the turn to the next in line.
    private func leave() {
        let next: Waiter? = line.withLock { line in
            guard !line.waiting.isEmpty else {
                line.insideCount -= 1
                return nil
            }
            return line.waiting.removeFirst()
        }
        next?.continuation.resume(returning: .admitted)
    }
}
