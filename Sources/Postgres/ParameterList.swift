/// The parameters of a statement, laid out for libpq. All are in binary format.
struct ParameterList {
    let types: [PostgresType]
    private var content: [UInt8] = []
    /// Where each one begins; nil is null.
    private var offsets: [Int?] = []
    private var lengths: [Int32] = []

    init(_ values: [PostgresValue]) {
        types = values.map(\.type)
        for value in values {
            let offset = content.count
            value.append(to: &content)
            offsets.append(value == .null ? nil : offset)
            lengths.append(Int32(content.count - offset))
        }
        // An empty value needs an address too.
        content.append(0)
    }

    var count: Int32 { Int32(types.count) }

    typealias Pointers = UnsafePointer<UnsafePointer<CChar>?>
    typealias Numbers = UnsafePointer<Int32>

    /// Lends addresses, lengths and formats for the time of one call.
    @unsafe
    func withPointers<Result>(
        _ body: (_ values: Pointers?, _ lengths: Numbers?, _ formats: Numbers?) -> Result
    ) -> Result {
        let formats = [Int32](repeating: 1, count: types.count)
        return unsafe content.withUnsafeBytes { content in
            let values = unsafe offsets.map { offset in
                unsafe offset.flatMap {
                    unsafe content.baseAddress?.advanced(by: $0).assumingMemoryBound(to: CChar.self)
                }
            }
            return unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(values.baseAddress, lengths.baseAddress, formats.baseAddress)
                    }
                }
            }
        }
    }
}
