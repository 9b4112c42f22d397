import Foundation
import OTLP
import Synchronization
import TestSupport
import Testing

@testable import TraceStore

/// A disk that can be taken away and given back.
private final class FaultyDisk: Sendable {
    private let failing = Mutex<[FileOperation: CInt]>([:])

    var system: FileSystem {
        FileSystem { [self] operation, _ in failing.withLock { $0[operation] } }
    }

    func fail(_ operations: FileOperation..., with code: CInt) {
        failing.withLock { failing in
            for operation in operations { failing[operation] = code }
        }
    }

    func heal() {
        failing.withLock { $0 = [:] }
    }
}

@Suite(.timeLimit(.minutes(2))) struct FaultTests {
    /// Appends until it is taken: the engine leaves a failed disk alone for a moment.
    private func insist(_ store: EmbeddedSpanStore, _ spans: [SpanStub]) async throws {
        while true {
            do {
                return try await store.append(spans)
            } catch let error as TraceStoreError where [.diskFull, .inputOutput, .overloaded].contains(error.code) {
                await Task.yield()
            }
        }
    }

    @Test(arguments: [(FileOperation.write, ENOSPC), (.write, EIO), (.sync, EIO)])
    func `a failing disk refuses new spans, keeps the old ones readable, and recovers by itself`(
        operation: FileOperation, code: CInt
    ) async throws {
        try await withTemporaryFolder { folder in
            let disk = FaultyDisk()
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10, system: disk.system)
            let (kept, refused, later) = (
                SpanStub(trace: 1, span: 1), SpanStub(trace: 2, span: 1), SpanStub(trace: 3, span: 1)
            )
            try await store.append([kept])
            disk.fail(operation, with: code)
            await #expect(throws: TraceStoreError(code == ENOSPC ? .diskFull : .inputOutput, "")) {
                try await store.append([refused])
            }
            #expect(try await store.exported().map(\.traceID.low) == [1])
            #expect(store.statistics().failure != nil)
            disk.heal()
            try await insist(store, [later])
            #expect(try await store.exported().map(\.traceID.low) == [1, 3])
            #expect(store.statistics().failure == nil)
            store.close()
            // The refused frame may have reached the file before the sync failed: it must not come back.
            let again = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10)
            defer { again.close() }
            #expect(try await again.exported().map(\.traceID.low) == [1, 3])
            #expect(again.statistics().damage.isEmpty)
        }
    }

    @Test func `a disk that fails while sealing loses nothing and the block is written later`() async throws {
        try await withTemporaryFolder { folder in
            let failsBlocks = Atomic(true)
            let system = FileSystem { operation, path in
                failsBlocks.load(ordering: .relaxed) && path.contains("/blocks/") && operation == .write ? ENOSPC : nil
            }
            let store = try EmbeddedSpanStore.open(folder, headBytes: 64 << 10, system: system)
            defer { store.close() }
            var sent: [SpanStub] = []
            var refusals = 0
            var trace: UInt64 = 1
            while refusals == 0 {
                let spans = (1...20).map { SpanStub(trace: trace, span: UInt64($0)) }
                do {
                    try await store.append(spans)
                    sent += spans
                } catch let error as TraceStoreError where error.code == .diskFull || error.code == .overloaded {
                    refusals += 1
                }
                trace += 1
            }
            #expect(try await store.exported().count == sent.count)
            #expect(store.statistics().sealFailures > 0)
            failsBlocks.store(false, ordering: .relaxed)
            try await insist(store, [SpanStub(trace: 77_777, span: 1)])
            await store.untilSealed(blocks: 1)
            #expect(try await store.exported().count == sent.count + 1)
        }
    }

    @Test func `a full queue refuses at once and what was taken is stored`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder, queueBytes: 2000)
            defer { store.close() }
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 1...200 {
                    group.addTask {
                        do {
                            try await store.append([SpanStub(trace: UInt64(number), span: 1)])
                            return 1
                        } catch let error as TraceStoreError where error.code == .overloaded {
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            #expect(try await store.exported().count == taken)
        }
    }

    @Test func `parallel appends share syncs and none is lost`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            defer { store.close() }
            try await withThrowingTaskGroup { group in
                for writer in 0..<64 {
                    group.addTask {
                        for number in 0..<20 {
                            try await store.append([SpanStub(trace: UInt64(writer + 1), span: UInt64(number + 1))])
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await store.exported().count == 64 * 20)
            #expect(store.statistics().commits.commits < 64 * 20)
        }
    }

    @Test func `after close appends and reads are refused`() async throws {
        try await withTemporaryFolder { folder in
            let store = try EmbeddedSpanStore.open(folder)
            store.close()
            await #expect(throws: TraceStoreError(.closed, "")) {
                try await store.append([SpanStub(trace: 1, span: 1)])
            }
            await #expect(throws: TraceStoreError(.closed, "")) { try await store.exported() }
        }
    }
}
