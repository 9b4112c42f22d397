import COTLP

/// Brings a decoded message into the form in which equal messages are equal bytes.
enum ComparableMessage {
    /// The message without what JSON can't carry: unknown fields, and which of the many NaNs a double is.
    ///
    /// The decoded message itself is changed.
    static func encode<Message>(_ message: UnsafeMutablePointer<Message>) -> [UInt8] {
        let raw = UnsafeMutableRawPointer(message)
        unsafe simplify(raw)
        let base = unsafe raw.assumingMemoryBound(to: ProtobufCMessage.self)
        let size = unsafe protobuf_c_message_get_packed_size(base)
        return unsafe [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            guard let start = buffer.baseAddress else { return }
            count = unsafe protobuf_c_message_pack(base, start)
        }
    }

    /// Recurses once per nesting level, which the walker has limited.
    private static func simplify(_ raw: UnsafeMutableRawPointer) {
        let message = unsafe raw.assumingMemoryBound(to: ProtobufCMessage.self)
        unsafe message.pointee.n_unknown_fields = 0
        guard let descriptor = unsafe message.pointee.descriptor else { return }
        let fields = unsafe UnsafeBufferPointer(
            start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
        for index in fields.indices {
            let field = unsafe fields[index]
            let quantifier = unsafe raw + Int(field.quantifier_offset)
            let isOneof = unsafe field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0
            if isOneof, unsafe quantifier.load(as: UInt32.self) != field.id { continue }

            if unsafe field.type == PROTOBUF_C_TYPE_MESSAGE {
                let isRepeated = unsafe field.label == PROTOBUF_C_LABEL_REPEATED
                let count = unsafe isRepeated ? quantifier.load(as: Int.self) : 1
                let slot = unsafe raw + Int(field.offset)
                let first = unsafe isRepeated ? slot.load(as: UnsafeMutableRawPointer?.self) : slot
                guard let first = unsafe first else { continue }
                let stride = unsafe MemoryLayout<UnsafeMutableRawPointer?>.stride
                for element in 0..<count {
                    let inner = unsafe first.load(
                        fromByteOffset: element * stride, as: UnsafeMutableRawPointer?.self)
                    if let inner = unsafe inner { unsafe simplify(inner) }
                }
            } else if unsafe field.type == PROTOBUF_C_TYPE_DOUBLE {
                let slot = unsafe raw + Int(field.offset)
                if unsafe slot.load(as: Double.self).isNaN { unsafe slot.storeBytes(of: .nan, as: Double.self) }
            }
        }
    }
}
