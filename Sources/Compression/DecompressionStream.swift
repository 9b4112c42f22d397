/// The library behind a content coding, until it fails: then only the error is kept.
enum DecompressionStream: ~Copyable {
    case zlib(ZlibStream)
    case zstd(ZstdStream)
    case failed(CompressionError)

    init(_ coding: ContentCoding) throws(CompressionError) {
        switch coding {
        case .gzip: self = .zlib(try ZlibStream(.gzip))
        case .deflate: self = .zlib(try ZlibStream(.zlib))
        case .zstd: self = .zstd(try ZstdStream())
        }
    }

    mutating func append(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) {
        do throws(CompressionError) {
            switch consume self {
            case .zlib(var stream):
                try stream.append(input, to: &output, within: &budget)
                self = .zlib(stream)
            case .zstd(var stream):
                try stream.append(input, to: &output, within: &budget)
                self = .zstd(stream)
            case .failed(let error):
                throw error
            }
        } catch {
            self = .failed(error)
            throw error
        }
    }

    mutating func finish() throws(CompressionError) {
        let isComplete =
            switch self {
            case .zlib(let stream): stream.isComplete
            case .zstd(let stream): stream.isComplete
            case .failed(let error): throw error
            }
        guard isComplete else {
            let error = CompressionError(.truncated)
            self = .failed(error)
            throw error
        }
    }
}
