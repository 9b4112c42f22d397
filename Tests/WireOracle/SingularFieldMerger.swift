import COTLP

/// Rewrites an encoded message so that every singular message field occurs at most once.
///
/// A field that occurs several times is to be merged, which is the same as parsing the joined contents:
/// https://protobuf.dev/programming-guides/encoding/#last-one-wins
/// libprotobuf-c 1.4.1 does that wrongly: a proto3 scalar missing in the later occurrence resets the earlier one, and
/// two empty messages that hold a `oneof` are refused. Joined beforehand, there is nothing left for it to merge.
struct SingularFieldMerger {
    /// Whether any field had to be joined.
    private(set) var hasMerged = false

    /// The bytes to give to libprotobuf-c instead of `request`; `request` itself when nothing occurs twice.
    /// Nil if the bytes are not well formed.
    static func merge(request: [UInt8]) -> [UInt8]? {
        var merger = SingularFieldMerger()
        let merged = unsafe withUnsafePointer(
            to: opentelemetry__proto__collector__trace__v1__export_trace_service_request__descriptor
        ) { descriptor in
            unsafe merger.merge(request[...], as: descriptor)
        }
        return merger.hasMerged ? merged : merged.map { _ in request }
    }

    private struct Joined {
        let number: UInt32
        let oneof: UInt32?
        var content: [UInt8]
    }

    /// Recurses once per nesting level, which the walker has limited.
    private mutating func merge(
        _ bytes: ArraySlice<UInt8>, as descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) -> [UInt8]? {
        var output: [UInt8] = []
        var joined: [Joined] = []
        var reader = FieldReader(bytes)
        while !reader.isAtEnd {
            guard let field = reader.next() else { return nil }
            let known = unsafe Self.field(field.number, of: descriptor)
            let oneof = unsafe known.flatMap(Self.oneof)
            if oneof != nil { joined.removeAll { $0.oneof == oneof && $0.number != field.number } }

            guard let known = unsafe known, let inner = unsafe Self.messageDescriptor(of: known) else {
                output += field.bytes
                continue
            }
            guard let content = field.content else { return nil }
            if unsafe known.label == PROTOBUF_C_LABEL_REPEATED {
                guard let merged = unsafe merge(content, as: inner) else { return nil }
                output.appendField(field.number, content: merged)
            } else if let index = joined.firstIndex(where: { $0.number == field.number }) {
                hasMerged = true
                joined[index].content += content
            } else {
                joined.append(Joined(number: field.number, oneof: oneof, content: Array(content)))
            }
        }
        for field in joined {
            guard let known = unsafe Self.field(field.number, of: descriptor),
                let inner = unsafe Self.messageDescriptor(of: known),
                let merged = unsafe merge(field.content[...], as: inner)
            else { return nil }
            output.appendField(field.number, content: merged)
        }
        return output
    }

    private static func field(
        _ number: UInt32, of descriptor: UnsafePointer<ProtobufCMessageDescriptor>
    ) -> ProtobufCFieldDescriptor? {
        let fields = unsafe UnsafeBufferPointer(
            start: descriptor.pointee.fields, count: Int(descriptor.pointee.n_fields))
        return unsafe fields.first { unsafe $0.id == number }
    }

    /// What names the `oneof` that the field belongs to: where the struct keeps the number of the member that is set.
    private static func oneof(of field: ProtobufCFieldDescriptor) -> UInt32? {
        unsafe field.flags & PROTOBUF_C_FIELD_FLAG_ONEOF.rawValue != 0 ? field.quantifier_offset : nil
    }

    private static func messageDescriptor(
        of field: ProtobufCFieldDescriptor
    ) -> UnsafePointer<ProtobufCMessageDescriptor>? {
        guard unsafe field.type == PROTOBUF_C_TYPE_MESSAGE else { return nil }
        return unsafe field.descriptor?.assumingMemoryBound(to: ProtobufCMessageDescriptor.self)
    }
}

extension [UInt8] {
    fileprivate mutating func appendField(_ number: UInt32, content: [UInt8]) {
        appendVarint(UInt64(number) << 3 | 2)
        appendVarint(UInt64(content.count))
        self += content
    }

    private mutating func appendVarint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(truncatingIfNeeded: rest))
    }
}
