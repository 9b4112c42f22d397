internal import CZlib

/// Owner of one zlib inflater (https://zlib.net/manual.html), for gzip members in a row or one zlib stream.
@safe
struct ZlibStream: ~Copyable {
    enum Format {
        case gzip, zlib

        /// 15 stands for the largest window, 32 KiB; 16 more asks for gzip's header and trailer.
        var windowBits: CInt {
            switch self {
            case .gzip: 15 + 16
            case .zlib: 15
            }
        }
    }

    private static let gzipFirstByte: UInt8 = 0x1F

    /// zlib keeps the address of this structure, so it must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let format: Format
    private var isInMember = false
    private var hasMembers = false

    init(_ format: Format) throws(CompressionError) {
        self.format = format
        unsafe stream = .allocate(capacity: 1)
        unsafe stream.initialize(to: z_stream())
        let code = unsafe inflateInit2_(
            stream, format.windowBits, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw CompressionError(code == Z_MEM_ERROR ? .outOfMemory : .libraryFailure) }
    }

    deinit {
        unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Whether the input could end here.
    var isComplete: Bool { hasMembers && !isInMember }

    mutating func append(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) {
        var offset = 0
        while offset < input.byteCount {
            let rest = input.extracting(droppingFirst: offset)
            if !isInMember {
                try beginMember(with: unsafe rest.unsafeLoad(as: UInt8.self))
            }
            offset += try inflateMember(rest, to: &output, within: &budget)
        }
    }

    /// What follows a gzip member is another one or nothing (https://www.rfc-editor.org/rfc/rfc1952#section-2.2); what
    /// follows a zlib stream is nothing.
    private mutating func beginMember(with firstByte: UInt8) throws(CompressionError) {
        if hasMembers {
            guard format == .gzip, firstByte == Self.gzipFirstByte else { throw CompressionError(.corrupt) }
            guard unsafe inflateReset(stream) == Z_OK else { throw CompressionError(.libraryFailure) }
        }
        isInMember = true
    }

    /// Inflates until the member ends or the input is used up, and returns how many bytes of it were used.
    private mutating func inflateMember(
        _ input: RawSpan, to output: inout [UInt8], within budget: inout OutputBudget
    ) throws(CompressionError) -> Int {
        let stream = unsafe self.stream
        return try unsafe input.withUnsafeBytes { buffer throws(CompressionError) in
            let offered = uInt(clamping: buffer.count)
            // The C field is not `const`, but zlib only reads there.
            unsafe stream.pointee.next_in = UnsafeMutablePointer(
                mutating: buffer.baseAddress?.assumingMemoryBound(to: UInt8.self))
            unsafe stream.pointee.avail_in = offered
            repeat {
                try unsafe budget.fill(&output) { room throws(CompressionError) in
                    try unsafe inflate(into: room)
                }
            } while unsafe isInMember && (stream.pointee.avail_in > 0 || stream.pointee.avail_out == 0)
            return unsafe Int(offered - stream.pointee.avail_in)
        }
    }

    /// One call of the library, which checks the trailing checksum and length when it reaches them. Returns how many
    /// bytes it wrote.
    private mutating func inflate(into room: UnsafeMutableBufferPointer<UInt8>) throws(CompressionError) -> Int {
        let offered = uInt(clamping: room.count)
        unsafe stream.pointee.next_out = room.baseAddress
        unsafe stream.pointee.avail_out = offered
        switch unsafe CZlib.inflate(stream, Z_NO_FLUSH) {
        case Z_OK:
            break
        case Z_BUF_ERROR where unsafe stream.pointee.avail_in == 0:
            // There was nothing left to do, which is no error.
            break
        case Z_STREAM_END:
            isInMember = false
            hasMembers = true
        case Z_DATA_ERROR, Z_NEED_DICT:
            throw CompressionError(.corrupt)
        case Z_MEM_ERROR:
            throw CompressionError(.outOfMemory)
        default:
            throw CompressionError(.libraryFailure)
        }
        return unsafe Int(offered - stream.pointee.avail_out)
    }
}
