internal import CSodium

/// The library as a whole.
enum SodiumLibrary {
    /// Nothing may be called before this has succeeded once; afterwards everything may be, from any thread.
    ///
    /// https://doc.libsodium.org/usage
    private static let isReady = sodium_init() >= 0

    /// - Throws: `unavailable`.
    static func makeReady() throws(SodiumError) {
        guard isReady else { throw SodiumError(.unavailable) }
    }

    /// For what needs no randomness, and so works, only slower, where the library could not get ready.
    static func makeReadyIfPossible() {
        _ = isReady
    }
}
