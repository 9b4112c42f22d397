internal import CSodium

/// Bytes that nobody can guess.
///
/// https://doc.libsodium.org/generating_random_data
package enum RandomBytes {
    /// As many fresh bytes as asked for, by one call of the system for up to 256 of them.
    ///
    /// - Throws: `unavailable`.
    package static func make(count: Int) throws(SodiumError) -> [UInt8] {
        try SodiumLibrary.makeReady()
        var bytes = [UInt8](repeating: 0, count: count)
        unsafe randombytes_buf(&bytes, bytes.count)
        return bytes
    }
}
