import NIOHTTP1
import Testing

@testable import Inference

struct ResponseIntakeTests {
    private var intake = ResponseIntake()
    private static let head = HTTPResponseHead(version: .http1_1, status: .ok)
    private static let failure = InferenceError(.upstreamError, "")

    private mutating func chunk() throws -> [UInt8]? {
        switch intake.takeChunk() {
        case .none: []
        case .bytes(let bytes): bytes
        case .end: nil
        case .failed(let error): throw error
        }
    }

    @Test mutating func `a head alone is not enough to go on`() throws {
        #expect(intake.takeHead() == nil)
        intake.receive(Self.head)
        #expect(!intake.isReady)
        #expect(intake.takeHead() == nil)
        intake.receive([1])
        #expect(intake.isReady)
        #expect(try intake.takeHead()?.get() == Self.head)
        #expect(!intake.isEmpty)
    }

    @Test mutating func `an answer without a body is enough, and empty`() throws {
        intake.receive(Self.head)
        intake.finish()
        #expect(try intake.takeHead()?.get() == Self.head)
        #expect(intake.isEmpty)
        #expect(try chunk() == nil)
    }

    @Test mutating func `pieces are taken together, each once`() throws {
        intake.receive(Self.head)
        intake.receive([1, 2])
        intake.receive([3])
        #expect(try chunk() == [1, 2, 3])
        #expect(try chunk() == [])
        #expect(!intake.isReady)
        intake.receive([4])
        intake.finish()
        #expect(try chunk() == [4])
        #expect(try chunk() == nil)
    }

    @Test mutating func `a failure comes after what arrived before it`() throws {
        intake.receive(Self.head)
        intake.receive([1])
        intake.fail(Self.failure)
        intake.receive([2])
        intake.finish()
        #expect(try chunk() == [1])
        #expect(throws: Self.failure) { try chunk() }
    }

    @Test mutating func `a failure after the head and before the first byte is all there is`() {
        intake.receive(Self.head)
        intake.fail(Self.failure)
        #expect(throws: Self.failure) { try intake.takeHead()?.get() }
    }

    @Test mutating func `the first failure is the reason`() {
        intake.fail(Self.failure)
        intake.fail(InferenceError(.upstreamTimeout, ""))
        #expect(throws: Self.failure) { try chunk() }
    }

    @Test mutating func `an abandoned answer gives nothing any more`() {
        intake.receive(Self.head)
        intake.receive([1])
        intake.abandon()
        intake.receive([2])
        #expect(throws: InferenceError(.cancelled, "")) { try chunk() }
    }

    @Test mutating func `it is full when the limit is reached, and not when it was emptied`() throws {
        intake.receive(Array(repeating: 0, count: ResponseIntake.byteCountMax - 1))
        #expect(!intake.isFull)
        intake.receive([0])
        #expect(intake.isFull)
        _ = try chunk()
        #expect(!intake.isFull)
    }
}
