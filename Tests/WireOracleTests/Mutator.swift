/// Damages files in ways that parsers get wrong. Equal seeds give equal mutations.
struct Mutator {
    private var generator: SplitMix64

    init(seed: UInt64) {
        generator = SplitMix64(state: seed)
    }

    /// One of the files after one to four mutations; `files` must not be empty.
    mutating func mutation(of files: [[UInt8]]) -> [UInt8] {
        var bytes = pick(files)
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            mutate(&bytes, files: files)
        }
        return bytes
    }

    private mutating func mutate(_ bytes: inout [UInt8], files: [[UInt8]]) {
        guard !bytes.isEmpty else {
            bytes = pick(files)
            return
        }
        let index = Int.random(in: bytes.indices, using: &generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0: bytes[index] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
        case 1: bytes[index] = .random(in: 0...255, using: &generator)
        case 2: bytes.removeSubrange(index...)
        case 3: bytes.remove(at: index)
        case 4: bytes.insert(contentsOf: piece(of: bytes), at: index)
        default:
            let other = pick(files)
            bytes = Array(bytes[..<index]) + other.suffix(Int.random(in: 0...other.count, using: &generator))
        }
    }

    private mutating func piece(of bytes: [UInt8]) -> ArraySlice<UInt8> {
        let start = Int.random(in: bytes.indices, using: &generator)
        return bytes[start...].prefix(Int.random(in: 1...32, using: &generator))
    }

    private mutating func pick(_ files: [[UInt8]]) -> [UInt8] {
        files[Int.random(in: files.indices, using: &generator)]
    }
}

/// A small random generator with a known seed. https://prng.di.unimi.it/splitmix64.c
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
