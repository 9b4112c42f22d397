internal import CSodium

/// Memory for one secret: it is not swapped out, not in a core dump where the system can help it, and wiped when freed.
///
/// It is filled before anybody else sees it and never changes afterwards, so it may be read from any thread: that is why
/// it may be `@unchecked Sendable`.
///
/// https://doc.libsodium.org/memory_management
@safe
final class SecretBytes: @unchecked Sendable {
    let start: UnsafeMutablePointer<UInt8>

    /// - Throws: `outOfMemory`.
    init(count: Int) throws(SodiumError) {
        guard let memory = unsafe sodium_malloc(count) else { throw SodiumError(.outOfMemory) }
        unsafe start = memory.bindMemory(to: UInt8.self, capacity: count)
    }

    deinit {
        unsafe sodium_free(start)
    }
}
