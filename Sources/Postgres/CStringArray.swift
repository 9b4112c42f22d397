import Glibc

/// Text as C wants a list of it: pointers to zero-terminated strings, the last one null.
@safe
struct CStringArray: ~Copyable {
    let pointers: UnsafeMutablePointer<UnsafePointer<CChar>?>
    private let count: Int

    init(_ strings: [String]) {
        count = strings.count
        unsafe pointers = .allocate(capacity: count + 1)
        unsafe pointers.initialize(repeating: nil, count: count + 1)
        for (index, string) in strings.enumerated() {
            unsafe pointers[index] = UnsafePointer(strdup(string))
        }
    }

    deinit {
        for index in 0..<count {
            unsafe free(UnsafeMutablePointer(mutating: pointers[index]))
        }
        unsafe pointers.deallocate()
    }
}
