import COTLP

/// The memory of one message decoded by libprotobuf-c.
///
/// Pieces are handed out by moving a pointer and are given back all together in `deinit`; freeing a single piece does
/// nothing. A decoded message must not be used after its arena is gone.
@safe
struct Arena: ~Copyable {
    @safe
    private struct State {
        var chunks: [UnsafeMutableRawPointer] = unsafe []
        var next = 0
        var end = 0

        static let chunkSizeMin = 1 << 16
        static let alignment = MemoryLayout<UInt64>.alignment * 2

        mutating func allocate(_ size: Int) -> UnsafeMutableRawPointer? {
            let (rounded, overflow) = size.addingReportingOverflow(Self.alignment - 1)
            guard size >= 0, !overflow else { return nil }
            let needed = rounded & ~(Self.alignment - 1)
            if needed > end - next {
                let chunkSize = max(Self.chunkSizeMin, needed)
                unsafe chunks.append(.allocate(byteCount: chunkSize, alignment: Self.alignment))
                next = 0
                end = chunkSize
            }
            defer { next += needed }
            return unsafe chunks[chunks.count - 1] + next
        }
    }

    private let state: UnsafeMutablePointer<State>

    init() {
        unsafe state = .allocate(capacity: 1)
        unsafe state.initialize(to: State())
    }

    deinit {
        while let chunk = unsafe state.pointee.chunks.popLast() { unsafe chunk.deallocate() }
        unsafe state.deinitialize(count: 1)
        unsafe state.deallocate()
    }

    /// The arena as libprotobuf-c wants it. Valid as long as the arena.
    /// https://protobuf-c.github.io/protobuf-c/structProtobufCAllocator.html
    var allocator: ProtobufCAllocator {
        unsafe ProtobufCAllocator(
            alloc: { state, size in
                unsafe state?.assumingMemoryBound(to: State.self).pointee.allocate(size)
            },
            free: { _, _ in },
            allocator_data: state
        )
    }
}
