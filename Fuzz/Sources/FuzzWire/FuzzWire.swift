import WireOracle

/// What libFuzzer calls with each input. https://llvm.org/docs/LibFuzzer.html#fuzz-target
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let bytes = unsafe [UInt8](UnsafeBufferPointer(start: start, count: count))
    if let disagreement = WireOracle.disagreement(on: bytes) {
        fatalError(disagreement)
    }
    return 0
}
